"""What each customer of a frame is worth: their margin over the horizon, by the column they pay by."""

from typing import Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats
from churnmodel.data.column_types import Kind, read_numbers
from churnmodel.value import Price

CHARGE_NAMES: Final = (
    "monthly_charge",
    "monthlycharges",
    "monthly_charges",
    "mrr",
    "arpu",
    "monthly_fee",
    "price",
)
"""Columns that usually hold what a customer pays a month, compared in lower case."""


def guess_charge_column(names: list[str]) -> str:
    """Find the column with the monthly charge; empty if there is none."""
    by_lower = {name.lower(): name for name in names}
    return next((by_lower[name] for name in CHARGE_NAMES if name in by_lower), "")


def customer_value(frame: pl.DataFrame, price: Price) -> Floats:
    """Give each customer's margin over the horizon; `flat_value` where the charge is missing."""
    name = price.charge_column or guess_charge_column(frame.columns)
    if name not in frame.columns:
        return np.full(frame.height, price.flat_value)
    charge = read_numbers(frame.get_column(name), Kind.NUMBER).to_numpy().astype(np.float64)
    worth = np.maximum(charge, 0.0) * price.margin * price.horizon_months
    return np.where(np.isnan(worth), price.flat_value, worth)

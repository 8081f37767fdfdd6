"""The time between two dates of a row, as a number of its own: how long ago, how far ahead.

Two dates say little about a customer; the days between them are a tenure, a notice, a wait. No model of one
column at a time can take a difference, so it is taken for them.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import polars as pl

from churnmodel.data.column_types import Kind, read_numbers

MOST_DATES: Final = 6
"""Dates of a file, the first ones, whose pairs are looked at: fifteen pairs at most."""

FEWEST_KNOWN: Final = 0.02
"""Share of rows in which both dates are known, for their difference to be worth a column."""


def spans(dates: Mapping[str, pl.Series]) -> dict[str, tuple[str, str]]:
    """Name the spans between these date columns: name -> (later, earlier), where there are several values."""
    days = {
        name: read_numbers(column, Kind.DATE).to_numpy().astype(np.float64)
        for name, column in list(dates.items())[:MOST_DATES]
    }
    found = {}
    for first, second in combinations(days, 2):
        between = days[first] - days[second]
        known = between[~np.isnan(between)]
        if known.size < max(1.0, FEWEST_KNOWN * len(between)) or np.ptp(known) == 0:
            continue
        later, earlier = (first, second) if np.median(known) >= 0 else (second, first)
        found[f"{later} - {earlier}"] = (later, earlier)
    return found


def column_of(frame: pl.DataFrame, name: str, of: Sequence[str]) -> pl.Series | None:
    """Give a column of the frame, or the days between the dates that `of` names; None if one is absent."""
    if not of:
        return frame.get_column(name) if name in frame.columns else None
    if not set(of) <= set(frame.columns):
        return None
    later, earlier = (read_numbers(frame.get_column(date), Kind.DATE) for date in of)
    return (later - earlier).alias(name)

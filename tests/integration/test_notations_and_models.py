"""The same customers, written as one house writes and as another, give the same model."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from churnmodel.synthetic_customers import make_customers
from dialer.bootstrap import open_app
from dialer.core.importing.mapping import Given
from dialer.services.analytics.training import train_model
from dialer.services.customers.imports import import_customers, plan_import
from dialer.settings import Settings

PEOPLE = 1_500
TODAY = date(2026, 11, 28)
SPREADSHEETS_ZERO = date(1899, 12, 30)

pytestmark = pytest.mark.slow


def customers() -> pl.DataFrame:
    """Made customers, whose contract ends on a day, with amounts from a thousand on."""
    frame = make_customers(PEOPLE, 11)
    ends = [None if days is None else TODAY + timedelta(days=days) for days in frame["days_to_contract_end"]]
    return frame.with_columns(
        pl.Series("contract_end_date", ends, pl.Date), monthly_charge=pl.col("monthly_charge") * 40
    ).drop("days_to_contract_end")


def decimal_comma(value: float | None, mark: str = "") -> str:
    return "" if value is None else f"{value:,.2f}{mark}".translate(str.maketrans(",.", ".,"))


def continental(day: date | None, place: int) -> str:
    """A day as people write it, and in every other row as a spreadsheet counts it."""
    if day is None:
        return ""
    return f"{day:%d.%m.%Y}" if place % 2 else str((day - SPREADSHEETS_ZERO).days)


def auc_of(folder: Path, file: Path) -> float:
    with open_app(Settings(data_dir=folder, log_level="error")) as app:
        plan = plan_import(file, Given(phones=("none",)), region="GB", fictional=True)
        report = import_customers(app.database, plan, app.clock(), region="GB")
        assert report.good == PEOPLE
        trained = train_model(app.database, folder, app.clock(), quick=True, seed=3)
    return float(trained.figures["roc_auc"])


def test_a_model_does_not_depend_on_how_its_file_was_written(tmp_path: Path) -> None:
    frame = customers()
    plain = tmp_path / "plain.csv"
    frame.write_csv(plain)
    other = tmp_path / "other.csv"
    frame.with_columns(
        pl.Series("monthly_charge", [decimal_comma(value, " kr") for value in frame["monthly_charge"]]),
        pl.Series("usage_trend", [decimal_comma(value, " %") for value in frame["usage_trend"]]),
        pl.Series(
            "contract_end_date",
            [continental(day, place) for place, day in enumerate(frame["contract_end_date"])],
        ),
    ).write_csv(other, separator=";")

    assert auc_of(tmp_path / "a", plain) == pytest.approx(auc_of(tmp_path / "b", other), abs=0.005)

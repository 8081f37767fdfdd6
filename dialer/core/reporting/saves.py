"""What calling saved, by campaign, in customers and in money, each with its interval."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dialer.core.reporting.columns import ReportColumn, ReportTable, Unit

TITLE: Final = "Saves"
SAYS: Final = (
    "What calling changed against the hold-out of each campaign, sixty days after it began: customers kept, "
    "and value kept less cost. Read at night; a campaign of fewer than sixty days has no figures yet."
)


def _column(name: str, unit: Unit, means: str) -> ReportColumn:
    return ReportColumn(name=name, title=name.replace("_", " ").capitalize(), unit=unit, means=means)


COLUMNS: Final = (
    _column("campaign", Unit.NAME, "its name"),
    _column("called", Unit.COUNT, "customers who were to be called, whose fate is known"),
    _column("held_out", Unit.COUNT, "customers left uncalled by chance, whose fate is known"),
    _column("kept", Unit.SHARE, "share of customers kept by calling; below 0 it drives away"),
    _column("kept_low", Unit.SHARE, "lower bound, 95 %, that holds at every look"),
    _column("kept_high", Unit.SHARE, "upper bound"),
    _column("saves", Unit.COUNT, "customers kept: kept by called"),
    _column("money", Unit.MONEY, "value kept less the cost of calls and offers, for all called"),
    _column("money_low", Unit.MONEY, "lower bound"),
    _column("money_high", Unit.MONEY, "upper bound"),
    _column("why_not", Unit.NAME, "why there are no figures"),
)


def saves_table(rows: Iterable[Mapping[str, Any]]) -> ReportTable:
    """The table of what was measured last."""
    cells = tuple(tuple(row.get(column.name) for column in COLUMNS) for row in rows)
    return ReportTable(name="saves", title=TITLE, columns=COLUMNS, rows=cells)

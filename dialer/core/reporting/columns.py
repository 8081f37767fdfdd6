"""A table of figures: columns that say what they are and in which unit, and rows under them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Cell = str | int | float | date | datetime | None


class Unit(StrEnum):
    """In what a column is measured."""

    NAME = "name"
    DAY = "day"
    MOMENT = "moment, UTC"
    COUNT = "count"
    SHARE = "share"  # 0 to 1
    SECONDS = "seconds"
    MONEY = "money"  # the operator's currency
    POINTS = "points"  # -100 to 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumn:
    """One column; `name` is the same in the API, in files and in the docs, `title` is what people read."""

    name: str
    title: str
    unit: Unit
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """Rows of figures, each as long as `columns`; None where there is no figure.

    `total` is how many rows the whole report has, where these are a part of it.
    """

    name: str
    title: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int | None = None

    def as_dicts(self) -> list[dict[str, Cell]]:
        """The rows by the columns' names."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

"""Reports that are counted day by day: what is counted, and how days are put together.

Only sums are kept of a day. A share or a mean is made of two sums at the end, so that a week's is the week's
and not a mean of its days.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from dialer.core.reporting.columns import Cell, ReportColumn, ReportTable, Unit


class Grouping(StrEnum):
    """What one row is of."""

    DAY = "day"
    WEEK = "week"  # that begins on a Monday
    MONTH = "month"
    ALL = "all"  # the whole period


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioColumn:
    """A column made of two sums; empty where there is nothing to divide by."""

    column: ReportColumn
    over: str
    under: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaColumn:
    """A column made of a row's sums by a formula; None where it says nothing."""

    column: ReportColumn
    of: Callable[[Mapping[str, float]], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """A report: by which names it counts, what it counts, and what follows from that.

    `settles` is how long after a day its figures may still change.
    """

    name: str
    title: str
    says: str
    keys: tuple[ReportColumn, ...]
    counts: tuple[ReportColumn, ...]
    ratios: tuple[RatioColumn, ...] = ()
    made: tuple[FormulaColumn, ...] = ()
    settles: timedelta = timedelta(0)

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """All columns of its table, the first day of a row's time in front."""
        shares = (ratio.column for ratio in self.ratios)
        return FROM, *self.keys, *self.counts, *shares, *(each.column for each in self.made)


class RowPart(NamedTuple):
    """Some of a table's rows; `most` None: all that follow."""

    skip: int = 0
    most: int | None = None


ALL_ROWS: Final = RowPart()
FROM = ReportColumn(name="from", title="From", unit=Unit.DAY, means="the first day that the row is of")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """What was counted of one combination of names on one day."""

    day: date
    keys: tuple[str, ...]
    counts: tuple[float, ...]


def add_up(
    report: DayReport, lines: Iterable[DayLine], first: date, grouping: Grouping, rows: RowPart = ALL_ROWS
) -> ReportTable:
    """The table, the latest first: one row for each stretch of days and combination of names.

    `first` is the first day asked for: no row begins before it. Only the rows that are asked for are made.
    """
    sums: dict[tuple[date, tuple[str, ...]], list[float]] = {}
    for line in lines:
        place = max(first, _beginning(line.day, first, grouping)), line.keys
        before = sums.setdefault(place, [0.0] * len(report.counts))
        for number, count in enumerate(line.counts):
            before[number] += count
    order = sorted(sums, key=lambda place: (-place[0].toordinal(), place[1]))
    end = None if rows.most is None else rows.skip + rows.most
    made = tuple((day, *keys, *_figures(report, sums[day, keys])) for day, keys in order[rows.skip : end])
    return ReportTable(
        name=report.name, title=report.title, columns=report.columns, rows=made, total=len(order)
    )


def _beginning(day: date, first: date, grouping: Grouping) -> date:
    match grouping:
        case Grouping.DAY:
            return day
        case Grouping.WEEK:
            return day - timedelta(days=day.weekday())
        case Grouping.MONTH:
            return day.replace(day=1)
        case Grouping.ALL:
            return first


def _figures(report: DayReport, sums: Sequence[float]) -> tuple[Cell, ...]:
    by_name = {column.name: total for column, total in zip(report.counts, sums, strict=True)}
    plain = (
        int(total) if column.unit is Unit.COUNT else total
        for column, total in zip(report.counts, sums, strict=True)
    )
    made = (
        by_name[ratio.over] / by_name[ratio.under] if by_name[ratio.under] else None
        for ratio in report.ratios
    )
    return *plain, *made, *(each.of(by_name) for each in report.made)

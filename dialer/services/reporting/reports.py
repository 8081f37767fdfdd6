"""The reports by name: one answer for pages, the API, commands, files and mails.

What was counted of a day is kept once a night (`kept_days`), so that a month costs thirty rows however many
calls there were. Today, and a day that nobody has kept, is counted when it is asked for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer.core.agents.my_day import RESOLVED_AFTER
from dialer.core.reporting import abandonment, saves
from dialer.core.reporting.abandonment import judge_windows
from dialer.core.reporting.catalogue import AGENTS, CONTACTS, DAY_REPORTS, RESOLUTION
from dialer.core.reporting.columns import ReportTable
from dialer.core.reporting.day_report import ALL_ROWS, DayLine, DayReport, Grouping, RowPart, add_up
from dialer.core.reporting.saves import saves_table
from dialer.db.queries import audit, report_days
from dialer.db.session import Database, Transaction

DAYS_SHOWN: Final = 7  # where nothing is asked for
MOST_DAYS: Final = 400  # a year and a month: more rows than anybody reads


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCard:
    """A report as lists of reports show it."""

    name: str
    title: str
    says: str


#: reports that are no sums of days
OTHERS: Final[Mapping[str, ReportCard]] = {
    "abandonment": ReportCard(name="abandonment", title=abandonment.TITLE, says=abandonment.SAYS),
    "saves": ReportCard(name="saves", title=saves.TITLE, says=saves.SAYS),
}
REPORTS: Final[Mapping[str, ReportCard]] = {
    **{
        each.name: ReportCard(name=each.name, title=each.title, says=each.says)
        for each in DAY_REPORTS.values()
    },
    **OTHERS,
}


class ReportRefused(ValueError):
    """No such report, or no such days; the message says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAsked:
    """Which report of which days, on the centre's clock; `agents` None: of everybody.

    `rows`: which of its rows, the latest first, where it is counted by days; the others are always whole.
    """

    name: str
    first: date
    last: date
    grouping: Grouping = Grouping.DAY
    agents: Collection[str] | None = None
    rows: RowPart = ALL_ROWS


def days_or_latest(first: date | None, last: date | None, zone: str, now: datetime) -> tuple[date, date]:
    """The days asked for; the last week where none are named."""
    until = last or now.astimezone(ZoneInfo(zone)).date()
    return first or until - timedelta(days=DAYS_SHOWN - 1), until


def read_report(database: Database, asked: ReportAsked, zone: str, now: datetime) -> ReportTable:
    """The report as it stands. Raises `ReportRefused`."""
    with database.read() as tx:
        return report_in(tx, asked, zone, now.astimezone(ZoneInfo(zone)).date())


def report_in(tx: Transaction, asked: ReportAsked, zone: str, today: date) -> ReportTable:
    """The same within a transaction, on the day `today` of the centre's clock. Raises `ReportRefused`."""
    if asked.name not in REPORTS:
        raise ReportRefused(f"There is no report {asked.name!r}; there are {', '.join(REPORTS)}.")
    if asked.last < asked.first:
        raise ReportRefused("The last day is before the first.")
    if asked.last - asked.first > timedelta(days=MOST_DAYS):
        raise ReportRefused(f"These are more than {MOST_DAYS} days: ask for fewer at a time.")
    if asked.name == "saves":
        return saves_table(report_days.newest(tx, "saves", asked.last))
    if asked.name == "abandonment":
        lines = read_lines(tx, CONTACTS, asked.last - abandonment.LONGEST, asked.last, zone=zone, today=today)
        counts = [column.name for column in CONTACTS.counts]
        return judge_windows(lines, asked.last, counts.index("answered"), counts.index("abandoned"))
    report, last = DAY_REPORTS[asked.name], asked.last
    if report is RESOLUTION:
        last = min(last, today - RESOLVED_AFTER - timedelta(days=1))
    lines = read_lines(tx, report, asked.first, last, zone=zone, today=today)
    if report is AGENTS and asked.agents is not None:
        lines = [line for line in lines if line.keys[0] in asked.agents]
    return add_up(report, lines, asked.first, asked.grouping, asked.rows)


def note_taken_away(database: Database, asked: ReportAsked, rows: int, *, by: str, now: datetime) -> None:
    """Write down that a report leaves as a file; what cannot be written down does not leave."""
    said = {"from": asked.first.isoformat(), "to": asked.last.isoformat(), "rows": rows}
    with database.write() as tx:
        audit.add(tx, now, by, "report.taken-away", asked.name, said)


def read_lines(
    tx: Transaction, report: DayReport, first: date, last: date, *, zone: str, today: date
) -> list[DayLine]:
    """What was counted on each of these days: as it is kept, or else counted now."""
    kept = report_days.kept(tx, report.name, first, min(last, today - timedelta(days=1)))
    found = [line for lines in kept.values() for line in lines]
    for number in range((min(last, today) - first).days + 1):
        day = first + timedelta(days=number)
        if day not in kept:
            found += count_day(tx, report, day, zone)
    return found


def count_day(tx: Transaction, report: DayReport, day: date, zone: str) -> list[DayLine]:
    """What the tables say of one day on the clock of `zone`."""
    clock = ZoneInfo(zone)
    since = datetime.combine(day, time(), tzinfo=clock)
    until = datetime.combine(day + timedelta(days=1), time(), tzinfo=clock)
    read = report_days.READ_DAY[report.name]
    return [DayLine(day=day, keys=keys, counts=counts) for keys, counts in read(tx, since, until)]

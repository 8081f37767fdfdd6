"""Abandonment over the windows that authorities look at, by campaign, against their limits.

Sources: United States, 16 CFR 310.4(b)(4)(i): at most 3 % of calls answered by a person, for each campaign,
over a 30-day period. United Kingdom, Ofcom, "Persistent misuse: a statement of policy" (2016): from 3 % of
live calls in a day of 24 hours on a campaign is misuse that it may act on first. Canada, CRTC Unsolicited
Telecommunications Rules, part IV, 26: at most 5 % in a calendar month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dialer.core.dashboard.standing import LimitStanding, judge
from dialer.core.pacing.explanation import upper_share
from dialer.core.reporting.columns import ReportColumn, ReportTable, Unit
from dialer.core.reporting.day_report import DayLine

TITLE: Final = "Abandonment by legal window"
SAYS: Final = (
    "Calls that a person answered and no agent took within two seconds, of all that a person answered, over "
    "the windows that authorities look at."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalWindow:
    """A stretch of days that ends with the last one asked for; `days` 0: its calendar month so far."""

    name: str
    days: int
    limit: float

    def begins(self, last: date) -> date:
        """Its first day."""
        return last - timedelta(days=self.days - 1) if self.days else last.replace(day=1)


WINDOWS: Final = (
    LegalWindow(name="day (GB)", days=1, limit=0.03),
    LegalWindow(name="30 days (US)", days=30, limit=0.03),
    LegalWindow(name="month (CA)", days=0, limit=0.05),
)
LONGEST: Final = timedelta(days=31)
COLUMNS: Final = (
    ReportColumn(name="campaign", title="Campaign", unit=Unit.NAME, means="its name"),
    ReportColumn(name="window", title="Window", unit=Unit.NAME, means="whose law it is, and how long it is"),
    ReportColumn(name="from", title="From", unit=Unit.DAY, means="the window's first day"),
    ReportColumn(name="answered", title="Answered", unit=Unit.COUNT, means="calls that a person answered"),
    ReportColumn(
        name="abandoned", title="Abandoned", unit=Unit.COUNT, means="of them, without an agent in time"
    ),
    ReportColumn(name="share", title="Share", unit=Unit.SHARE, means="abandoned of answered"),
    ReportColumn(
        name="at_most",
        title="At most",
        unit=Unit.SHARE,
        means="upper end of the one-sided 95 % Wilson interval: what chance alone may hide",
    ),
    ReportColumn(name="limit", title="Limit", unit=Unit.SHARE, means="what the law allows"),
    ReportColumn(name="standing", title="Standing", unit=Unit.NAME, means="within, near or over the limit"),
)


def judge_windows(lines: Iterable[DayLine], last: date, answered: int, abandoned: int) -> ReportTable:
    """Each campaign in each window; `answered` and `abandoned` say where these stand in a line's counts."""
    known = [line for line in lines if line.counts[answered] or line.counts[abandoned]]
    rows = []
    for campaign in sorted({line.keys[0] for line in known}):
        theirs = [line for line in known if line.keys[0] == campaign]
        for window in WINDOWS:
            first = window.begins(last)
            days = [line for line in theirs if first <= line.day <= last]
            of = int(sum(line.counts[answered] for line in days))
            alone = int(sum(line.counts[abandoned] for line in days))
            share = alone / of if of else None
            at_most = upper_share(alone, of) if of else None
            standing = judge(share, window.limit)
            rows.append(
                (campaign, window.name, first, of, alone, share, at_most, window.limit, standing.value)
            )
    return ReportTable(name="abandonment", title=TITLE, columns=COLUMNS, rows=tuple(rows))


def worst(table: ReportTable) -> LimitStanding:
    """The worst standing in a table of windows."""
    order = list(LimitStanding)
    found = (LimitStanding(str(row[-1])) for row in table.rows)
    return max(found, key=order.index, default=LimitStanding.UNKNOWN)

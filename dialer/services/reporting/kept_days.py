"""Figures of days that are over, counted once and kept: they outlive the calls they were counted from."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer.core.reporting.catalogue import DAY_REPORTS
from dialer.db.queries import report_days
from dialer.db.session import Database
from dialer.services.reporting.reports import count_day

#: days that are looked at every night: a centre that was without a worker for a month loses none
LOOKED_BACK: Final = timedelta(days=35)


def keep_days(database: Database, zone: str, now: datetime) -> int:
    """Keep the figures of each day that nobody has kept, and anew those that may still have changed.

    One day of one report is one transaction, so that nothing is held up. Gives how many were counted.
    """
    today, counted = now.astimezone(ZoneInfo(zone)).date(), 0
    for report in DAY_REPORTS.values():
        first = today - LOOKED_BACK
        with database.read() as tx:
            kept = report_days.days_kept(tx, report.name, first)
        for number in range(LOOKED_BACK.days):
            day = first + timedelta(days=number)
            if day in kept and today - day > report.settles:
                continue
            with database.read() as tx:
                lines = count_day(tx, report, day, zone)
            with database.write() as tx:
                report_days.keep(tx, report.name, day, lines, now)
            counted += 1
    return counted

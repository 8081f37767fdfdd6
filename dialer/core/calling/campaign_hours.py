"""When a campaign calls: its own days, hours, first and last day, on the centre's clock.

They stand beside the law's hours at the customer's place, which hold in any case.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from callbacks.refusals import Rule
from dialer.core.compliance.check import Verdict
from dialer.core.compliance.windows import CallingWindow, Hours, LocalClock, next_opening, read_hours, zone_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignHours:
    """`windows` as people write them, empty: at any hour; both days are calling days."""

    windows: str = ""
    starts_on: date | None = None
    ends_on: date | None = None

    def verdict(self, zone: str, now: datetime, *, agreed: bool = False) -> Verdict:
        """Whether a call of this campaign has to wait, and until when; None: it is over.

        A call that was agreed with the customer is made at its time: a word given goes before a plan.
        """
        if agreed:
            return Verdict(Rule.CAMPAIGN_OUTSIDE_HOURS, refuses=False)
        today = now.astimezone(zone_of(zone)).date()
        if self.ends_on is not None and today > self.ends_on:
            return Verdict(Rule.CAMPAIGN_OUTSIDE_HOURS, refuses=True)
        begun = now
        if self.starts_on is not None and today < self.starts_on:
            begun = datetime.combine(self.starts_on, time(), tzinfo=zone_of(zone)).astimezone(UTC)
        clock = _clock(self.windows, zone) if self.windows else None
        if begun == now and (clock is None or clock.refusal(now) is None):
            return Verdict(Rule.CAMPAIGN_OUTSIDE_HOURS, refuses=False)
        # the moment before, so that a day that begins inside a window is found
        first = begun if clock is None else next_opening((clock,), begun - timedelta(seconds=1))
        if first is not None and self.ends_on is not None:
            first = None if first.astimezone(zone_of(zone)).date() > self.ends_on else first
        return Verdict(Rule.CAMPAIGN_OUTSIDE_HOURS, refuses=True, until=first)


@lru_cache(maxsize=256)  # asked of every lead
def _windows(text: str) -> tuple[CallingWindow, ...]:
    return read_hours(text)


def _clock(text: str, zone: str) -> LocalClock:
    return LocalClock(zone=zone, hours=Hours(windows=_windows(text)))

"""What became of live callers, by queue and day: how many were served, how soon, and how many gave up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

SOON_S: Final = 20.0  # the usual promise of a centre is "80 % within 20 s"
SHORT_S: Final = 5.0  # who hangs up sooner has dialled wrongly, and is left out of the service level


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerStory:
    """One live caller's call as the book has it; times are None where they never came."""

    queue: str
    joined_at: datetime
    left_at: datetime | None
    connected_at: datetime | None
    abandoned: bool
    promised: bool  # a call back, in this call
    talk_s: float | None

    @property
    def waited_s(self) -> float | None:
        """Until the agent, or until the caller had left; None while they wait."""
        over = self.connected_at or self.left_at
        return max(0.0, (over - self.joined_at).total_seconds()) if over is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundLine:
    """One queue on one day; seconds. Callers = served + gave up + promised + left otherwise + waiting."""

    day: date
    queue: str
    callers: int
    served: int
    gave_up: int
    promised: int
    left_otherwise: int
    waiting: int
    service_level: float | None
    wait_mean_s: float | None
    wait_p95_s: float | None
    talk_mean_s: float | None


def report_inbound(
    calls: Iterable[CallerStory], zone: ZoneInfo, *, soon_s: float = SOON_S
) -> tuple[InboundLine, ...]:
    """One line for each day and queue, the oldest day first; a call is of the day on which it began.

    The service level is the share served within `soon_s` of those who were served or gave up, without those
    who gave up within five seconds. The waits are those of callers who were served.
    """
    by_day: dict[tuple[date, str], list[CallerStory]] = defaultdict(list)
    for call in calls:
        by_day[call.joined_at.astimezone(zone).date(), call.queue].append(call)
    return tuple(_line(day, queue, of_day, soon_s) for (day, queue), of_day in sorted(by_day.items()))


def _line(day: date, queue: str, calls: list[CallerStory], soon_s: float) -> InboundLine:
    served = [call for call in calls if call.connected_at is not None]
    others = [call for call in calls if call.connected_at is None]
    promised = sum(call.promised for call in others)
    gave_up = [call for call in others if not call.promised and call.abandoned]
    waiting = sum(not call.promised and not call.abandoned and call.left_at is None for call in others)
    waits = sorted(call.waited_s or 0.0 for call in served)
    talks = [call.talk_s for call in served if call.talk_s is not None]
    counted = len(served) + sum((call.waited_s or 0.0) >= SHORT_S for call in gave_up)
    return InboundLine(
        day=day,
        queue=queue,
        callers=len(calls),
        served=len(served),
        gave_up=len(gave_up),
        promised=promised,
        left_otherwise=len(others) - promised - len(gave_up) - waiting,
        waiting=waiting,
        service_level=sum(wait <= soon_s for wait in waits) / counted if counted else None,
        wait_mean_s=_mean(waits),
        wait_p95_s=waits[int(0.95 * (len(waits) - 1))] if waits else None,
        talk_mean_s=_mean(talks),
    )


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None

"""How long a caller will wait, from the pace at which the queue has been moving.

With D the mean time between two departures from the queue (answered or given up), the person of rank
r waits r·D on average: the queue-length estimator of Ibrahim and Whitt, "Real-time delay estimation
in call centers" (Winter Simulation Conference, 2008). Asterisk's own `Holdtime` is not used: it is a
running mean over answered calls that ignores how many are in front.

Only a gap during which somebody waited says how fast the queue moves: where nobody waits, people leave as
seldom as they ring in. A gap counts with the agents who were at work in it, so that the pace follows the
staff: half the agents, twice the gap.

Departures of a busy queue come close to a Poisson stream, so the wait of rank r is the sum of r
exponential gaps whose mean was itself measured on n gaps; wait / (r·D) then follows Fisher's F with
(2r, 2n) degrees of freedom. Its quantiles are taken by Paulson's approximation ("An approximate
normalization of the analysis of variance distribution", 1942), which needs no tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, sqrt
from statistics import NormalDist
from typing import Final, Literal

WINDOW: Final = timedelta(minutes=30)  # older departures say nothing of the present staffing
MOST_DEPARTURES: Final = 50  # enough for D within ±28 % (95 %); more would only be slower to notice a change
FEWEST_GAPS: Final = 5  # with fewer, the number of agents is the better guide
LEAST_GAP_S: Final = 0.1  # no queue moves faster
PLAN_GAPS: Final = 10  # a plan is trusted as if this many gaps had been measured
STEP_MIN: Final = 5  # a window is said in steps people say themselves, minutes
LOW, MIDDLE, HIGH = 0.2, 0.5, 0.8  # of the quoted window: one in five is called before, one after it


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureGap:
    """The seconds from one departure to the next while somebody waited, and the agents then at work."""

    ended_at: datetime
    seconds: float
    agents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The mean time between two departures, seconds, and on how many gaps that rests."""

    gap_s: float
    gaps: int
    basis: Literal["measured", "planned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One person's wait, seconds: quantiles of what may happen, not one number."""

    low_s: float
    middle_s: float
    high_s: float
    basis: Literal["measured", "planned", "history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitWindow:
    """What the caller is told: between `from_min` and `to_min` minutes from now."""

    from_min: int
    to_min: int


def measure_pace(
    gaps: Sequence[DepartureGap], now: datetime, *, agents: int, waiting_since: datetime | None = None
) -> Pace | None:
    """The pace that `agents` keep, by the last half hour or the last fifty gaps; None where too few to say.

    `gaps` come in any order; those that end after `now` are ignored. `waiting_since` is when the gap under
    way began, if there is one: it counts once it is longer than the mean, since a queue that has stopped is
    not fast.
    """
    recent = sorted(
        (gap for gap in gaps if now - WINDOW <= gap.ended_at <= now and gap.agents > 0),
        key=lambda gap: gap.ended_at,
    )[-MOST_DEPARTURES:]
    if agents <= 0 or len(recent) < FEWEST_GAPS:
        return None
    work_s = [gap.seconds * gap.agents for gap in recent]  # of agents, for one departure
    mean_s = sum(work_s) / len(work_s)
    stalled_s = (now - waiting_since).total_seconds() * agents if waiting_since is not None else 0.0
    if stalled_s > mean_s:
        mean_s = (sum(work_s) + stalled_s) / (len(work_s) + 1)
    return Pace(gap_s=max(mean_s / agents, LEAST_GAP_S), gaps=len(recent), basis="measured")


def plan_pace(agents: int, handle_s: float) -> Pace | None:
    """The pace that `agents` who each need `handle_s` seconds a call would keep; None without agents."""
    if agents <= 0 or handle_s <= 0:
        return None
    return Pace(gap_s=handle_s / agents, gaps=PLAN_GAPS, basis="planned")


def estimate_wait(pace: Pace, rank: int) -> Wait:
    """The wait of the person of `rank` (1 is next) at this pace."""
    if rank < 1:
        raise ValueError(f"the next person has rank 1, not {rank}")
    mean_s = rank * pace.gap_s

    def at(share: float) -> float:
        return mean_s * f_quantile(share, 2 * rank, 2 * pace.gaps)

    return Wait(low_s=at(LOW), middle_s=at(MIDDLE), high_s=at(HIGH), basis=pace.basis)


def quote(wait: Wait) -> WaitWindow:
    """The window to say: lower end rounded down, upper end up, in steps of five minutes."""
    low = floor(wait.low_s / 60 / STEP_MIN) * STEP_MIN
    high = ceil(wait.high_s / 60 / STEP_MIN) * STEP_MIN
    return WaitWindow(from_min=low, to_min=max(high, low + STEP_MIN))


def f_quantile(share: float, first: int, second: int) -> float:
    """The `share` quantile of Fisher's F by Paulson's approximation; within 1.5 % for the shares used here.

    Paulson: with a = 2/(9·second), b = 2/(9·first) and y the cube root of F,
    ((1-a)·y - (1-b)) / √(a·y² + b) is close to standard normal. Solved for y. `second` must be at
    least 10, which `FEWEST_GAPS` grants.
    """
    z = NormalDist().inv_cdf(share)
    a, b = 2 / (9 * second), 2 / (9 * first)
    square, half, rest = (1 - a) ** 2 - z * z * a, (1 - a) * (1 - b), (1 - b) ** 2 - z * z * b
    root = sqrt(max(0.0, half * half - square * rest))
    y = (half + root if z >= 0 else half - root) / square
    return float(max(0.0, y) ** 3)

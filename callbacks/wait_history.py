"""Which way of telling a wait is the right one here: each is scored on what became of what it said.

Four ways compete: how many are in front times the mean time between two departures, how long the first in
line has waited by now, how long the one had waited who was served last (Ibrahim and Whitt, "Real-time delay
estimation based on delay history", 2009), and how many are in front for each agent at work. None of them
knows how this queue differs from the model behind it, so what is told is the guess times ratios of waits to
guesses that were seen, at the guesses most like this one: their median, and a window that holds eight in
ten. The way with the least quantile loss in this hour of the day is in use.

The waits of one day are alike, so a window is learned from many days, and what it would have said is judged
by what was known when it was said: those who stood in front of a caller had not been called then either.
Staff and callers change from month to month too, so its ends move outwards while more waits than meant are
earlier, or later, than what was said, and back when fewer are (adaptive conformal inference: Gibbs and
Candes, 2021).
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Final, NamedTuple

from callbacks.wait_estimate import HIGH, LOW, MIDDLE, Pace, Wait, quote

REMEMBERED: Final = 6000  # waits; a week of a busy queue, so that days may differ; a second's work to learn
FEWEST_WAITS: Final = 40  # before, the model behind the queue's length is the better guide
ALIKE: Final = 400  # the guesses most like this one; fewer would be those of one or two days, all alike
JUDGED: Final = 400  # waits by which a method is compared with the others
FEWEST_OF_HOUR: Final = 20  # in one hour of the day; with fewer, all hours choose together
CHOSEN_FOR: Final = 10  # waits; a choice looked up at every one would flicker
OUTER: Final = 0.08  # of waits are meant to be earlier than what is said, and as many later
STEP: Final = 0.002  # of a share, after each wait: weeks are followed, one bad day is not
WIDEST: Final = 0.04  # beyond it lie only accidents
LEAST_GUESS_S: Final = 10.0  # a ratio to less says nothing


class WaitMethod(StrEnum):
    """A way of telling a wait."""

    QUEUE_LENGTH = "queue_length"  # how many are in front, times the time between two departures
    HEAD_OF_LINE = "head_of_line"  # how long the first in line has waited by now
    LAST_SERVED = "last_served"  # how long the one had waited who was served last
    STAFFING = "staffing"  # how many are in front, times a call's length over the agents at work


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSight:
    """What a queue shows at the moment somebody asks; `hour` is 0 to 23 on the centre's clock."""

    hour: int
    rank: int
    pace: Pace | None
    planned: Pace | None = None  # that the agents at work would keep
    head_waited_s: float | None = None
    last_waited_s: float | None = None


Guesses = Mapping[WaitMethod, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWait:
    """What each method had guessed, and how long it was until the call."""

    asked_at: datetime
    hour: int
    guesses: Guesses
    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodScore:
    """One method on this queue's own waits: its mean quantile loss, and on how many that rests.

    Each wait is judged by what would have been told of it before it was known.
    `coverage` is the share of waits inside what would have been said, `width_s` the mean width of that, and
    `bias` the mean of the median minus the wait over the mean wait.
    """

    method: WaitMethod
    loss_s: float
    waits: int
    coverage: float
    bias: float
    width_s: float


def guess_waits(sight: QueueSight) -> dict[WaitMethod, float]:
    """What each method that can tell says, seconds."""
    guesses: dict[WaitMethod, float | None] = {
        WaitMethod.QUEUE_LENGTH: sight.rank * sight.pace.gap_s if sight.pace is not None else None,
        WaitMethod.HEAD_OF_LINE: sight.head_waited_s,
        WaitMethod.LAST_SERVED: sight.last_waited_s,
        WaitMethod.STAFFING: sight.rank * sight.planned.gap_s if sight.planned is not None else None,
    }
    return {method: max(LEAST_GUESS_S, guess) for method, guess in guesses.items() if guess is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What one method would have told of one wait before it was known, and how that came out."""

    hour: int
    loss_s: float
    inside: bool
    error_s: float
    width_s: float
    wait_s: float


class _Ratio(NamedTuple):
    """What one guess has to be taken times to be the wait, and since when that is known."""

    guess_s: float
    ratio: float
    known_at_s: float  # since 1970: whole histories are compared with it


class _MethodRecord:
    """One method's guesses with the ratios of waits to them, and how what they told came out."""

    def __init__(self) -> None:
        self._latest: deque[_Ratio] = deque()
        self._by_guess: list[_Ratio] = []
        self.judged: deque[_Judged] = deque(maxlen=JUDGED)
        self.low, self.high = OUTER, 1.0 - OUTER  # the shares that are told, as wide as they have to be

    def learn(self, guess_s: float, wait: KnownWait) -> None:
        """Judge what would have been told by what was known then, and learn from it."""
        asked_s = wait.asked_at.timestamp()
        ratios = self._alike(guess_s, by_s=asked_s)
        if ratios:
            self.judged.append(self._judge(guess_s, ratios, wait.wait_s, wait.hour))
        pair = _Ratio(guess_s, wait.wait_s / guess_s, asked_s + wait.wait_s)
        insort(self._by_guess, pair)
        self._latest.append(pair)
        if len(self._latest) > REMEMBERED:
            del self._by_guess[bisect_left(self._by_guess, self._latest.popleft())]

    def tell(self, guess_s: float) -> Wait | None:
        """The wait at this guess; None before enough is known."""
        ratios = self._alike(guess_s)
        if not ratios:
            return None
        low_s, middle_s, high_s = (guess_s * _quantile(ratios, at) for at in (self.low, MIDDLE, self.high))
        return Wait(low_s=low_s, middle_s=middle_s, high_s=high_s, basis="history")

    def _alike(self, guess_s: float, by_s: float = inf) -> list[float]:
        """The ratios at the guesses most like this one, in order; none before enough is known.

        `by_s`: as far as they were known then, so without those who stood in front at that time.
        """
        known = len(self._by_guess)
        place = bisect_left(self._by_guess, (guess_s,))
        first = max(0, min(place - ALIKE // 2, known - ALIKE))
        alike = self._by_guess[first : first + ALIKE]
        ratios = [each.ratio for each in alike if each.known_at_s <= by_s]
        return sorted(ratios) if len(ratios) >= FEWEST_WAITS else []

    def _judge(self, guess_s: float, ratios: Sequence[float], wait_s: float, hour: int) -> _Judged:
        told = [guess_s * _quantile(ratios, share) for share in (LOW, MIDDLE, HIGH)]
        low_s, high_s = (guess_s * _quantile(ratios, share) for share in (self.low, self.high))
        said = quote(Wait(low_s=low_s, middle_s=told[1], high_s=high_s, basis="history"))
        early, late = wait_s < 60.0 * said.from_min, wait_s > 60.0 * said.to_min
        self.low = min(LOW, max(WIDEST, self.low + STEP * (OUTER - early)))
        self.high = max(HIGH, min(1.0 - WIDEST, self.high - STEP * (OUTER - late)))
        return _Judged(
            hour=hour,
            loss_s=sum(_loss(wait_s, at, share) for at, share in zip(told, (LOW, MIDDLE, HIGH), strict=True)),
            inside=not early and not late,
            error_s=told[1] - wait_s,
            width_s=60.0 * (said.to_min - said.from_min),
            wait_s=wait_s,
        )

    def loss_s(self, hour: int) -> float | None:
        """Its mean loss at this hour of the day, or at any while too little is known of it."""
        of_hour = [each.loss_s for each in self.judged if each.hour == hour]
        losses = of_hour if len(of_hour) >= FEWEST_OF_HOUR else [each.loss_s for each in self.judged]
        return sum(losses) / len(losses) if losses else None


class WaitHistory:
    """The latest known waits of one queue, and what they say of the next."""

    def __init__(self, known: Iterable[KnownWait] = ()) -> None:
        self._records = {method: _MethodRecord() for method in WaitMethod}
        self._chosen: dict[int, tuple[int, WaitMethod | None]] = {}
        self._learned = 0
        for wait in known:
            self.learn(wait)

    def learn(self, wait: KnownWait) -> None:
        """One more wait is known."""
        self._learned += 1
        for method, guess_s in wait.guesses.items():
            self._records[method].learn(guess_s, wait)

    def tell(self, guesses: Guesses, hour: int) -> tuple[WaitMethod, Wait] | None:
        """The method in use at this hour and the wait it tells; None before enough is known."""
        method = self.in_use(hour)
        if method is None or method not in guesses:
            return None
        told = self._records[method].tell(guesses[method])
        return (method, told) if told is not None else None

    def in_use(self, hour: int) -> WaitMethod | None:
        """The method with the least loss at this hour; looked up anew after every few waits."""
        learned, method = self._chosen.get(hour, (-CHOSEN_FOR, None))
        if self._learned - learned < CHOSEN_FOR:
            return method
        losses = {method: record.loss_s(hour) for method, record in self._records.items()}
        known = [(loss, method) for method, loss in losses.items() if loss is not None]
        method = min(known)[1] if known else None
        self._chosen[hour] = self._learned, method
        return method

    def scores(self) -> tuple[MethodScore, ...]:
        """Every method that was judged, the best first."""
        scored = []
        for method, record in self._records.items():
            judged = record.judged
            if judged:
                count, total = len(judged), sum(each.wait_s for each in judged)
                scored.append(
                    MethodScore(
                        method=method,
                        loss_s=sum(each.loss_s for each in judged) / count,
                        waits=count,
                        coverage=sum(each.inside for each in judged) / count,
                        bias=sum(each.error_s for each in judged) / total if total else 0.0,
                        width_s=sum(each.width_s for each in judged) / count,
                    )
                )
        return tuple(sorted(scored, key=lambda score: score.loss_s))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The sample quantile at rank share x (n + 1), straight lines between."""
    place = min(max(share * (len(ordered) + 1) - 1.0, 0.0), len(ordered) - 1.0)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _loss(wait_s: float, told_s: float, share: float) -> float:
    return max(share * (wait_s - told_s), (share - 1.0) * (wait_s - told_s))

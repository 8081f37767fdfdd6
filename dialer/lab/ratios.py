"""The best fixed ratio: a search that leaves a baseline no reason to complain.

JudgedRatio on the very customers that the table is measured on, with off-policy evaluation: a ratio found on
others would abandon a little more or less than the target here, and one that abandons less would be beaten by
chance. Lines are whole, so a small team's ratios are a stair, and the target lies between two steps. Two ways
lead there, and both are searched: rounding by chance, and the steps either side in turns, as often each as
the target allows. The latter reaches every mixture of the two.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from dialer.lab.baselines.ratio import FixedRatio
from dialer.lab.dialing_policy import DialingPolicy

COUNTINGS: Final = ((True, 12.0), (False, 2.0))  # whether free agents only are counted, and the highest ratio
ROUGH_STEPS: Final = 8  # halvings of all ratios, on few customers
NEAR_STEPS: Final = 6  # halvings of those near the one found so, on all
NEAR: Final = (0.9, 1.12)  # of the ratio found roughly
BEYOND: Final = (1.01, 1.02)  # of where halving ends, tried as well: chance may end it a little too low


class JudgedRatio(Protocol):
    """What a dialer came to."""

    @property
    def utilisation(self) -> float:
        """(talk + wrap-up) / logged-in time."""

    @property
    def abandonment(self) -> float:
        """Abandoned / answered by a person."""


Judge = Callable[[Callable[[], DialingPolicy]], JudgedRatio]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A fixed ratio dialer's knobs: lines per agent, which agents count, how lines are made whole."""

    lines: float = 1.0
    per_free: bool = True
    by_chance: bool = False
    other: float = 1.0  # lines per agent in the other turns
    share: float = 0.0  # of the turns that are others

    def make(self) -> DialingPolicy:
        """A dialer set so, that looks whenever something happens."""
        return FixedRatio(
            self.lines,
            per_free=self.per_free,
            by_chance=self.by_chance,
            other=self.other,
            share=self.share,
            tick_s=0.0,
            name="ratio_tuned",
        )

    def words(self) -> str:
        """What it was set to."""
        counted = "free agent" if self.per_free else "agent free or talking"
        rounded = "by chance" if self.by_chance else "to the nearest"
        turns = f" ({self.other:.3f} in {self.share:.0%} of the time)" if self.share else ""
        return f"{self.lines:.3f} lines a {counted}{turns}, rounded {rounded}, found by search"


def tune_ratio(target: float, *, roughly: Judge, finally_: Judge) -> Ratio:
    """The ratio, way of counting and way of rounding that use agents best within the target.

    `roughly` judges by few customers which agents to count and where to look, `finally_` by all of them.
    """
    rough = {
        (per_free, by_chance): _halve(
            lambda lines, per_free=per_free, by_chance=by_chance: Ratio(  # type: ignore[misc]
                lines=lines, per_free=per_free, by_chance=by_chance
            ),
            (1.0, most),
            target,
            steps=ROUGH_STEPS,
            judge=roughly,
        )
        for per_free, most in COUNTINGS
        for by_chance in (False, True)
    }
    per_free = max(rough.items(), key=lambda item: item[1].use)[0][0]
    found = {}
    for by_chance in (False, True):
        near = rough[per_free, by_chance].best
        bounds = near.lines * NEAR[0], near.lines * NEAR[1]
        found[by_chance] = _halve(
            lambda lines, near=near: replace(near, lines=lines),  # type: ignore[misc]
            bounds,
            target,
            steps=NEAR_STEPS,
            judge=finally_,
            beyond=BEYOND,
        )
    stair = found[False]
    turns = _halve(
        lambda share: replace(stair.best, lines=stair.low, other=stair.high, share=share),
        (0.0, 1.0),
        target,
        steps=NEAR_STEPS,
        judge=finally_,
    )
    return max((stair, found[True], turns), key=lambda each: each.use).best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Where halving ended: the best within the target, what it used, and the two values either side."""

    best: Ratio
    use: float
    low: float
    high: float


def _halve(
    make: Callable[[float], Ratio],
    bounds: tuple[float, float],
    target: float,
    *,
    steps: int,
    judge: Judge,
    beyond: tuple[float, ...] = (),
) -> _Found:
    """Halve the bounds again and again, to the highest value that keeps the target."""
    low, high = bounds
    best, use = make(low), 0.0

    def keeps(value: float) -> bool:
        nonlocal best, use
        trial = make(value)
        row = judge(trial.make)
        if row.abandonment <= target and row.utilisation > use:
            best, use = trial, row.utilisation
        return row.abandonment <= target

    for _ in range(steps):
        middle = (low + high) / 2.0
        low, high = (middle, high) if keeps(middle) else (low, middle)
    for factor in beyond:
        keeps(low * factor)
    return _Found(best=best, use=use, low=low, high=high)

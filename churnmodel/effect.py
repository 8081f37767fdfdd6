"""What calling changed: intention to treat, with intervals that hold however often one looks.

Everyone is counted as assigned, reached or not: who answers is not chance. Each customer gives one
inverse-propensity contrast of the outcome left after its score has been taken out (CUPED, Deng et al. 2013);
their mean is the effect. Intervals are asymptotic confidence sequences (Waudby-Smith et al. 2021), so peeking
every morning does not make a false claim likelier; they are told once enough have left on each side for
them to hold. Harm is told by a test that is exact from the first leaver on (`harm`), so are segments, by
e-values with the Benjamini-Hochberg step (Wang and Ramdas 2022), which holds under any dependence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from churnmodel.array_types import Bools, Floats, Ints
from churnmodel.harm import OUTSIDE, PROVEN, Harm, Watched, judge_harm, two_sided

ALPHA: Final = 0.05
"""Chance, over all looks together, that an interval misses the truth."""

ROUNDING: Final = 1e-9
"""Share of a score's size below which its differences are those of rounding."""

TUNED_AT: Final = 5_000
"""Customers at which the interval is tightest: the size of a usual campaign."""

FEWEST_A_SIDE: Final = 30
"""Below this many customers on a side the normal approximation says nothing."""

FEWEST_OF_A_KIND: Final = 10
"""Nor does it below so many who left, or who stayed, on a side: where all of four leavers had been called,
their spread looks like none. With daily looks an interval missed "no effect" in 8 to 20 % of campaigns
without this bound, and in 0 to 2 % with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and the bounds that hold at every look."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """One entry a customer that was assigned; rows whose horizon is not over are left out before."""

    churned: Floats  # 1 left, 0 stayed
    called: Floats  # 1 assigned to be called
    propensity: Floats  # the logged chance of that
    reached: Floats  # 1 if a person was reached
    score: Floats  # risk before the campaign, for CUPED; zeros if there is none
    value: Floats  # money lost if the customer leaves
    cost: Floats  # money spent on the customer: calls, offers
    household: Ints | None = None  # the unit of assignment, if not the customer
    standing: Floats | None = None  # customers that each stands for, 0: compared with nobody; unset: itself
    by_any: Floats | None = None  # 1 if any campaign was to call the customer; unset: `called`
    chance_by_any: Floats | None = None  # of that; unset: `propensity`

    def usable(self) -> Bools:
        """Who is compared: chance could have decided otherwise."""
        told_by_chance = (self.propensity > 0) & (self.propensity < 1)
        return told_by_chance if self.standing is None else told_by_chance & (self.standing > 0)


def join(parts: Sequence[Outcomes]) -> Outcomes:
    """Put lists of outcomes together that have the same fields set."""

    def column(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        return None if any(value is None for value in values) else np.concatenate(values)

    return Outcomes(**{field.name: column(field.name) for field in fields(Outcomes)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEffect:
    """The effect in one segment; `real` if it stands after false discovery control."""

    name: str
    customers: int
    effect: Interval
    e_value: float
    real: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The campaign must stop: what it says, and the rule that says so."""

    rule: str
    why: str
    segment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What calling changed. `kept` is the share of customers kept by calling; below 0 it drives away."""

    customers: int
    called: int
    control: int
    kept: Interval
    kept_by_contact: Interval | None  # per customer reached (CACE); None where contact hardly differs
    money: Interval  # per assigned customer, value kept less cost
    variance_saved: float  # share of variance that the score took out
    segments: tuple[SegmentEffect, ...] = ()
    stop: Stop | None = None
    refused: str = ""  # a rule id where nothing can be said yet


def sequence_radius(deviation: float, count: int, *, alpha: float = ALPHA) -> float:
    """Half-width of the confidence sequence of a mean of `count` terms with this standard deviation.

    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), theorem 2.2, tuned to `TUNED_AT`.
    """
    rho2 = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha)) + 1) / TUNED_AT
    inside = count * rho2 + 1
    return float(deviation * np.sqrt(2 * inside / (count**2 * rho2) * np.log(np.sqrt(inside) / alpha)))


def measure(
    outcomes: Outcomes,
    *,
    segments: Mapping[str, Bools] | None = None,
    watched: Watched | None = None,
    alpha: float = ALPHA,
) -> Effect:
    """Estimate what calling changed, in churn, per contact, in money and by segment, and say if it must stop.

    Args:
        outcomes: all assigned customers whose horizon is over.
        segments: masks by name; each is judged, with false discovery control over all of them.
        watched: everyone assigned, with the order in which leavers were told, to judge harm by; unset: the
            outcomes in their own order.
        alpha: chance of a miss over all looks.
    """
    usable = outcomes.usable()
    call, left = outcomes.called[usable], outcomes.churned[usable]
    sides = (int(call.sum()), int((1 - call).sum()))
    everyone = np.ones(len(call), dtype=np.bool_)
    harm = judge_harm(watched or _watched(outcomes, usable, everyone))
    if min(sides) < FEWEST_A_SIDE:
        return unmeasured(outcomes, "effect.too-few", harm=harm)
    if fewest_of_a_kind(call, left) < FEWEST_OF_A_KIND:
        return unmeasured(outcomes, "effect.too-few-leavers", harm=harm)
    stayed = 1 - outcomes.churned
    contrast = contrasts(outcomes, stayed, usable)
    kept = _interval(contrast, outcomes, usable, alpha)
    worth = contrasts(outcomes, -outcomes.value * outcomes.churned - outcomes.cost, usable)
    plain = contrasts(outcomes, stayed, usable, adjust=False)
    found = _segments(outcomes, contrast, usable, segments or {}, alpha)
    return Effect(
        customers=len(call),
        called=sides[0],
        control=sides[1],
        kept=kept,
        kept_by_contact=_by_contact(outcomes, contrast, usable, alpha),
        money=_interval(worth, outcomes, usable, alpha),
        variance_saved=float(max(0.0, 1 - contrast.var() / max(float(plain.var()), 1e-12))),
        segments=found,
        stop=_stop(harm, found),
    )


def fewest_of_a_kind(called: Floats, left: Floats) -> int:
    """Give the smallest of the four counts: called or not, left or stayed."""
    return min(int(np.sum((called == side) & (left == fate))) for side in (0, 1) for fate in (0, 1))


def unmeasured(outcomes: Outcomes, rule: str, *, harm: Harm | None = None) -> Effect:
    """Say of these customers nothing but why: the rule; and whether harm is proven all the same."""
    call = outcomes.called[outcomes.usable()]
    nothing = Interval(estimate=float("nan"), low=float("-inf"), high=float("inf"))
    return Effect(
        customers=len(call),
        called=int(call.sum()),
        control=int((1 - call).sum()),
        kept=nothing,
        kept_by_contact=None,
        money=nothing,
        variance_saved=0.0,
        stop=None if harm is None else _stop(harm, ()),
        refused=rule,
    )


def contrasts(outcomes: Outcomes, good: Floats, usable: Bools, *, adjust: bool = True) -> Floats:
    """Each usable customer's contrast; their mean is the effect of assignment on `good`."""
    y, t = good[usable], outcomes.called[usable]
    p, x = outcomes.propensity[usable], outcomes.score[usable]
    standing = np.ones(len(y)) if outcomes.standing is None else outcomes.standing[usable]
    weight = standing * (t / p - (1 - t) / (1 - p)) / standing.mean()
    # centring both sides costs nothing in the mean and removes most of the weights' noise
    level = np.zeros(len(y))
    if adjust:
        # the weights that make the variance least
        odds = standing**2 * np.where(t > 0, (1 - p) / p, p / (1 - p))
        centred = x - np.average(x, weights=odds)
        spread = float((odds * centred**2).sum())
        # a score that is the same for all but for rounding explains nothing, and its slope would be noise
        explains = float(np.ptp(x)) > ROUNDING * float(np.abs(x).max(initial=0.0))
        slope = float((odds * centred * y).sum()) / spread if explains else 0.0
        level = np.average(y, weights=odds) + slope * centred
    else:
        level = np.full(len(y), float(y.mean()))
    return np.asarray(weight * (y - level), dtype=np.float64)


def by_unit(terms: Floats, outcomes: Outcomes, usable: Bools) -> Floats:
    """Sum the usable customers' terms by household: customers of one unit share their luck."""
    if outcomes.household is None:
        return terms
    _, unit = np.unique(outcomes.household[usable], return_inverse=True)
    return np.bincount(unit, weights=terms).astype(np.float64)


def _interval(terms: Floats, outcomes: Outcomes, usable: Bools, alpha: float) -> Interval:
    units = by_unit(terms, outcomes, usable)
    mean = float(terms.mean())
    per_unit = len(terms) / len(units)
    radius = sequence_radius(float(units.std(ddof=1)), len(units), alpha=alpha) / per_unit
    return Interval(estimate=mean, low=mean - radius, high=mean + radius)


def _by_contact(outcomes: Outcomes, contrast: Floats, usable: Bools, alpha: float) -> Interval | None:
    """Effect per customer reached: assignment as the instrument, interval by the linearised ratio (Wald)."""
    contact = contrasts(outcomes, outcomes.reached, usable, adjust=False)
    gained = float(contact.mean())
    if gained <= sequence_radius(float(contact.std(ddof=1)), len(contact), alpha=alpha):
        return None
    ratio = float(contrast.mean()) / gained
    radius = _interval((contrast - ratio * contact) / gained, outcomes, usable, alpha)
    half = (radius.high - radius.low) / 2
    return Interval(estimate=ratio, low=ratio - half, high=ratio + half)


def _segments(
    outcomes: Outcomes, contrast: Floats, usable: Bools, segments: Mapping[str, Bools], alpha: float
) -> tuple[SegmentEffect, ...]:
    measured: list[tuple[str, int, Interval, float]] = []
    for name, mask in segments.items():
        inside = mask[usable]
        terms = contrast[inside]
        if len(terms) < 2 * FEWEST_A_SIDE:
            continue
        part = _masked(outcomes, usable, inside)
        if fewest_of_a_kind(part.called, part.churned) < FEWEST_OF_A_KIND:
            continue
        evidence = two_sided(_watched(outcomes, usable, inside))
        interval = _interval(terms, part, np.ones(len(terms), dtype=np.bool_), alpha)
        measured.append((name, len(terms), interval, evidence))
    stands = discoveries([evidence for *_, evidence in measured], alpha)
    return tuple(
        SegmentEffect(name=name, customers=count, effect=interval, e_value=evidence, real=real)
        for (name, count, interval, evidence), real in zip(measured, stands, strict=True)
    )


def discoveries(evidence: list[float], alpha: float = ALPHA) -> list[bool]:
    """Which e-values stand when at most `alpha` of those that stand may be false (e-BH)."""
    total = len(evidence)
    ranked = sorted(range(total), key=lambda index: -evidence[index])
    count = max((k for k in range(1, total + 1) if evidence[ranked[k - 1]] >= total / (k * alpha)), default=0)
    standing = set(ranked[:count])
    return [index in standing for index in range(total)]


def _masked(outcomes: Outcomes, usable: Bools, inside: Bools) -> Outcomes:
    def pick(values: Floats) -> Floats:
        return values[usable][inside]

    return Outcomes(
        churned=pick(outcomes.churned),
        called=pick(outcomes.called),
        propensity=pick(outcomes.propensity),
        reached=pick(outcomes.reached),
        score=pick(outcomes.score),
        value=pick(outcomes.value),
        cost=pick(outcomes.cost),
        household=None if outcomes.household is None else outcomes.household[usable][inside],
        standing=None if outcomes.standing is None else pick(outcomes.standing),
    )


def _watched(outcomes: Outcomes, usable: Bools, inside: Bools) -> Watched:
    """The usable customers inside a mask, by unit of assignment, as told in their own order."""
    count = int(inside.sum())
    home = np.arange(count) if outcomes.household is None else outcomes.household[usable][inside]
    _, first, unit = np.unique(home, return_index=True, return_inverse=True)
    _, stratum = np.unique(outcomes.propensity[usable][inside][first], return_inverse=True)
    told = np.full(len(first), np.inf)
    order = np.where(outcomes.churned[usable][inside] > 0, np.arange(count, dtype=np.float64), np.inf)
    np.minimum.at(told, unit, order)
    return Watched(
        called=outcomes.called[usable][inside][first],
        told_at=told,
        stratum=stratum.astype(np.int64),
        moved_at=np.full(len(first), np.inf),
        moved_to=np.full(len(first), OUTSIDE, dtype=np.int64),
    )


def _stop(harm: Harm, segments: tuple[SegmentEffect, ...]) -> Stop | None:
    """Stop the whole campaign on proven harm; else name the first segment in which harm is proven."""
    if harm.evidence >= PROVEN:
        return Stop(
            rule="effect.harm",
            why=(
                f"calling drives customers away: of {harm.leavers:,} who left {harm.called:,} were to be "
                f"called, where {harm.expected:,.0f} are to be expected; chance alone shows so much in fewer "
                f"than {1 / PROVEN:.0%} of campaigns, over all looks together"
            ),
        )
    for segment in segments:
        if segment.real and segment.effect.estimate < 0:
            return Stop(
                rule="effect.harm-in-segment",
                why=f"calling drives this segment away: {segment.effect.estimate:+.2%} are kept",
                segment=segment.name,
            )
    return None

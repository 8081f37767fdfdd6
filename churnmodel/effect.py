"""What calling changed: intention to treat, with intervals that hold however often one looks.

Everyone is counted as assigned, reached or not: who answers is not chance. Each customer gives one
inverse-propensity contrast of the outcome left after its score has been taken out (CUPED, Deng et al. 2013);
their mean is the effect. Intervals are asymptotic confidence sequences (Waudby-Smith et al. 2021), so peeking
every morning does not make a false alarm likelier. Segments are called by e-values with the
Benjamini-Hochberg step (Wang and Ramdas 2022), which holds under any dependence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from churnmodel.array_types import Bools, Floats, Ints

ALPHA: Final = 0.05
"""Chance, over all looks together, that an interval misses the truth."""

TUNED_AT: Final = 5_000
"""Customers at which the interval is tightest: the size of a usual campaign."""

FEWEST_A_SIDE: Final = 30
"""Below this many customers on a side the normal approximation says nothing."""


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


def e_value(mean: float, deviation: float, count: int) -> float:
    """Evidence against "no effect", valid at every look: its mean is at most 1 if there is none."""
    rho2 = (-2 * np.log(ALPHA) + np.log(-2 * np.log(ALPHA)) + 1) / TUNED_AT
    total = mean * count / max(deviation, 1e-12)
    inside = count * rho2 + 1
    return float(np.exp(min(rho2 * total**2 / (2 * inside), 700.0)) / np.sqrt(inside))


def measure(
    outcomes: Outcomes, *, segments: Mapping[str, Bools] | None = None, alpha: float = ALPHA
) -> Effect:
    """Estimate what calling changed, in churn, per contact, in money and by segment, and say if it must stop.

    Args:
        outcomes: all assigned customers whose horizon is over.
        segments: masks by name; each is judged, with false discovery control over all of them.
        alpha: chance of a miss over all looks.
    """
    usable = (outcomes.propensity > 0) & (outcomes.propensity < 1)
    call = outcomes.called[usable]
    sides = (int(call.sum()), int((1 - call).sum()))
    if min(sides) < FEWEST_A_SIDE:
        return unmeasured(outcomes, "effect.too-few")
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
        stop=_stop(kept, found),
    )


def unmeasured(outcomes: Outcomes, rule: str) -> Effect:
    """Say of these customers nothing but why: the rule."""
    usable = (outcomes.propensity > 0) & (outcomes.propensity < 1)
    call = outcomes.called[usable]
    nothing = Interval(estimate=float("nan"), low=float("-inf"), high=float("inf"))
    return Effect(
        customers=len(call),
        called=int(call.sum()),
        control=int((1 - call).sum()),
        kept=nothing,
        kept_by_contact=None,
        money=nothing,
        variance_saved=0.0,
        refused=rule,
    )


def contrasts(outcomes: Outcomes, good: Floats, usable: Bools, *, adjust: bool = True) -> Floats:
    """Each usable customer's contrast; their mean is the effect of assignment on `good`."""
    y, t = good[usable], outcomes.called[usable]
    p, x = outcomes.propensity[usable], outcomes.score[usable]
    weight = t / p - (1 - t) / (1 - p)
    # centring both sides costs nothing in the mean and removes most of the weights' noise
    level = np.zeros(len(y))
    if adjust:
        odds = np.where(t > 0, (1 - p) / p, p / (1 - p))  # the weights that make the variance least
        centred = x - np.average(x, weights=odds)
        spread = float((odds * centred**2).sum())
        slope = float((odds * centred * y).sum()) / spread if spread > 0 else 0.0
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
        units = by_unit(terms, part, np.ones(len(terms), dtype=np.bool_))
        mean = float(units.mean())
        evidence = e_value(mean, float(units.std(ddof=1)), len(units))
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
    )


def _stop(kept: Interval, segments: tuple[SegmentEffect, ...]) -> Stop | None:
    """Stop the whole campaign on proven harm; else name the first segment in which harm is proven."""
    if kept.high < 0:
        return Stop(
            rule="effect.harm", why=f"calling drives customers away: at most {kept.high:.2%} are kept"
        )
    for segment in segments:
        if segment.real and segment.effect.high < 0:
            return Stop(
                rule="effect.harm-in-segment",
                why=f"calling drives this segment away: at most {segment.effect.high:.2%} are kept",
                segment=segment.name,
            )
    return None

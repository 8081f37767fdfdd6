"""Pacing that is told the distributions of the scenario it is in."""

import numpy as np

from dialer.core.pacing.estimators import RING_BINS
from dialer.core.pacing.facts import CallAbandoned, CallAnswered, CallFailed, TalkEnded
from dialer.core.pacing.oracle import KnownLength, KnownRate, KnownRing, oracle_pacer
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings
from dialer.core.pacing.snapshot import Snapshot


def exponential(mean_s: float) -> KnownLength:
    return KnownLength(mean_s=mean_s, hazard=lambda ages: ages / mean_s)


def knowing(*, price: float = 0.05, **factors: dict[str, float]) -> PredictivePacer:
    seconds = np.arange(RING_BINS + 1.0)
    return oracle_pacer(
        PacerSettings(target=0.03),
        price=price,
        ring=KnownRing(
            rate=KnownRate(value=0.3),
            answered=np.clip((seconds - 2.0) / 18.0, 0.0, 1.0),
            failed=(seconds >= 27.0).astype(float),
        ),
        talk=exponential(120.0),
        wrap=exponential(20.0),
        **factors,
    )


def busy(*talkers: str, free: int = 1) -> Snapshot:
    return Snapshot(
        free=free,
        ringing_s=np.empty(0),
        talking_s=np.full(len(talkers), 60.0),
        wrapping_s=np.empty(0),
        talkers=talkers,
        limit=100,
    )


def test_who_knows_the_distributions_looks_ahead_from_the_first_call_on():
    assert knowing().weigh(busy(*["a"] * 16, free=4)).count > 4


def test_nothing_that_happens_changes_what_is_known():
    pacer = knowing()
    before = pacer.weigh(busy(*["a"] * 10))
    for _ in range(100):
        pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=3.0))
        pacer.observe(CallFailed(at_s=0.0, attempt="", ring_s=3.0))
        pacer.observe(CallAbandoned(at_s=0.0, attempt=""))
        pacer.observe(TalkEnded(at_s=0.0, agent="a", talk_s=900.0))
    assert pacer.weigh(busy(*["a"] * 10)) == before


def test_the_price_is_the_one_that_was_given():
    assert knowing(price=0.02).weigh(busy(*["a"] * 10)).price == 0.02


def test_known_factors_of_agents_are_used_as_they_are():
    pacer = knowing(talk_factors={"quick": 0.2, "slow": 3.0})
    quick, slow, plain = (pacer.weigh(busy(*[name] * 10)).count for name in ("quick", "slow", "other"))
    assert quick > plain >= slow

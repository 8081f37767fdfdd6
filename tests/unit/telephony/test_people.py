"""The simulated PBX and the lab play the same people."""

import math

import pytest

from dialer.lab.scenario import Scenario
from telephony.simulator.behaviour import Behaviour
from telephony.simulator.people import log_normal


def test_the_simulated_pbx_and_the_lab_have_the_same_people_unless_told_otherwise() -> None:
    simulated, lab = Behaviour(), Scenario(agents=8, answer_rate=0.45)

    assert (lab.talk_mean_s, lab.talk_cv, lab.early_failures) == (
        simulated.talk_mean_s,
        simulated.talk_cv,
        simulated.early_end_share,
    )
    assert (lab.ring_start_s, lab.ring_shape, lab.ring_scale_s, lab.ring_limit_s) == (
        simulated.least_ring_s,
        simulated.ring_shape,
        simulated.ring_scale_s,
        simulated.unanswered_ring_s,
    )


@pytest.mark.parametrize(("mean", "cv"), [(180.0, 0.8), (20.0, 0.5), (3.0, 2.0)])
def test_a_log_normal_has_the_mean_and_the_variation_it_was_asked_for(mean: float, cv: float) -> None:
    location, scale = log_normal(mean, cv)

    assert mean == pytest.approx(math.exp(location + scale**2 / 2))
    assert cv == pytest.approx(math.sqrt(math.expm1(scale**2)))

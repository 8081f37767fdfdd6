"""The look-ahead that is told the scenario's distributions: what the rule reaches with nothing to learn."""

import math

import numpy as np
from scipy.special import gammainc, gammaincc, log_ndtr

from dialer.core.pacing.estimators import RING_BINS, Array
from dialer.core.pacing.oracle import KnownClosings, KnownLength, KnownRate, KnownRing, oracle_pacer
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings
from dialer.lab.policies import Winback
from dialer.lab.scenario import Sampler, Scenario

LEAST_CHANCE = 1e-12  # of a word so early; where a cumulative hazard would be infinite


def true_estimators(scenario: Scenario, target: float, price: float, *, seed: int = 0) -> Winback:
    """The policy; agents who differ are known as this seed draws them."""
    return Winback(target, name="true_distributions", knowing=told(scenario, target, price, seed))


def told(scenario: Scenario, target: float, price: float, seed: int) -> PredictivePacer:
    """The engine's pacer with this scenario's distributions and a constant price."""
    pacers = {}
    if scenario.agent_spread > 0.0:
        chance = Sampler(scenario, seed)
        pacers = {str(agent): chance.pace(agent) for agent in range(1, scenario.agents + 1)}
    return oracle_pacer(
        PacerSettings(target=target, legal_limit=None),
        price=price,
        ring=ring_of(scenario),
        talk=length_of(scenario.talk_mean_s, scenario.talk_cv),
        wrap=length_of(scenario.wrap_mean_s, scenario.wrap_cv),
        talk_factors=pacers,
        wrap_factors=pacers,
        talk_closings=KnownClosings(sign_of(scenario, scenario.sign_ahead_s), scenario.sign_share)
        if scenario.sign_share > 0.0
        else None,
        wrap_closings=KnownClosings(sign_of(scenario, scenario.wrap_sign_ahead_s), scenario.wrap_sign_share)
        if scenario.wrap_sign_share > 0.0
        else None,
    )


def ring_of(scenario: Scenario) -> KnownRing:
    """When this scenario's calls are answered and given up."""
    seconds = np.arange(RING_BINS + 1.0)
    after = np.maximum(0.0, seconds - scenario.ring_start_s)
    answered = np.where(
        after >= scenario.ring_cap_s, 1.0, gammainc(scenario.ring_shape, after / scenario.ring_scale_s)
    )
    early = np.clip(
        (seconds - scenario.early_from_s) / (scenario.early_to_s - scenario.early_from_s), 0.0, 1.0
    )
    # whoever rings until the limit is gone in the second after it
    late = seconds >= scenario.ring_limit_s + 1.0
    return KnownRing(
        rate=KnownRate(value=scenario.answer_rate),
        answered=answered,
        failed=scenario.early_failures * early + (1.0 - scenario.early_failures) * late,
    )


def sign_of(scenario: Scenario, mean_s: float) -> KnownLength:
    """How long before the end agents say so: a gamma distribution by its cumulative hazard."""
    scale_s = mean_s / scenario.sign_shape

    def hazard(ages: Array) -> Array:
        return np.asarray(-np.log(np.maximum(LEAST_CHANCE, gammaincc(scenario.sign_shape, ages / scale_s))))

    return KnownLength(mean_s=mean_s, hazard=hazard)


def length_of(mean_s: float, cv: float) -> KnownLength:
    """A lognormal distribution by its cumulative hazard."""
    variance = math.log1p(cv * cv)
    centre, spread = math.log(mean_s) - variance / 2.0, math.sqrt(variance)

    def hazard(ages: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(-log_ndtr((centre - np.log(ages)) / spread))

    return KnownLength(mean_s=mean_s, hazard=hazard)

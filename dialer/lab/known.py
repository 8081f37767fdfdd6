"""The look-ahead that is told the world's own laws: what the same rule reaches with nothing to learn."""

import math

import numpy as np
from scipy.special import gammainc, gammaincc, log_ndtr

from dialer.core.pacing.known import KnownClosings, KnownLength, KnownRate, KnownRing, known_pacer
from dialer.core.pacing.laws import RING_BINS, Array
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacingSettings
from dialer.lab.policies import Winback
from dialer.lab.world import Chance, World

LEAST_CHANCE = 1e-12  # of a word so early; where a cumulative hazard would be infinite


def known_laws(world: World, target: float, price: float, *, seed: int = 0) -> Winback:
    """The policy; agents who differ are known as this seed draws them."""
    return Winback(target, name="known_laws", knowing=told(world, target, price, seed))


def told(world: World, target: float, price: float, seed: int) -> PredictivePacer:
    """The engine's pacer with this world's laws and a constant price."""
    paces = {}
    if world.agent_spread > 0.0:
        chance = Chance(world, seed)
        paces = {str(agent): chance.pace(agent) for agent in range(1, world.agents + 1)}
    return known_pacer(
        PacingSettings(target=target, legal_limit=None),
        price=price,
        ring=ring_of(world),
        talk=length_of(world.talk_mean_s, world.talk_cv),
        wrap=length_of(world.wrap_mean_s, world.wrap_cv),
        talk_factors=paces,
        wrap_factors=paces,
        talk_closings=KnownClosings(sign_of(world, world.sign_ahead_s), world.sign_share)
        if world.sign_share > 0.0
        else None,
        wrap_closings=KnownClosings(sign_of(world, world.wrap_sign_ahead_s), world.wrap_sign_share)
        if world.wrap_sign_share > 0.0
        else None,
    )


def ring_of(world: World) -> KnownRing:
    """When this world's calls are answered and given up."""
    seconds = np.arange(RING_BINS + 1.0)
    after = np.maximum(0.0, seconds - world.ring_start_s)
    answered = np.where(
        after >= world.ring_cap_s, 1.0, gammainc(world.ring_shape, after / world.ring_scale_s)
    )
    early = np.clip((seconds - world.early_from_s) / (world.early_to_s - world.early_from_s), 0.0, 1.0)
    # whoever rings until the limit is gone in the second after it
    late = seconds >= world.ring_limit_s + 1.0
    return KnownRing(
        rate=KnownRate(value=world.answer_rate),
        answered=answered,
        failed=world.early_failures * early + (1.0 - world.early_failures) * late,
    )


def sign_of(world: World, mean_s: float) -> KnownLength:
    """How long before the end agents say so: a gamma law by its cumulative hazard."""
    scale_s = mean_s / world.sign_shape

    def hazard(ages: Array) -> Array:
        return np.asarray(-np.log(np.maximum(LEAST_CHANCE, gammaincc(world.sign_shape, ages / scale_s))))

    return KnownLength(mean_s=mean_s, hazard=hazard)


def length_of(mean_s: float, cv: float) -> KnownLength:
    """A lognormal law by its cumulative hazard."""
    variance = math.log1p(cv * cv)
    centre, spread = math.log(mean_s) - variance / 2.0, math.sqrt(variance)

    def hazard(ages: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(-log_ndtr((centre - np.log(ages)) / spread))

    return KnownLength(mean_s=mean_s, hazard=hazard)

"""The lab's scenario on a real floor: the same customers for a PBX and for virtual time, and what to expect.

Every number behaves as the lab draws it, so that a PBX, simulated or real, and the lab are told apart by
what lies between: the engine, its database, the dial permit, the link, agents who end their wrap-up on a
page.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from dialer.lab.comparison import gap_for
from dialer.lab.intervals import MeanInterval
from dialer.lab.policies import Winback
from dialer.lab.scenario import Sampler, Scenario
from dialer.lab.simulation import Simulation
from dialer.lab.trace_stats import TraceStats
from telephony.simulator.behaviour import Behaviour as Stage
from telephony.simulator.behaviour import CustomerPlay, SimulatedCustomer

BUSY_BEFORE_S: Final = 15.0  # who does not answer and ends the ringing sooner was busy, in the lab's law


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What happens when a number is rung; seconds of real life."""

    answers: bool
    ring_s: float
    talk_s: float


def draw_plays(scenario: Scenario, numbers: Sequence[str], seed: int) -> dict[str, Play]:
    """One play for each number (digits only), drawn from the lab's own distributions."""
    chance = Sampler(scenario, seed)
    plays = {}
    for number in numbers:
        answers, ring_s = chance.call()
        plays[number] = Play(answers=answers, ring_s=ring_s, talk_s=chance.talk_s())
    return plays


@dataclass(frozen=True, slots=True, kw_only=True)
class LabStage(Stage):
    """The simulated PBX's people, behaving as the lab drew them."""

    plays: Mapping[str, Play] = field(default_factory=dict)

    def customer(self, number: str, rng: Random, *, expecting: bool = False) -> CustomerPlay:
        """How this number behaves; the chance is in the plays already."""
        del rng, expecting
        play = self.plays[number.removeprefix("+")]
        kind = SimulatedCustomer.ANSWERS
        if not play.answers:
            kind = SimulatedCustomer.BUSY if play.ring_s < BUSY_BEFORE_S else SimulatedCustomer.NO_ANSWER
        return CustomerPlay(kind=kind, ring_s=play.ring_s / self.speed, talk_s=play.talk_s / self.speed)


def expect(
    scenario: Scenario, *, target: float, limit: float | None, seconds: float, seeds: int
) -> dict[str, MeanInterval]:
    """The lab's own runs of the same length, from the same cold start, with nothing left out."""
    tallies = [
        Simulation(scenario, Winback(target, legal_limit=limit), seed=seed, gap_s=gap_for(scenario)).run(
            until_s=seconds
        )
        for seed in range(seeds)
    ]
    return {
        "utilisation": MeanInterval.of([tally.utilisation for tally in tallies]),
        "abandonment": MeanInterval.of([tally.abandonment for tally in tallies]),
        "answered": MeanInterval(
            mean=statistics.fmean([tally.answered for tally in tallies]),
            low=min(tally.answered for tally in tallies),
            high=max(tally.answered for tally in tallies),
        ),
    }


def compare(realised: TraceStats, expected: Mapping[str, MeanInterval]) -> dict[str, Any]:
    """What the floor did beside what the lab expects, and whether the one lies within the other."""
    seen = {
        "utilisation": realised.utilisation,
        "abandonment": realised.abandonment,
    }
    return {
        "seconds": round(realised.seconds, 1),
        "dialed": realised.dialed,
        "answered": realised.answered,
        "abandoned": realised.abandoned,
        "connected": realised.connected,
        "idle_per_call_s": round(realised.idle_per_call_s, 2),
        "lab_answered": round(expected["answered"].mean, 1),
        **{
            name: {
                "floor": round(value, 5),
                "lab": round(expected[name].mean, 5),
                "low": round(expected[name].low, 5),
                "high": round(expected[name].high, 5),
                "within": expected[name].holds(value),
            }
            for name, value in seen.items()
        },
    }

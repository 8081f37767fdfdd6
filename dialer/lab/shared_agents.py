"""Two campaigns or more on the same agents, beside one campaign that calls the same people from one list.

Each campaign's customers answer at a rate of their own. The one list is dealt so that each campaign's
customers are among those who answer as its share says: what agents can be used for is then the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from dialer.core.pacing.estimators import Array
from dialer.core.pacing.facts import SharedWith
from dialer.core.pacing.sharing import Claim, Sharing, Turn
from dialer.lab.comparison import WARM_UP_S, gap_for, summarise
from dialer.lab.dialing_policy import Deaf, VisibleFloor
from dialer.lab.intervals import half_width
from dialer.lab.policies import Winback
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Simulation, Tally

USUAL_TARGET: Final = 0.03
PATTERN: Final = 60  # leads after which the one list is dealt out again


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """The list of one campaign: how often its customers answer, its share of the answers, its target."""

    answer_rate: float
    share: float
    target: float


def lists_of(
    answer_rates: Sequence[float], *, shares: Sequence[float], targets: Sequence[float]
) -> list[List]:
    """Campaigns from what was stated of each. Raises ValueError where that makes no campaigns."""
    if len(set(answer_rates)) < max(2, len(answer_rates)):
        raise ValueError("two campaigns or more, no two of the same answer rate")
    if {len(shares), len(targets)} - {0, len(answer_rates)}:
        raise ValueError("a share and a target for each campaign, or for none")
    return [
        List(answer_rate=rate, share=share, target=target)
        for rate, share, target in zip(
            answer_rates,
            shares or [1.0] * len(answer_rates),
            targets or [USUAL_TARGET] * len(answer_rates),
            strict=True,
        )
    ]


@dataclass(slots=True)
class Reached:
    """What came of one campaign's calls since the warm-up."""

    answered: int = 0
    abandoned: int = 0


class Campaigns(Deaf):
    """Several campaigns, each with the engine's own pacer and budget, asked as the engine asks them."""

    name = "campaigns"

    def __init__(self, lists: Sequence[List]) -> None:
        self._lists = lists
        self._by_rate = {each.answer_rate: index for index, each in enumerate(lists)}
        self._policies = [Winback(each.target) for each in lists]
        self._sharing = Sharing()
        self._floor = VisibleFloor()
        self.reached = [Reached() for _ in lists]

    def dial(self, floor: VisibleFloor) -> int:
        self._floor = floor
        whose = [self._by_rate[level] for level in (floor.levels[call] for call in floor.ringing)]
        standings = [policy.pacer.standing for policy in self._policies]
        rates = [standing.answer_rate for standing in standings]
        claims = [
            Claim(campaign=index, share=each.share, ringing=whose.count(index), standing=standings[index])
            for index, each in enumerate(self._lists)
        ]
        indices: list[int] = []
        self.look_again_s = np.inf
        waiting: Turn | None = None
        for turn in self._sharing.in_turn(claims):
            if turn.is_held_by(waiting):
                continue
            asked = turn.campaign
            policy = self._policies[asked]
            snapshot = policy.snapshot(floor)
            bound = policy.pacer.weigh(
                replace(
                    snapshot,
                    ringing_s=np.append(snapshot.ringing_s, np.zeros(len(whose) - len(floor.ringing))),
                    others_rates=others_rates(whose, rates, asked),
                    share=self._lists[asked].share,
                    shared_with=tuple(
                        SharedWith(share=each.share, price=standing.price)
                        for index, (each, standing) in enumerate(zip(self._lists, standings, strict=True))
                        if index != asked
                    ),
                )
            )
            own = [index for index, level in enumerate(floor.candidates) if self._by_rate[level] == asked]
            placed = own[: bound.count]
            indices += placed
            if waiting is None and not turn.silent and len(placed) < len(own):
                waiting = turn
            whose += [asked] * len(placed)
            self.look_again_s = min(self.look_again_s, bound.look_again_s)
        self.indices = tuple(indices)
        return len(indices)

    def _of(self, level: float | None) -> tuple[int, Winback]:
        index = self._by_rate[level or 0.0]
        return index, self._policies[index]

    def dialed(self, now: float, level: float | None) -> None:
        self._of(level)[1].dialed(now, None)

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        index, policy = self._of(level)
        self._sharing.answered(index, self._lists[index].share)
        self.reached[index].answered += 1
        policy.answered(now, ring_s, None)

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        self._of(level)[1].failed(now, ring_s, None)

    def abandoned(self, now: float) -> None:
        index, policy = self._of(self._floor.lost)
        self.reached[index].abandoned += 1
        policy.abandoned(now)

    def talk_ended(self, now: float, agent: int, talk_s: float) -> None:
        for policy in self._policies:
            policy.talk_ended(now, agent, talk_s)

    def wrap_ended(self, now: float, agent: int, wrap_s: float) -> None:
        for policy in self._policies:
            policy.wrap_ended(now, agent, wrap_s)


def others_rates(whose: Sequence[int], rates: Sequence[float], asked: int) -> Array | None:
    """The answer rates of the other campaigns' calls, nan for the asked one's; None where all are its own."""
    if all(index == asked for index in whose):
        return None
    return np.array([np.nan if index == asked else rates[index] for index in whose])


def deal(lists: Sequence[List]) -> tuple[float, ...]:
    """The one list: leads so dealt that those who answer are of each campaign as its share says."""
    weights = [each.share / each.answer_rate for each in lists]
    owed, dealt = [0.0] * len(lists), []
    for _ in range(PATTERN):
        owed = [debt + weight / sum(weights) for debt, weight in zip(owed, weights, strict=True)]
        index = int(np.argmax(owed))
        owed[index] -= 1.0
        dealt.append(lists[index].answer_rate)
    return tuple(dealt)


def run_sharing(*, agents: int, lists: Sequence[List], seeds: int, hours: float) -> dict[str, Any]:
    """The campaigns side by side, and one campaign of their mixture, on the same seeds."""
    dealt = deal(lists)
    scenario = Scenario(agents=agents, answer_rate=float(np.mean(dealt)), dealt=dealt)
    until_s = WARM_UP_S + 3600.0 * hours
    shared: list[Tally] = []
    single: list[Tally] = []
    reached = [Reached() for _ in lists]
    target = sum(each.share * each.target for each in lists) / sum(each.share for each in lists)
    for seed in range(seeds):
        campaigns = Campaigns(lists)
        simulation = Simulation(scenario, campaigns, seed=seed, gap_s=gap_for(scenario))
        simulation.run(until_s=WARM_UP_S)
        campaigns.reached = [Reached() for _ in lists]
        shared.append(simulation.run(until_s=until_s, warm_up_s=WARM_UP_S))
        for whole, part in zip(reached, campaigns.reached, strict=True):
            whole.answered += part.answered
            whole.abandoned += part.abandoned
        one = Simulation(scenario, Winback(target), seed=seed, gap_s=gap_for(scenario))
        single.append(one.run(until_s=until_s, warm_up_s=WARM_UP_S))
    answered = max(1, sum(each.answered for each in reached))
    differences = [both.utilisation - alone.utilisation for both, alone in zip(shared, single, strict=True)]
    rows = {"shared": summarise(shared), "one_campaign": summarise(single)}
    return {
        "world": {"agents": agents, "seeds": seeds, "hours": hours},
        **{
            name: {
                "utilisation": round(row.utilisation, 5),
                "utilisation_ci": round(row.utilisation_ci, 5),
                "abandonment": round(row.abandonment, 5),
            }
            for name, row in rows.items()
        },
        "difference": round(sum(differences) / len(differences), 5),
        "difference_ci": round(half_width(differences), 5),
        "campaigns": [
            {
                "answer_rate": each.answer_rate,
                "target": each.target,
                "share_wanted": round(each.share / sum(other.share for other in lists), 4),
                "share_of_answers": round(came.answered / answered, 4),
                "abandonment": round(came.abandoned / max(1, came.answered), 5),
            }
            for each, came in zip(lists, reached, strict=True)
        ],
    }

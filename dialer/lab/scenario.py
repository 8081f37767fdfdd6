"""Scenarios: how customers answer and how long agents take. All times in seconds.

The default is the reference scenario of docs/pacing.md. A scenario may change during the day
(`ScenarioPhase`), and its leads may differ in how likely they are to answer (`spread`).
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from telephony.simulator import people

BLOCK = 4096  # random numbers drawn at once
AGENT_STREAM = 1  # what agents and machines draw from, apart from the customers' numbers
SIGN_STREAM = 2  # what agents' signs draw from, so that nothing else is drawn otherwise where there are some


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPhase:
    """What is different from `start_s` on; None keeps what the scenario says."""

    start_s: float
    answer_rate: float | None = None
    talk_mean_s: float | None = None
    agents: int | None = None  # logged in, those on a break among them
    inbound_per_hour: float | None = None
    dialling: bool | None = None  # whether leads may be rung at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """So many agents go when their talk is over, from `start_s` on, and come back after `length_s` each.

    Announced, a policy knows `notice_s` before who goes and when; otherwise it sees them gone.
    """

    start_s: float
    length_s: float
    agents: int
    announced: bool = True
    notice_s: float = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Nobody picks up for so long: a carrier's outage, a news event.

    A call that would have been answered meanwhile rings on to its limit; one whose customer would have picked
    up after the end is answered then.
    """

    start_s: float
    length_s: float

    def covers(self, now_s: float) -> bool:
        """Whether nobody picks up at this moment."""
        return self.start_s <= now_s < self.start_s + self.length_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTimes:
    """Lengths that were seen, in seconds; drawn again at random in place of the stated distributions.

    `promises` are the moments at which promises came due, over and above the scenario's own.
    """

    answers: tuple[float, ...]
    failures: tuple[float, ...]
    talks: tuple[float, ...]
    wraps: tuple[float, ...]
    promises: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A campaign's surroundings.

    `spread` is the standard deviation of leads' log-odds of answering, `agent_spread` that of the
    logarithm of agents' own pace of talking and wrapping up, whose mean is 1. `machine_share` of the
    answers are answering machines: an agent hears one out for `machine_mean_s`. `rate_by_hour` holds
    answer rates at hours 0, 1, 2 ... of the day, straight lines between them. Of `sign_share` of the talks
    with leads and promises the agent says that they are about to end, a gamma time of mean `sign_ahead_s` and
    shape `sign_shape` before they do, or at their beginning where they are shorter; `wrap_sign_…` is the same
    of wrap-ups. `dealt` holds answer rates of leads in the order in which lists are dealt out, again and
    again, where several lists make up what is called.
    """

    agents: int
    answer_rate: float
    talk_mean_s: float = people.TALK_MEAN_S
    talk_cv: float = people.TALK_CV
    wrap_mean_s: float = 20.0
    wrap_cv: float = 0.5
    ring_start_s: float = people.RING_START_S
    ring_shape: float = people.RING_SHAPE
    ring_scale_s: float = people.RING_SCALE_S
    ring_cap_s: float = people.LONGEST_RING_S  # of the gamma part
    ring_limit_s: float = people.UNANSWERED_RING_S
    early_failures: float = people.EARLY_END_SHARE
    early_from_s: float = 2.0
    early_to_s: float = 10.0
    patience_s: float = 2.0
    lines: int | None = None  # calls at once, conversations with leads and promises among them
    calls_per_s: int | None = None  # new calls in any second
    inbound_per_hour: float = 0.0
    inbound_patience_s: float = 120.0
    promises_per_hour: float = 0.0
    promise_notice_s: float = 0.0  # how long before they are due agents are left for them; the engine: a ring
    promise_answer_rate: float = 0.85
    spread: float = 0.0
    agent_spread: float = 0.0
    machine_share: float = 0.0
    machine_mean_s: float = 8.0
    sign_share: float = 0.0
    sign_ahead_s: float = 15.0
    wrap_sign_share: float = 0.0
    wrap_sign_ahead_s: float = 8.0
    sign_shape: float = 4.0  # a coefficient of variation of a half
    rate_by_hour: tuple[float, ...] = ()
    dealt: tuple[float, ...] = ()
    breaks: tuple[Break, ...] = ()
    phases: tuple[ScenarioPhase, ...] = ()
    outages: tuple[Outage, ...] = ()
    recorded: RecordedTimes | None = None

    def rate_at(self, now_s: float) -> float:
        """The answer rate at this moment of a day with `rate_by_hour`; the last one holds on."""
        hours = self.rate_by_hour
        index = min(now_s / 3600.0, len(hours) - 1.0)
        low = int(index)
        high = min(low + 1, len(hours) - 1)
        return hours[low] + (index - low) * (hours[high] - hours[low])


def read_scenario(text: str, *, agents: int, answer_rate: float) -> Scenario:
    """A scenario from a JSON object: any of `Scenario`'s fields, lists of objects for what happens in it.

    Raises ValueError naming what is no scenario.
    """
    try:
        given: dict[str, Any] = {"agents": agents, "answer_rate": answer_rate} | json.loads(text)
        given["phases"] = tuple(ScenarioPhase(**phase) for phase in given.get("phases", ()))
        given["breaks"] = tuple(Break(**pause) for pause in given.get("breaks", ()))
        given["dealt"] = tuple(float(rate) for rate in given.get("dealt", ()))
        given["outages"] = tuple(Outage(**outage) for outage in given.get("outages", ()))
        given["rate_by_hour"] = tuple(float(rate) for rate in given.get("rate_by_hour", ()))
        return Scenario(**given)
    except TypeError as wrong:
        raise ValueError(f"not a scenario: {wrong}") from wrong


class Sampler:
    """Draws from a scenario, in blocks; the same seed gives the same customers to every policy."""

    __slots__ = (
        "_agents",
        "_levels",
        "_outcomes",
        "_pacers",
        "_rng",
        "_scenario",
        "_signs",
        "_talks",
        "_wraps",
        "answer_rate",
        "talk_factor",
    )  # fmt: skip

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._rng = np.random.default_rng(seed)
        self._talks: list[float] = []
        self._wraps: list[float] = []
        self._outcomes: list[tuple[float, float, float]] = []
        self._levels: list[float] = []
        self._agents = np.random.default_rng((seed, AGENT_STREAM))
        self._signs = np.random.default_rng((seed, SIGN_STREAM))
        self._pacers: dict[int, float] = {}
        self.answer_rate = scenario.answer_rate
        self.talk_factor = 1.0

    def pace(self, agent: int) -> float:
        """How long this agent takes, as a multiple of the mean over agents."""
        spread = self._scenario.agent_spread
        if spread <= 0.0:
            return 1.0
        if agent not in self._pacers:
            self._pacers[agent] = float(self._agents.lognormal(-spread * spread / 2.0, spread))
        return self._pacers[agent]

    def is_person(self) -> bool:
        """Whether this answer is a person's, not a machine's."""
        share = self._scenario.machine_share
        return share <= 0.0 or bool(self._agents.random() >= share)

    def machine_s(self, agent: int) -> float:
        """How long an agent listens to an answering machine."""
        return float(self._agents.exponential(self._scenario.machine_mean_s)) * self.pace(agent)

    def sign_s(self, talk_s: float) -> float | None:
        """How long before the end of this talk the agent says that it is about to end; None: does not."""
        return self._said_s(talk_s, self._scenario.sign_share, self._scenario.sign_ahead_s)

    def wrap_sign_s(self, wrap_s: float) -> float | None:
        """The same of this wrap-up."""
        return self._said_s(wrap_s, self._scenario.wrap_sign_share, self._scenario.wrap_sign_ahead_s)

    def _said_s(self, length_s: float, share: float, mean_s: float) -> float | None:
        if share <= 0.0 or self._signs.random() >= share:
            return None
        shape = self._scenario.sign_shape
        return min(length_s, float(self._signs.gamma(shape, mean_s / shape)))

    def talk_s(self, agent: int = 0) -> float:
        """The length of one conversation."""
        if not self._talks:
            recorded = self._scenario.recorded
            self._talks = (
                self._again(recorded.talks)
                if recorded
                else self._lognormal(self._scenario.talk_mean_s, self._scenario.talk_cv)
            )
        return self._talks.pop() * self.talk_factor * self.pace(agent)

    def wrap_s(self, agent: int = 0) -> float:
        """The length of one wrap-up."""
        if not self._wraps:
            recorded = self._scenario.recorded
            self._wraps = (
                self._again(recorded.wraps)
                if recorded
                else self._lognormal(self._scenario.wrap_mean_s, self._scenario.wrap_cv)
            )
        return self._wraps.pop() * self.pace(agent)

    def call(self, probability: float | None = None) -> tuple[bool, float]:
        """Whether one call is answered, and after how long it is answered or fails."""
        if not self._outcomes:
            self._outcomes = self._calls()
        luck, answer_s, failure_s = self._outcomes.pop()
        answered = luck < (self.answer_rate if probability is None else probability)
        return answered, (answer_s if answered else failure_s)

    def probability(self) -> float:
        """One lead's own chance of answering; its mean over leads is the answer rate."""
        if not self._levels:
            self._levels = self._lead_levels()
        return self._levels.pop()

    def until_inbound_s(self, per_hour: float) -> float:
        """The time to the next live caller."""
        return float(self._rng.exponential(3600.0 / per_hour))

    def _again(self, seen: tuple[float, ...]) -> list[float]:
        return [float(draw) for draw in self._rng.choice(np.array(seen), BLOCK)]

    def _lognormal(self, mean: float, cv: float) -> list[float]:
        draws = self._rng.lognormal(*people.log_normal(mean, cv), BLOCK)
        return [float(draw) for draw in draws]

    def _calls(self) -> list[tuple[float, float, float]]:
        scenario, rng = self._scenario, self._rng
        luck = rng.random(BLOCK)
        if scenario.recorded:
            again = (self._again(scenario.recorded.answers), self._again(scenario.recorded.failures))
            return list(zip(luck.tolist(), *again, strict=True))
        gamma = rng.gamma(scenario.ring_shape, scenario.ring_scale_s, BLOCK)
        answers = scenario.ring_start_s + np.minimum(gamma, scenario.ring_cap_s)
        early = rng.uniform(scenario.early_from_s, scenario.early_to_s, BLOCK)
        failures = np.where(rng.random(BLOCK) < scenario.early_failures, early, scenario.ring_limit_s)
        return list(zip(luck.tolist(), answers.tolist(), failures.tolist(), strict=True))

    def _lead_levels(self) -> list[float]:
        scenario = self._scenario
        if scenario.spread <= 0.0:
            return [self.answer_rate] * BLOCK
        centre = centre_for(self.answer_rate, scenario.spread)
        odds = centre + scenario.spread * self._rng.standard_normal(BLOCK)
        return [float(level) for level in 1.0 / (1.0 + np.exp(-odds))]


def centre_for(rate: float, spread: float) -> float:
    """The mean log-odds that make leads with this spread answer at `rate` on average."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    weights = weights / weights.sum()
    low, high = -12.0, 12.0
    for _ in range(60):
        middle = (low + high) / 2.0
        mean = float((weights / (1.0 + np.exp(-(middle + spread * nodes)))).sum())
        low, high = (middle, high) if mean < rate else (low, middle)
    return (low + high) / 2.0

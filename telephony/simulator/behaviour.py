"""Who lives behind the simulated PBX and how they behave. Pure: chance comes in as a generator.

All durations are seconds of the simulated people; `speed` divides every one of them, so that an hour
of a call centre passes in six minutes at speed 10.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from telephony.simulator import people


class SimulatedCustomer(StrEnum):
    """What happens when a customer's number is dialled."""

    ANSWERS = "answers"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CONGESTION = "congestion"
    UNALLOCATED = "unallocated"
    REJECTS = "rejects"


class Reach(StrEnum):
    """How an agent is reached."""

    STANDING = "standing"  # a headset that is never hung up: bridged without ringing
    PHONE = "phone"  # a phone that rings and is answered
    DEAF = "deaf"  # a phone that rings and is not answered


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedAgent:
    """An agent and how they are reached; who has a standing connection begins the day with it up."""

    id: str
    reach: Reach = Reach.STANDING

    @property
    def interface(self) -> str:
        if self.reach is Reach.STANDING:
            return f"Local/{self.id}@winback-agents/n"
        return f"PJSIP/{self.id}"

    @property
    def state_interface(self) -> str:
        return f"Agent:{self.id}" if self.reach is Reach.STANDING else self.interface


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPlay:
    """One attempt as the customer lives it; seconds, already divided by the speed."""

    kind: SimulatedCustomer
    ring_s: float  # from ringing to whatever happens
    talk_s: float  # from answer to the customer's own hang-up, once an agent is there
    patience_s: float = math.inf  # how long the customer waits for an agent after answering
    machine: bool = False  # it is an answering machine that picks up, and that presses no key
    key: str = "1"  # what a person presses who is called back and asked for a key


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerPlay:
    """One live caller; seconds, already divided by the speed."""

    number: str
    patience_s: float
    talk_s: float
    presses_one_after_s: float | None  # None: would rather stay on the line
    queue: str | None = None  # one of `Behaviour.elsewhere`; None: the inbound queue


def _agents(count: int) -> tuple[SimulatedAgent, ...]:
    return tuple(SimulatedAgent(id=f"a{n}") for n in range(1, count + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """The people and their habits. The defaults are the demo's call centre.

    With `scripted`, a customer's behaviour is read from the last three digits of the number, as the
    test dialplan on a real Asterisk does: kind and two digits of tenths of a second. The digit before them is
    the key that is pressed where one is asked for; 0 stands for 1.
    """

    agents: tuple[SimulatedAgent, ...] = _agents(8)
    speed: float = 1.0
    scripted: bool = False
    inbound_queue: str = "support"
    outbound_queues: tuple[str, ...] = ("outbound",)
    own_queues: bool = True  # a queue for each agent alone
    team_queues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of these agents alone
    # queues that are none of Winback's: their members, and by what names those go there
    elsewhere: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    strangers: tuple[SimulatedAgent, ...] = ()  # members of those queues only
    connect_within_s: float = 2.0
    machine_hint: bool = False  # whether a listener tells what sounds like an answering machine
    sounds: Mapping[str, float] = field(default_factory=dict)  # sound files that are there, and their seconds
    channels: Mapping[str, int] = field(default_factory=dict)  # calls at once, of trunks that have a limit
    agent_ring_limit_s: float = 15.0
    agent_answers_after_s: float = 2.0
    answer_probability: float = 0.45
    machine_share: float = 0.0  # of those that answer
    expecting_answer_probability: float = 0.85  # of people who asked to be called back
    busy_probability: float = 0.06
    reject_probability: float = 0.03
    bad_number_probability: float = 0.01
    least_ring_s: float = people.RING_START_S
    ring_shape: float = people.RING_SHAPE
    ring_scale_s: float = people.RING_SCALE_S
    longest_ring_s: float = people.LONGEST_RING_S
    unanswered_ring_s: float = people.UNANSWERED_RING_S
    early_end_share: float = people.EARLY_END_SHARE  # of the unanswered: the network gives up sooner
    talk_mean_s: float = people.TALK_MEAN_S
    talk_cv: float = people.TALK_CV
    callers_per_hour: float = 30.0
    patience_mean_s: float = 120.0
    callback_wish: float = 0.6  # share of waiting callers who take the offer
    offer_after_s: float = 20.0
    callers_talk_mean_s: float = 240.0
    caller_numbers: tuple[str, ...] = ()  # whose phones ring in; empty: anybody's, reserved for fiction

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError("speed must be above zero")
        if len({agent.id for agent in self.agents}) != len(self.agents):
            raise ValueError("two agents with one id")

    def customer(self, number: str, rng: random.Random, *, expecting: bool = False) -> CustomerPlay:
        """How this number behaves this time."""
        if self.scripted:
            return _scripted(number, self.speed)
        answers = self.expecting_answer_probability if expecting else self.answer_probability
        talk_s = lognormal(rng, self.talk_mean_s, self.talk_cv)
        ring_s = self.least_ring_s + rng.gammavariate(self.ring_shape, self.ring_scale_s)
        ring_s = min(ring_s, self.longest_ring_s)
        unanswered_s = self.unanswered_ring_s
        if rng.random() < self.early_end_share:
            unanswered_s *= rng.uniform(0.4, 0.95)
        chance = rng.random()
        kind, wait_s = SimulatedCustomer.NO_ANSWER, unanswered_s
        for likely, candidate, seconds in (
            (answers, SimulatedCustomer.ANSWERS, ring_s),
            (self.busy_probability, SimulatedCustomer.BUSY, 1.0),
            (self.reject_probability, SimulatedCustomer.REJECTS, min(ring_s, 6.0)),
            (0.0 if expecting else self.bad_number_probability, SimulatedCustomer.UNALLOCATED, 0.5),
        ):
            if chance < likely:
                kind, wait_s = candidate, seconds
                break
            chance -= likely
        machine = (
            kind is SimulatedCustomer.ANSWERS and self.machine_share > 0 and rng.random() < self.machine_share
        )
        return CustomerPlay(
            kind=kind, ring_s=wait_s / self.speed, talk_s=talk_s / self.speed, machine=machine
        )

    def next_caller_s(self, rng: random.Random) -> float:
        """Seconds until the next live caller rings in."""
        if self.callers_per_hour <= 0:
            return math.inf
        return rng.expovariate(self.callers_per_hour / 3600.0) / self.speed

    def caller(self, rng: random.Random) -> CallerPlay:
        """The next live caller, with a number reserved for fiction."""
        wishes = rng.random() < self.callback_wish
        patience_s = rng.expovariate(1.0 / self.patience_mean_s)
        offer_s = self.offer_after_s * rng.uniform(0.9, 1.6)
        return CallerPlay(
            number=self._caller_number(rng),
            patience_s=(max(patience_s, offer_s + 5.0) if wishes else patience_s) / self.speed,
            talk_s=lognormal(rng, self.callers_talk_mean_s, self.talk_cv) / self.speed,
            presses_one_after_s=offer_s / self.speed if wishes else None,
        )

    def _caller_number(self, rng: random.Random) -> str:
        if self.caller_numbers:
            return rng.choice(self.caller_numbers)
        return f"07700900{rng.randrange(1000):03d}"  # Ofcom's mobile range for drama use


def lognormal(rng: random.Random, mean: float, cv: float) -> float:
    """A log-normal duration with this mean and this coefficient of variation."""
    return rng.lognormvariate(*people.log_normal(mean, cv))


# What the kinds of the test dialplan are here; the two digits after the kind are tenths of a second
# of ringing, but for 7 and 8: time from answer to hang-up (tenths, seconds).
_KINDS = {
    "0": SimulatedCustomer.ANSWERS,
    "1": SimulatedCustomer.ANSWERS,
    "2": SimulatedCustomer.BUSY,
    "3": SimulatedCustomer.NO_ANSWER,
    "4": SimulatedCustomer.CONGESTION,
    "5": SimulatedCustomer.UNALLOCATED,
    "6": SimulatedCustomer.REJECTS,
    "7": SimulatedCustomer.ANSWERS,
    "8": SimulatedCustomer.ANSWERS,
    "9": SimulatedCustomer.BUSY,
}
_SHORT_RING_S = 0.3


def _scripted(number: str, speed: float) -> CustomerPlay:
    kind, digits = number[-3:-2], number[-2:]
    play = _KINDS.get(kind, SimulatedCustomer.UNALLOCATED)
    tenths = float(digits)
    key = number[-4:-3].replace("0", "1") or "1"
    if kind in "78":
        life_s = tenths / 10 if kind == "7" else tenths
        return CustomerPlay(
            kind=play, ring_s=_SHORT_RING_S / speed, talk_s=life_s / speed, patience_s=life_s / speed, key=key
        )
    ring_s = {"0": _SHORT_RING_S, "3": math.inf, "5": 0.0, "9": 0.0}.get(kind, tenths / 10)
    return CustomerPlay(kind=play, ring_s=ring_s / speed, talk_s=math.inf, machine=kind == "0", key=key)

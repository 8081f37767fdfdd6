"""The stated model of `winback lab callbacks`: how callers wait, choose, answer and ring in, and what breaks.

Times in seconds. Arrivals are Poisson with the day's profile; a caller's patience, wish and luck are drawn
once, so that a day without callbacks meets the same people.

Whoever hears how long the wait is knows whether they would hold so long (Armony, Shimkin and Whitt, "The
impact of delay announcements in many-server queues with abandonment", 2009). Who would not takes the call or
hangs up. Who would still takes it in 37 cases in 100 where a key asks for it (Hathaway, Emadi and Deshpande,
"Don't call us, we'll call you", 2021: of all who were offered one in a bank's centre, so no more than that),
and in 86 where the call is the default and a key is for staying, as with other defaults (Madrian and Shea,
"The power of suggestion", 2001). In the same bank 7 % of the calls back were not answered.
"""

import random
from dataclasses import dataclass
from typing import Final

from callbacks.offers import Offer
from callbacks.return_call import ReturnAnswer
from telephony.calls.events import Outcome
from telephony.simulator import people

DAY_S: Final = 86_400.0
#: callers of each open hour as a multiple of the day's mean: a morning and an afternoon peak; mean 1
PROFILE: Final = (0.7, 1.0, 1.3, 1.2, 0.9, 0.9, 1.1, 1.15, 1.0, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackScenario:
    """One centre; shares are of callers, of promises or of calls, as each comment says."""

    agents: int = 8
    load: float = 0.9  # work that rings in over work the agents can do, over the whole day
    talk_s: float = 220.0
    talk_cv: float = people.TALK_CV
    wrap_s: float = 20.0  # mean and spread of docs/pacing.md's reference
    wrap_cv: float = 0.5
    wrap_limit_s: float = 60.0  # then the centre ends it, as `pacing.wrap_up_limit_s` does
    opens_h: int = 8
    patience_s: float = 600.0  # exponential, on the line
    redials: float = 0.3  # of those who gave up; once
    redial_s: float = 900.0
    way_in_s: float = 4.0  # "the wait is between 20 and 30 minutes": 8 words
    booked_s: float = 24.0  # the call booked, the number, "you can hang up now", 14 s; half listen on, 20 s
    first_heard_s: float = 12.0  # from the way in on: "all are busy" and the keys
    heard_again_s: float = 45.0
    default_from_s: float = 120.0  # from this median wait on the call is the default; below, it takes a key
    takes_by_key: float = 0.37  # of those who would hold out the wait they are told
    takes_by_default: float = 0.86  # of the same
    takes_rather: float = 0.92  # of those who would not hold so long; the others hang up
    hung_up_s: float = 3.0  # nobody is rung sooner after they hung up
    dialogue_s: float = 20.0  # the number and the keys, 11 s, a key, the yes; half listen on for 10 s
    reachable: float = 0.96  # of promises: the phone is on, and theirs
    answers: float = 0.93  # of calls to those; each call for itself
    busy: float = 0.3  # of the calls not answered
    machine: float = 0.2  # of the calls not answered
    bad_number: float = 0.1  # of those who are not reachable
    cut_off: float = 0.005  # of talks
    ask_key: bool = True  # as `callbacks.ask_key`
    words_s: float = 5.5  # from the answer to "to talk, press 1": 12 words
    key_s: float = 2.0  # to find the key; exponential
    says_later: float = 0.02  # of those who answer: key 2
    cancels: float = 0.02  # key 3
    not_asked: float = 0.001  # key 9
    no_key: float = 0.01
    no_key_s: float = 33.0  # a machine, or nobody: the words, 13 s, the keys, 10 s, and 5 s after each
    bridge_s: float = 0.3  # from the answer to the agent who is kept
    agent_gone: float = 0.004  # of the agents kept: the phone is off the hook or off the net
    pickup_s: float = 20.0  # for so long an answered customer waits for another agent
    impatient: float = 0.05  # of promises: ring in while they wait
    late: float = 0.3  # of promises: ring in once the time they were told is over
    calls_back: float = 0.4  # of missed calls
    calls_back_s: float = 600.0
    restarts_a_day: float = 0.5  # of the engine
    restart_s: float = 25.0
    leaves_a_day: float = 1.0  # times that agents leave unannounced
    leave_agents: int = 2
    leave_s: float = 2700.0
    outages_a_day: float = 0.3  # of the trunk
    outage_s: float = 240.0

    def books(self, offer: Offer) -> bool:
        """Whether a call is booked on the way in, unless a key is pressed to stay."""
        return offer.middle_s is not None and not offer.nearly and offer.middle_s >= self.default_from_s

    def takes(self, *, lasts: bool, booked: bool) -> float:
        """The share who take a call, `booked` or by key; `lasts`: of those who would hold so long."""
        if not lasts:
            return self.takes_rather
        return self.takes_by_default if booked else self.takes_by_key

    @property
    def handle_s(self) -> float:
        """Talk and wrap-up."""
        return self.talk_s + self.wrap_s

    @property
    def open_s(self) -> float:
        """How long a day is open."""
        return 3600.0 * len(PROFILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingsIn:
    """One caller, as drawn: what they do on the line, and how long an agent takes over them."""

    at_s: float
    patience_s: float
    wish: float  # 0 to 1: takes the call where the share that does is above it
    talk_s: float
    wrap_s: float
    redials: bool


class CallbackPeople:
    """Draws from a scenario; one stream for who rings in, one for what they do, one for what breaks."""

    def __init__(self, scenario: CallbackScenario, seed: int) -> None:
        self.scenario = scenario
        self._arrivals, self.chance, self._faults = (
            random.Random(f"{seed} {stream}")  # noqa: S311 - a simulation is repeated by its seed
            for stream in ("arrivals", "people", "faults")
        )
        self._talk = people.log_normal(scenario.talk_s, scenario.talk_cv)
        self._wrap = people.log_normal(scenario.wrap_s, scenario.wrap_cv)

    def arrivals(self, opens_s: float) -> list[RingsIn]:
        """Who rings in anew on a day that opens at `opens_s`."""
        scenario, chance = self.scenario, self._arrivals
        rate = scenario.load * scenario.agents / scenario.handle_s
        most = rate * max(PROFILE)
        found: list[RingsIn] = []
        at = chance.expovariate(most)
        while at < scenario.open_s:
            if chance.random() * most < rate * PROFILE[int(at // 3600.0)]:
                found.append(self._draw(opens_s + at))
            at += chance.expovariate(most)
        return found

    def _draw(self, at_s: float) -> RingsIn:
        scenario, chance = self.scenario, self._arrivals
        return RingsIn(
            at_s=at_s,
            patience_s=chance.expovariate(1.0 / scenario.patience_s),
            wish=chance.random(),
            talk_s=chance.lognormvariate(*self._talk),
            wrap_s=min(chance.lognormvariate(*self._wrap), scenario.wrap_limit_s),
            redials=chance.random() < scenario.redials,
        )

    def faults(self, opens_s: float, per_day: float) -> list[float]:
        """The moments of one kind of fault on one day."""
        chance, found, at = self._faults, [], 0.0
        while per_day > 0.0 and (at := at + chance.expovariate(per_day / self.scenario.open_s)):
            if at >= self.scenario.open_s:
                break
            found.append(opens_s + at)
        return found

    def happens(self, share: float) -> bool:
        """One draw."""
        return self.chance.random() < share

    def key(self) -> tuple[ReturnAnswer | None, bool, float]:
        """What an answered customer's key asks for, whether there is one, and after how long."""
        scenario, chance = self.scenario, self.chance
        if not scenario.ask_key:
            return None, True, 0.0
        luck, after_s = chance.random(), scenario.words_s + chance.expovariate(1.0 / scenario.key_s)
        for answer, share in (
            (ReturnAnswer.LATER, scenario.says_later),
            (ReturnAnswer.CANCEL, scenario.cancels),
            (ReturnAnswer.NOT_ASKED, scenario.not_asked),
        ):
            if luck < share:
                return answer, True, after_s
            luck -= share
        return (None, False, scenario.no_key_s) if luck < scenario.no_key else (None, True, after_s)

    def call(self, *, reachable: bool) -> tuple[Outcome | None, float]:
        """What one call to a customer comes to, None for an answer, and after how long."""
        scenario, chance = self.scenario, self.chance
        if reachable and chance.random() < scenario.answers:
            gamma = chance.gammavariate(people.RING_SHAPE, people.RING_SCALE_S)
            return None, people.RING_START_S + min(gamma, people.LONGEST_RING_S)
        luck = chance.random()
        if not reachable and luck < scenario.bad_number:
            return Outcome.BAD_NUMBER, people.RING_START_S
        luck = chance.random()
        if luck < scenario.busy:
            return Outcome.BUSY, people.RING_START_S
        if luck < scenario.busy + scenario.machine:
            heard_s = scenario.no_key_s if scenario.ask_key else 0.0
            return Outcome.MACHINE, people.LONGEST_RING_S + heard_s
        return Outcome.NO_ANSWER, people.UNANSWERED_RING_S

"""What is remembered of one attempt's call, and how its end is judged."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from telephony.calls.events import Abandoned, Fact, Finished, HandedOver, Outcome
from telephony.calls.hangup_causes import LOST_IN_TALK, outcome_of
from telephony.calls.lifecycle import UNANSWERED, CallState

#: seconds an answer's event may come later than the queue's own clock began; leaning this way counts
#: a caller who left at the last moment as abandoned, which is the error the law forgives
SLACK_S: Final = 0.25
#: a call that lives this many seconds after leaving the queue hears the information message; one
#: whose customer hung up is gone within a few hundredths
MESSAGE_S: Final = 0.5
#: Q.850: the dial permit's refusal, and a telephone's
_REJECTED: Final = 21
#: ends that say nothing of the customer by themselves
_NOT_THE_CUSTOMER: Final = frozenset({Outcome.CONGESTION, Outcome.FAILED, Outcome.UNKNOWN})
#: answered, and nobody there yet
_HOLDING: Final = frozenset({CallState.ANSWERED, CallState.WAITING})


class Call:
    """The tracker's own record of a call; nobody else holds one."""

    __slots__ = (
        "abandoned",
        "agent",
        "answered_at",
        "attempt",
        "began_at",
        "birth_seen",
        "born",
        "causes",
        "connected_at",
        "customer_leg",
        "cut_off",
        "dialled",
        "ended",
        "first_agent",
        "first_agent_left",
        "first_agent_leg",
        "handed_over",
        "handed_to",
        "held_s",
        "left_at",
        "legs",
        "machine",
        "other_states",
        "over_at",
        "queued_at",
        "reason",
        "seen_at",
        "state",
        "statuses",
        "talk_s",
    )

    def __init__(self, attempt: str, at: datetime) -> None:
        self.attempt = attempt
        self.state = CallState.PLACED
        self.began_at = at
        self.seen_at = at
        self.birth_seen = False  # else its story was cut at the front, and what is missing may follow
        self.born: set[str] = set()  # legs other than the first half, ever seen
        self.legs: set[str] = set()  # those of them still alive
        self.ended: set[str] = set()
        self.causes: list[int] = []
        self.statuses: list[str] = []
        self.reason: int | None = None
        self.dialled = False
        self.machine = False
        self.abandoned = False
        self.cut_off = False
        self.handed_over = False  # the agent is out of the talk, and the call went on
        self.handed_to = ""
        self.held_s = 0.0  # in the queue, as the queue counted
        self.first_agent = ""  # the agent who is on the line before the customer is rung
        self.first_agent_leg = ""  # theirs
        self.first_agent_left = False  # they hung up before the customer had answered
        self.customer_leg = ""  # of a call with its agent first
        self.other_states: dict[str, str] = {}  # of such a call's channels that were not told apart yet
        self.agent: str | None = None
        self.answered_at: datetime | None = None
        self.queued_at: datetime | None = None
        self.left_at: datetime | None = None
        self.connected_at: datetime | None = None
        self.over_at: datetime | None = None
        self.talk_s: float | None = None

    def see_leg(self, channel: str) -> None:
        """A channel of this call by its name: any but the two halves of its own is a phone's."""
        if not channel.startswith(f"Local/{self.attempt}@"):
            self.dialled = True

    @property
    def is_decided(self) -> bool:
        """Whether the outcome is known without hearing more."""
        return (
            self.state not in UNANSWERED
            or self.reason is not None
            or outcome_of(self.causes, self.statuses, rang=self.rang) is not Outcome.UNKNOWN
        )

    @property
    def rang(self) -> bool:
        """Whether the customer's phone rings, or rang and was not picked up."""
        return self.state is CallState.RINGING

    def hear_cause(self, cause: int) -> None:
        """The end of a leg; a failure counts against a talk only while there is one, as legs fail before."""
        self.causes.append(cause)
        self.judge_line(cause)

    def see_first_agent_end(self, leg: str, cause: int) -> None:
        """A leg on the side of an agent who is there first has ended: of the customer it says nothing."""
        if leg == self.first_agent_leg and self.state in UNANSWERED:
            self.first_agent_left = not {self.attempt, self.customer_leg} & self.ended
        self.judge_line(cause)

    def judge_line(self, cause: int) -> None:
        """What a line's end says of the talk that it carried."""
        if self.state is CallState.TALKING and not self.handed_over and cause in LOST_IN_TALK:
            self.cut_off = True

    def hand_over(self, parted_at: datetime) -> Iterator[Fact]:
        """The agent left the talk and the call lives on; said once."""
        if self.state is CallState.TALKING and not self.handed_over and self.agent is not None:
            self.handed_over = True
            if self.talk_s is None and self.connected_at is not None:
                self.talk_s = (parted_at - self.connected_at).total_seconds()
            yield HandedOver(
                at=parted_at,
                attempt=self.attempt,
                agent=self.agent,
                talk_s=max(0.0, self.talk_s or 0.0),
                to=self.handed_to,
            )

    def waited_s(self, at: datetime) -> float:
        """Seconds from the answer, by our clock or by the queue's, whichever saw more."""
        if self.answered_at is None:
            return self.held_s
        return max(self.held_s, (at - self.answered_at).total_seconds())

    def hold(self, hold_s: int) -> None:
        """The queue's own count. It is cut to whole seconds at both ends, so one less is certain."""
        self.held_s = max(self.held_s, hold_s - 1.0)

    def judge_leaving(self, at: datetime, patience_s: float) -> Iterator[Fact]:
        """Out of the queue without an agent: whoever waited their time was abandoned."""
        if self.state is CallState.LEFT and self.waited_s(at) >= patience_s - SLACK_S:
            yield from self.abandon(at)

    def abandon(self, at: datetime) -> Iterator[Fact]:
        """The customer was abandoned; said once."""
        if self.state is CallState.LEFT and not self.abandoned:
            self.abandoned = True
            yield Abandoned(at=at, attempt=self.attempt, waited_s=self.waited_s(at))


def conclude(call: Call, at: datetime, patience_s: float) -> Iterator[Fact]:
    """The last facts of a call whose end was heard (or, of the first half at least, should have been)."""
    over = call.over_at or at
    if call.state is CallState.LEFT and call.left_at is not None and not call.abandoned:
        if (over - call.left_at).total_seconds() > MESSAGE_S:
            yield from call.abandon(call.left_at)
    elif (
        call.state in (CallState.ANSWERED, CallState.WAITING) and call.waited_s(over) >= patience_s - SLACK_S
    ):
        # answered, and nobody ever came: silence, whoever put the phone down
        call.state, call.left_at = CallState.LEFT, over
        yield from call.abandon(over)
    yield _finished(call, at, _outcome(call), over)


def conclude_lost(call: Call, at: datetime) -> Iterator[Fact]:
    """The last fact of a call that ended where we could not see it, before `at`.

    A talk may have gone on until then, and is told at that length. Nobody saw it fail either, so it is no
    call that was cut off: what came of it is the agent's to say.
    """
    outcome = Outcome.UNKNOWN
    if call.state is CallState.TALKING:
        outcome = Outcome.CONNECTED
    elif call.abandoned:
        outcome = Outcome.ABANDONED
    yield _finished(call, at, outcome, at)


def _finished(call: Call, at: datetime, outcome: Outcome, over: datetime) -> Finished:
    talk_s = call.talk_s
    if talk_s is None:
        talk_s = 0.0 if call.connected_at is None else (over - call.connected_at).total_seconds()
    call.state = CallState.FINISHED
    return Finished(
        at=at,
        attempt=call.attempt,
        outcome=outcome,
        causes=tuple(call.causes),
        talk_s=max(0.0, talk_s),
        agent=call.agent,
        cut_off=call.cut_off and outcome is Outcome.CONNECTED,
        handed_to=call.handed_to if call.handed_over else "",
    )


def _outcome(call: Call) -> Outcome:
    if call.state is CallState.TALKING:
        return Outcome.CONNECTED
    if call.abandoned:
        return Outcome.ABANDONED  # whatever the hint says: it may be wrong, and somebody may have waited
    if call.machine:
        return Outcome.MACHINE
    if call.state not in UNANSWERED:
        return Outcome.NO_KEY if call.state is CallState.ASKED else Outcome.HUNG_UP_WAITING
    outcome = outcome_of(call.causes, call.statuses, call.reason, rang=call.rang)
    # a permit's refusal ends the agent's leg too, on a busy machine before the one that was refused
    refused = call.other_states.get(call.first_agent_leg) == "Up" and _REJECTED in call.causes
    if call.first_agent_left and not (refused and not call.dialled):
        return Outcome.FAILED  # the agent was there first and hung up: the customer had no part in it
    if call.dialled or call.rang or outcome in _NOT_THE_CUSTOMER:
        return outcome
    if outcome is Outcome.REJECTED and _REJECTED in call.causes:
        return Outcome.REFUSED  # the dial permit hung up before any phone was dialled
    # no phone was dialled: an order given up while the dial permit is slow ends with "no answer" too
    return Outcome.FAILED if call.birth_seen else outcome

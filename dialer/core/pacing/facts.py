"""What a pacer is told, what it answers, and what it learns from.

Seconds named `..._s` that are moments count from the engine's own zero (any monotonic origin); those
named `age_s`, `ring_s`, `talk_s`, `wrap_s`, `waited_s`, `closing_s` are lengths.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

AgentState = Literal["ready", "reserved", "ringing", "talking", "wrapping_up", "paused"]
Mode = Literal["preview", "progressive", "predictive", "reserved"]
OVER_DIALLED: Final[frozenset[Mode]] = frozenset(
    {"predictive"}
)  # modes whose calls have no agent of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """One logged-in agent of the campaign and the moment its state began."""

    agent: str
    state: AgentState
    since_s: float
    leaves_s: float | None = None  # the moment of a known break or log-off, if one is planned
    reason: str | None = None  # of a pause, as the agent or the centre gave it
    closing_s: float | None = None  # since the agent said that this talk, or wrap-up, is about to end


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInAir:
    """An attempt that was placed and has neither failed nor reached an agent yet."""

    attempt: str
    age_s: float  # since it was placed
    answer_probability: float | None = None  # of this lead, as known before dialling
    for_promise: bool = False  # a promise's, or another campaign's that keeps an agent for each call
    answered: bool = False  # a person is on the line and waits for an agent
    others_rate: float | None = None  # another campaign's call: how often that one's calls are answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lead that may be rung at this moment; `value` only explains the order it came in."""

    lead: str
    answer_probability: float | None = None
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFacts:
    """Calls answered by a person and those of them abandoned, as the database has them."""

    answered: int = 0  # over the legal window of the campaign
    abandoned: int = 0
    answered_today: int = 0
    abandoned_today: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedWith:
    """Another campaign that looks ahead with the same agents: its share, and the price of its budget."""

    share: float
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingFacts:
    """Everything one decision depends on.

    `waiting_callers` and `due_promises` are people who come before any lead; a due promise that is
    already in the air is counted in `calls` (with `for_promise`) and no longer in `due_promises`.
    `candidates` stand in the campaign's order of value. `lines_free` is what trunks, calls-per-second
    limit and the compliance check leave at this moment.
    """

    now_s: float
    agents: tuple[AgentFacts, ...]
    calls: tuple[CallInAir, ...] = ()
    waiting_callers: int = 0
    due_promises: int = 0
    candidates: tuple[Candidate, ...] = ()
    lines_free: int = 1_000_000
    budget: BudgetFacts = field(default_factory=BudgetFacts)
    mode: Mode = "progressive"
    inbound_per_s: float = 0.0  # forecast of live callers on the same agents
    share: float = 1.0  # of the answers, beside that of each in `shared_with`
    shared_with: tuple[SharedWith, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why this many: the numbers it rests on and one sentence for the dashboard."""

    numbers: Mapping[str, float]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The leads to ring at once, how many due promises may ring, and why.

    `look_again_s` is how long the decision holds if nothing happens: ask again then, or on any event.
    `fresh` says that estimates or budget were set afresh for it, so that a trace must not leave it out.
    """

    dial: tuple[str, ...]
    promises: int
    reason: Explanation
    look_again_s: float = 1.0
    fresh: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialed:
    """A call was placed."""

    at_s: float
    attempt: str
    answer_probability: float | None = None
    for_promise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered:
    """A person (or a machine that passes for one) picked up after `ring_s` since the call was placed."""

    at_s: float
    attempt: str
    ring_s: float
    for_promise: bool = False
    answer_probability: float | None = None  # as it was known when the call was placed


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailed:
    """The call ended unanswered, for whatever reason, `ring_s` after it was placed."""

    at_s: float
    attempt: str
    ring_s: float
    for_promise: bool = False
    answer_probability: float | None = None  # as it was known when the call was placed


@dataclass(frozen=True, slots=True, kw_only=True)
class CallConnected:
    """Customer and agent hear each other."""

    at_s: float
    attempt: str
    agent: str
    waited_s: float = 0.0
    for_promise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAbandoned:
    """A person answered and no agent came in time, or the person left while waiting."""

    at_s: float
    attempt: str
    waited_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded:
    """A conversation of `talk_s` ended and wrap-up began; live callers' conversations count too."""

    at_s: float
    agent: str
    talk_s: float
    closing_s: float | None = None  # since the agent said that it is about to end; None: did not


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpEnded:
    """An agent finished a wrap-up of `wrap_s` and can be given the next call."""

    at_s: float
    agent: str
    wrap_s: float
    closing_s: float | None = None  # as of a talk


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEnded:
    """An agent came back to work from a pause of `pause_s`, taken for `reason`."""

    at_s: float
    agent: str
    reason: str
    pause_s: float


PacingEvent = (
    Dialed | CallAnswered | CallFailed | CallConnected | CallAbandoned | TalkEnded | WrapUpEnded | PauseEnded
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What campaigns on the same agents have to know of one that looks ahead."""

    answer_rate: float
    price: float  # of one more expected abandonment, by its own budget alone
    silent: bool = False  # its customers have stopped picking up


class Pacer(Protocol):
    """Decides how many calls to place. Holds estimates, no clock, no chance, no I/O."""

    @property
    def standing(self) -> Standing | None:
        """For the other campaigns on the same agents; None where each call keeps an agent of its own."""

    def decide(self, facts: PacingFacts) -> Decision:
        """The leads to ring now. Asking changes nothing but for when estimates are set afresh."""

    def observe(self, event: PacingEvent) -> None:
        """Learn from what happened. Every event once, in the order of `at_s`."""

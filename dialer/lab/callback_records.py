"""What a simulated centre keeps of its callers and promises, and what is counted of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from callbacks.ledger import ENDS, PromiseRecord
from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.queue_position import Person, PromiseWait
from callbacks.quotes import Quote
from callbacks.wait_history import Guesses
from dialer.lab.callback_scenario import RingsIn

BEGAN: Final = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday


def moment(at_s: float) -> datetime:
    """A moment of virtual time as the core wants it."""
    return BEGAN + timedelta(seconds=at_s)


@dataclass(slots=True, eq=False)
class LineCaller:
    """Somebody on the line; `promise` where they rang in while one was open."""

    drawn: RingsIn
    person: Person
    since_s: float  # on the line
    promise: "HeldPromise | None" = None
    gone: bool = False
    redialled: bool = False


@dataclass(slots=True, eq=False)
class HeldPromise:
    """One promise with its history, as the database would hold it, and what only the model knows.

    `on_line`: the customer is in our queue, or has not hung up yet.
    """

    id: int
    person: Person
    made_at: datetime
    quote: Quote | None
    asked_at: datetime
    hour: int
    guesses: Guesses
    middle_s: float | None
    talk_s: float
    wrap_s: float
    reachable: bool
    next_action_at: datetime
    kept: bool = False  # an agent is, for the call under way
    ordered_s: float = 0.0  # when that call was
    call: int = 0  # the one under way: another number once it was hung up
    rings_until_s: float = 0.0
    state: PromiseState = PROMISE.start
    attempts_made: int = 0
    ours_in_a_row: int = 0
    ended_at: datetime | None = None
    on_line: bool = False
    missed_at: datetime | None = None
    rung_at: list[datetime] = field(default_factory=list)  # our phone calls, counted or not
    called_at: datetime | None = None  # the first that rang the customer
    kept_at: datetime | None = None
    came_at: datetime | None = None
    steps: list[tuple[PromiseEvent | None, PromiseState]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps.append((None, self.state))

    def step(self, event: PromiseEvent, now: datetime) -> None:
        """One legal step; an illegal one raises."""
        self.state = PROMISE.after(self.state, event)
        self.steps.append((event, self.state))
        if self.state in PROMISE.ends:
            self.ended_at = now

    def record(self) -> PromiseRecord:
        """The promise beside its history, for the ledger."""
        return PromiseRecord(
            promise=self.id,
            queue="support",
            made_at=self.made_at,
            state=self.state,
            ended_at=self.ended_at,
            begun=sum(event is None for event, _ in self.steps),
            ends=sum(state in ENDS for _, state in self.steps),
            last_state=self.steps[-1][1],
        )

    def wait(self) -> PromiseWait:
        """The wait as it went, to look for overtaking."""
        return PromiseWait(
            promise=self.id,
            virtual_join=self.person.virtual_join,
            since=self.made_at,
            came_at=self.came_at,
            rung_at=tuple(self.rung_at),
        )


@dataclass(slots=True)
class CallbackTally:
    """What is counted of one run; times in seconds, areas in agent-seconds."""

    callers: int = 0
    served: int = 0
    gave_up: int = 0
    holding_s: float = 0.0  # on the line without an agent, the dialogue and after an answer included
    words_s: float = 0.0  # of calls back, up to the customer's key
    busy_s: float = 0.0
    kept_s: float = 0.0  # while a telephone rings
    rung_ahead: int = 0  # calls for an agent who still wrapped up
    logged_in_s: float = 0.0
    offers: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    double_calls: int = 0
    outside_hours: int = 0
    rung_while_on_line: int = 0
    after_answer_s: list[float] = field(default_factory=list)
    promises: list[HeldPromise] = field(default_factory=list)

    @property
    def occupancy(self) -> float:
        """Talk and wrap-up over logged-in time."""
        return self.busy_s / self.logged_in_s if self.logged_in_s else 0.0

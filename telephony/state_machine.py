"""One way to write a state machine: a literal table from (state, event) to the next state.

It stands here because every room above may import telephony; it knows nothing of calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

StateT = TypeVar("StateT", bound=StrEnum)
EventT = TypeVar("EventT", bound=StrEnum)


class IllegalTransition(Exception):
    """This event must not happen in this state; nothing was changed."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: {event!r} is not allowed in state {state!r}")
        self.machine = machine
        self.state = state
        self.event = event


@dataclass(frozen=True, slots=True)
class StateMachine(Generic[StateT, EventT]):
    """A named table with its start and its ends.

    The docs draw their diagrams from `table`; a test holds them to it.
    """

    name: str
    start: StateT
    ends: frozenset[StateT]
    table: Mapping[tuple[StateT, EventT], StateT]

    def after(self, state: StateT, event: EventT) -> StateT:
        """The state that follows; raises `IllegalTransition` and changes nothing where there is none."""
        try:
            return self.table[state, event]
        except KeyError:
            raise IllegalTransition(self.name, state, event) from None

    def allows(self, state: StateT, event: EventT) -> bool:
        """Whether the event may happen in this state."""
        return (state, event) in self.table

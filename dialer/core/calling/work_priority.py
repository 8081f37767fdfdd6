"""The order of work: promises by the moment their callers joined, then leads, agreed calls first.

Whether a promise or a waiting live caller gets the next agent is `callbacks.queue_position`'s question; this
is the order among those who have to be rung.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePromise:
    """A promise whose next action is due."""

    promise: int
    virtual_join: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLead:
    """A lead that may be rung: its rank on its list, what a call is expected to gain, and its list."""

    lead: int
    campaign: int
    rank: int
    value: float = 0.0
    asked_again: bool = False
    drawn: bool = False  # chance gave it this hour, which is soon over
    waits: bool = False  # a later hour today is clearly better for it


def in_turn(promises: Iterable[DuePromise]) -> tuple[DuePromise, ...]:
    """Promises in the order their callers joined; nothing ever moves one forward."""
    return tuple(sorted(promises, key=lambda due: (due.virtual_join, due.promise)))


def by_rank(leads: Iterable[DueLead]) -> tuple[DueLead, ...]:
    """Leads in the order they are to be rung: calls agreed with the customer, then each list's own rank.

    Before the others come those whose hour was drawn by chance, after them those who are better rung later
    today, so that they are rung now only where nobody else is left. Lists are dealt out in turn (all first
    ranks, then all second ranks), so that a short list does not wait for a long one.
    """
    return tuple(sorted(leads, key=_turn))


def _turn(due: DueLead) -> tuple[bool, bool, bool, int, int, int]:
    return (not due.asked_again, not due.drawn, due.waits, due.rank, due.campaign, due.lead)

"""Who is served next: people on the line and people at home, in one order.

A queue position is fixed by the moment the caller joined the queue and by nothing else. Neither a retry nor a
priority moves it, so nobody who joined later overtakes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who waits: on the line (`promise` is None), or at home for a promised call.

    `key` names the person for as long as the wait lasts: the live channel's id, or any name of the
    promise.
    """

    key: str
    virtual_join: datetime
    promise: int | None = None


def in_order(people: Iterable[Person]) -> tuple[Person, ...]:
    """Everybody in the order of service: by `virtual_join`, on the line before at home on a tie."""
    return tuple(
        sorted(people, key=lambda person: (person.virtual_join, person.promise is not None, person.key))
    )


def position_of(joined: datetime, others: Iterable[Person]) -> int:
    """The queue position to announce, 1 for next: one more than the number of people who joined earlier.

    Promises that wait for a retry are among `others`: they keep their queue position.
    """
    return 1 + sum(1 for other in others if other.virtual_join < joined)


def promises_in_turn(people: Iterable[Person], free_agents: int) -> tuple[int, ...]:
    """The promises to ring now: those among the first `free_agents` people in order.

    Everybody in front of them who is on the line has an agent, so ringing them takes nobody's turn.
    """
    first = in_order(people)[: max(0, free_agents)]
    return tuple(person.promise for person in first if person.promise is not None)


def count_overtaken(served: Sequence[Person]) -> int:
    """How many of `served` (in the order they were served) came after somebody who joined later.

    0 is the promise of this page. It is published, not only hoped for. One pass: a person was overtaken
    exactly if the latest joiner served before joined later.
    """
    overtaken = 0
    latest: datetime | None = None
    for person in served:
        if latest is not None and person.virtual_join < latest:
            overtaken += 1
        else:
            latest = person.virtual_join
    return overtaken

"""Who is served next: people on the line and people at home, in one order.

A queue position is fixed by the moment the caller joined the queue and by nothing else. Neither a retry nor a
priority moves it, so nobody who joined later overtakes.
"""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush, nsmallest


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who waits: on the line (`promise` is None), or at home for a promised call.

    `key` names the person for as long as the wait lasts: the live channel's id, at home the id of the call
    in which the promise was made. `number` is empty where it is not known.
    """

    key: str
    virtual_join: datetime
    promise: int | None = None
    number: str = ""


def each_once(on_the_line: Iterable[Person], at_home: Collection[Person]) -> tuple[Person, ...]:
    """Everybody who waits, each once.

    Who was promised a call may still be on the line and hear that it is booked, or ring again from the same
    number: they wait at home.
    """
    calls = {person.key for person in at_home}
    numbers = {person.number for person in at_home if person.number}
    still = (each for each in on_the_line if each.key not in calls and each.number not in numbers)
    return (*at_home, *still)


def in_order(people: Iterable[Person]) -> tuple[Person, ...]:
    """Everybody in the order of service: by `virtual_join`, on the line before at home on a tie."""
    return tuple(sorted(people, key=_turn))


def position_of(joined: datetime, others: Iterable[Person]) -> int:
    """The queue position to announce, 1 for next: one more than the number of people who joined earlier.

    Promises that wait for a retry are among `others`: they keep their queue position.
    """
    return 1 + sum(1 for other in others if other.virtual_join < joined)


def promises_in_turn(people: Iterable[Person], free_agents: int) -> tuple[int, ...]:
    """The promises to ring now: those among the first `free_agents` people in order.

    Everybody in front of them who is on the line has an agent, so ringing them takes nobody's turn.
    """
    first = nsmallest(max(0, free_agents), people, key=_turn)
    return tuple(person.promise for person in first if person.promise is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseWait:
    """One promise's wait as it went: since when it could be rung, when its turn came, when it was rung.

    `came_at` is the first thing that became of it, a call or not; None while it waits for that.
    """

    promise: int
    virtual_join: datetime
    since: datetime
    came_at: datetime | None = None
    rung_at: tuple[datetime, ...] = ()


def find_overtaken(waits: Iterable[PromiseWait], one_look: timedelta) -> frozenset[int]:
    """The promises that waited for their turn while somebody who joined later was rung.

    Nobody, or invariant 6 is broken. Who had a turn and was not reached, or was put off by a rule, waits for
    another moment and not in the queue any more. Calls within `one_look` belong to one look at the queue:
    it may have begun before a promise was made, and two engines may look at once.

    The calls are gone through in the order of time, with those who wait at that moment on a heap, the
    earliest joiner on top: whoever is above the one who was rung was overtaken.
    """
    beginnings = deque(sorted(waits, key=lambda wait: wait.since))
    calls = sorted((at, wait.virtual_join) for wait in beginnings for at in wait.rung_at)
    waiting: list[tuple[datetime, int, datetime | None]] = []
    overtaken = set()
    for rung_at, joined in calls:
        while beginnings and beginnings[0].since + one_look <= rung_at:
            wait = beginnings.popleft()
            heappush(waiting, (wait.virtual_join, wait.promise, wait.came_at))
        while waiting and waiting[0][0] < joined:
            _, promise, came_at = heappop(waiting)
            if came_at is None or came_at > rung_at + one_look:
                overtaken.add(promise)
    return frozenset(overtaken)


def _turn(person: Person) -> tuple[datetime, bool, str]:
    return person.virtual_join, person.promise is not None, person.key

"""Who asks for a call at two doors at the same moment has one promise, and an hour is not given twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from databases.centre import Centre, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.db.queries import promises
from dialer.db.session import Transaction
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.promises.moves import move_promise
from dialer.services.promises.promises import (
    MadePromise,
    PromiseRequest,
    make_promise,
    open_promises,
    promise_ledger,
)
from dialer.services.promises.slots import open_slots

MOBILE, HOME, HERS = range(1, 4)
TOGETHER_S = 1.0  # where one writes at a time the other never comes; else it is there in milliseconds


@pytest.fixture
def looking_together(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Two requests that have both looked before either of them writes, where the database lets them."""
    both, write, came = Barrier(2), promises.make, list[str]()

    def make(tx: Transaction, **values: Any) -> int | None:
        came.append(values["e164"])
        with suppress(BrokenBarrierError):
            both.wait(TOGETHER_S)
        return write(tx, **values)

    monkeypatch.setattr(promises, "make", make)
    store_customers(
        centre.database,
        [CustomerRow(external_id="him", name="him", numbers=(number(MOBILE), number(HOME)))],
        centre.now,
    )
    return came


def request(centre: Centre, index: int, **values: Any) -> PromiseRequest:
    asked = {"queue": "support", "source_call": f"door-{index}", "virtual_join": centre.now, **values}
    return PromiseRequest(e164=number(index), **asked)


def ask_at_once(centre: Centre, *asked: PromiseRequest) -> list[MadePromise | Refusal]:
    with ThreadPoolExecutor(len(asked)) as doors:
        return list(doors.map(lambda each: make_promise(centre.database, each, centre.now), asked))


def test_two_numbers_of_one_person_at_once_are_one_promise_at_the_earlier_place(
    centre: Centre, looking_together: Sequence[str]
) -> None:
    earlier = centre.now - timedelta(minutes=9)

    made = ask_at_once(
        centre, request(centre, MOBILE, virtual_join=earlier), request(centre, HOME, virtual_join=earlier)
    )

    (standing,) = open_promises(centre.database)
    assert all(isinstance(each, MadePromise) for each in made), "the other number is called instead"
    assert (standing.virtual_join, standing.state) == (earlier, PromiseState.WAITING)
    ledger = promise_ledger(centre.database)
    assert (ledger.made, ledger.settled, ledger.open, ledger.error) == (2, 1, 1, 0)
    assert len(looking_together) == 2


def test_one_number_by_two_doors_at_once_is_one_promise(
    centre: Centre, looking_together: Sequence[str]
) -> None:
    web = request(centre, MOBILE, source_call="web-1")

    answers = ask_at_once(centre, request(centre, MOBILE), web)

    assert sum(isinstance(each, MadePromise) for each in answers) == 1
    assert Refusal(rule=Rule.PROMISE_ALREADY_OPEN) in answers
    assert promise_ledger(centre.database).made == 1


def test_the_last_room_of_an_hour_is_given_once(centre: Centre, looking_together: Sequence[str]) -> None:
    slot = open_slots(centre.database, "support", number(MOBILE), centre.now)[0]
    for index in range(10, 10 + slot.room - 1):
        make_promise(centre.database, request(centre, index, wanted=slot.start), centre.now)

    answers = ask_at_once(
        centre, request(centre, MOBILE, wanted=slot.start), request(centre, HERS, wanted=slot.start)
    )

    assert sorted(type(each).__name__ for each in answers) == ["MadePromise", "Refusal"]
    assert Refusal(rule=Rule.SLOT_TAKEN) in answers


@pytest.mark.parametrize("first", ["ask", "move"])
def test_asking_for_another_number_and_moving_the_call_at_once_leave_one_call(
    centre: Centre, looking_together: Sequence[str], first: str
) -> None:
    standing = centre.promise(MOBILE)
    slot = open_slots(centre.database, "support", number(MOBILE), centre.now)[0]
    acts: dict[str, Callable[[], Any]] = {
        "ask": lambda: make_promise(centre.database, request(centre, HOME), centre.now),
        "move": lambda: move_promise(centre.database, standing.id, slot.start, "customer", centre.now),
    }

    with ThreadPoolExecutor(2) as doors:
        begun = [doors.submit(acts[each]) for each in sorted(acts, reverse=first == "move")]
        for each in begun:
            each.result()

    (card,) = open_promises(centre.database)
    assert card.id != standing.id, "the newest wish stands"
    assert promise_ledger(centre.database).error == 0

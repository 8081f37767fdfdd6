"""Asked for at the same moment: one promise a person, an hour given once, and no cap is passed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from databases.centre import Centre, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.db.models import CallbackWish
from dialer.db.queries import callback_wishes, promises
from dialer.db.session import Transaction
from dialer.messaging_settings import PublicSettings
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
from dialer.services.promises.wishes import TooManyWishes, WebWish, take_wish
from telephony.numbers import E164

MOBILE, HOME, HERS = range(1, 4)
TOGETHER_S = 1.0  # where one writes at a time the other never comes; else it is there in milliseconds


@pytest.fixture
def looking_together(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Two requests that have both looked before either of them writes, where the database lets them."""
    came = list[str]()
    for module, name in ((promises, "make"), (callback_wishes, "add")):
        monkeypatch.setattr(module, name, looked_before(getattr(module, name), came))
    store_customers(
        centre.database,
        [CustomerRow(external_id="him", name="him", numbers=(number(MOBILE), number(HOME)))],
        centre.now,
    )
    return came


def looked_before(write: Callable[..., int | None], came: list[str]) -> Callable[..., int | None]:
    both = Barrier(2)

    def make(tx: Transaction, **values: Any) -> int | None:
        came.append(values["e164"])
        with suppress(BrokenBarrierError):
            both.wait(TOGETHER_S)
        return write(tx, **values)

    return make


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


def test_one_calling_number_at_once_has_no_more_promises_than_its_cap(
    centre: Centre, looking_together: Sequence[str]
) -> None:
    asks = partial(request, centre, source=number(MOBILE))
    most = centre.database.policy.callbacks.source_an_hour
    for index in range(10, 10 + most - 1):
        make_promise(centre.database, asks(index), centre.now)

    answers = ask_at_once(centre, asks(HOME), asks(HERS))

    assert sorted(type(each).__name__ for each in answers) == ["MadePromise", "Refusal"]
    assert [each.rule for each in answers if isinstance(each, Refusal)] == [Rule.PROMISE_SOURCE_HOUR]
    assert promise_ledger(centre.database).made == most


def test_one_address_at_once_has_no_more_wishes_than_its_cap(
    centre: Centre, looking_together: Sequence[str]
) -> None:
    limits = PublicSettings(form=True, speak_code=True, address_per_hour=1)
    wishes = [
        WebWish(number=E164.parse(number(index)), key=f"key-{index}", address="203.0.113.7")
        for index in (HOME, HERS)
    ]

    with ThreadPoolExecutor(len(wishes)) as doors:
        taken = list(
            doors.map(
                lambda wish: take_wish(centre.database, limits, wish, centre.now, queue="support"), wishes
            )
        )

    assert [type(each) for each in taken if not isinstance(each, int)] == [TooManyWishes]
    with centre.database.read() as tx:
        assert tx.query(CallbackWish).count() == 1

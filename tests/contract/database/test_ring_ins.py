"""A person who rings in has the place of their promise, and is not called back once an agent served them."""

from datetime import timedelta

from databases.centre import MONDAY, Centre, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal
from callbacks.ring_in import MISSED_WITHIN, ON_THE_LINE, place_of
from dialer.services.calls.attempts import consume_attempt
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.promises.moves import move_promise
from dialer.services.promises.promises import ended_promises, open_promises, promise_ledger
from dialer.services.promises.ring_ins import CallerServed, held_places, settle_served
from dialer.services.promises.slots import open_slots
from telephony.calls.events import Outcome

JOINED = MONDAY - timedelta(minutes=20)


def places(centre: Centre, index: int) -> list[int]:
    held = held_places(centre.database, {"again": number(index)}, centre.now)
    return [each.promise for each in held["again"]]


def serve(centre: Centre, index: int) -> tuple[int, ...]:
    served = CallerServed(at=centre.now, caller="again", number=number(index))
    return settle_served(centre.database, served, centre.now)


def test_who_rings_in_has_the_place_of_the_promise_and_somebody_else_has_not(centre: Centre) -> None:
    made = centre.promise(1, joined=JOINED)
    (held,) = held_places(centre.database, {"again": number(1)}, centre.now)["again"]

    assert place_of(centre.now, [held]) == (JOINED, held)
    assert held.promise == made.id
    assert places(centre, 2) == []


def test_who_booked_an_hour_and_rings_in_before_it_has_no_place_yet_and_is_not_called_after_all(
    centre: Centre,
) -> None:
    made = centre.promise(1, joined=JOINED)
    slot = open_slots(centre.database, "support", number(1), centre.now)[0]
    move_promise(centre.database, made.id, slot.start, "the customer", centre.now)
    (held,) = held_places(centre.database, {"again": number(1)}, centre.now)["again"]

    assert place_of(centre.now, [held]) == (centre.now, None)
    assert place_of(slot.quarter, [held]) == (JOINED, held)
    assert serve(centre, 1) == (made.id,)


def test_all_numbers_of_a_customer_are_one_person(centre: Centre) -> None:
    row = CustomerRow(external_id="c1", name="C", numbers=(number(1), number(2)), attributes={})
    store_customers(centre.database, [row], centre.now)
    made = centre.promise(1, joined=JOINED)

    assert places(centre, 2) == [made.id]
    assert serve(centre, 2) == (made.id,)


def test_an_agent_settles_it_and_nobody_is_called_back(centre: Centre) -> None:
    made = centre.promise(1)

    assert serve(centre, 1) == (made.id,)
    assert open_promises(centre.database) == ()
    (card,) = ended_promises(centre.database)
    assert (card.state, card.end_reason) == (PromiseState.SETTLED, ON_THE_LINE)
    assert promise_ledger(centre.database).error == 0
    assert centre.work()[0] == ()
    assert serve(centre, 1) == ()


def test_a_call_on_its_way_to_who_was_served_meanwhile_is_refused_by_the_permit(centre: Centre) -> None:
    centre.promise(1)
    order = centre.open()
    serve(centre, 1)

    assert isinstance(consume_attempt(centre.database, order.attempt, centre.now), Refusal)


def test_who_rings_back_within_half_an_hour_of_the_last_missed_call_has_the_place(centre: Centre) -> None:
    made = centre.promise(1, joined=JOINED)
    for _ in range(3):
        centre.finish(centre.dial(), Outcome.NO_ANSWER)
        centre.later(hours=1)
    centre.now -= timedelta(hours=1)
    assert open_promises(centre.database) == ()

    assert places(centre, 1) == [made.id]
    (held,) = held_places(centre.database, {"again": number(1)}, centre.now)["again"]
    assert place_of(centre.now, [held])[0] == JOINED
    centre.now += MISSED_WITHIN + timedelta(seconds=1)
    assert places(centre, 1) == []

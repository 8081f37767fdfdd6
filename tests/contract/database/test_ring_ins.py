"""A person who rings in has the place of their promise, and is not called back once an agent served them."""

from datetime import datetime, timedelta

import pytest
from databases.centre import MONDAY, PBX, Centre, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal
from callbacks.ring_in import MISSED_WITHIN, ON_THE_LINE, place_of
from dialer.services.calls.attempts import consume_attempt
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.promises.moves import move_promise
from dialer.services.promises.promises import MadePromise, ended_promises, open_promises, promise_ledger
from dialer.services.promises.ring_ins import CallerServed, held_places, settle_served
from dialer.services.promises.slots import open_slots
from dialer.services.promises.unkept import follow_up
from telephony.calls.events import CallerConnected, CallerJoined, Outcome

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


def rings_in(centre: Centre, index: int) -> None:
    """Somebody waits on our line."""
    joined = CallerJoined(at=centre.now, caller="again", queue="support", number=number(index), position=1)
    record_caller(centre.database, PBX, "GB", joined, centre.now)


def test_an_agent_whom_they_reach_while_we_ring_them_settles_it_whatever_becomes_of_our_call(
    centre: Centre,
) -> None:
    made = centre.promise(1)
    order = centre.dial()

    assert serve(centre, 1) == (made.id,)
    centre.finish(order, Outcome.NO_ANSWER)

    (card,) = ended_promises(centre.database)
    assert (card.state, card.end_reason) == (PromiseState.SETTLED, ON_THE_LINE)
    assert promise_ledger(centre.database).error == 0
    centre.later(hours=2)
    assert centre.work()[0] == ()


@pytest.mark.parametrize("shown", [1, 2], ids=["from the number we ring", "from another of theirs"])
def test_the_last_call_that_misses_who_rings_us_meanwhile_gives_nothing_up(
    centre: Centre, shown: int
) -> None:
    row = CustomerRow(external_id="c1", name="C", numbers=(number(1), number(2)), attributes={})
    store_customers(centre.database, [row], centre.now)
    centre.promise(1)
    for _ in range(2):
        centre.finish(centre.dial(), Outcome.NO_ANSWER)
        centre.later(hours=1)
    order = centre.dial()
    centre.later(seconds=5)
    rings_in(centre, shown)
    centre.later(seconds=5)

    centre.finish(order, Outcome.NO_ANSWER)

    (card,) = open_promises(centre.database)
    assert (card.state, card.attempts_made) == (PromiseState.WAITING, 2)
    assert card.next_action_at is not None
    assert card.next_action_at > centre.now, "who hangs up again is not rung at once"


def test_who_rang_us_before_the_call_that_missed_them_is_missed_like_everybody(centre: Centre) -> None:
    centre.promise(1)
    rings_in(centre, 1)
    centre.later(minutes=1)

    centre.finish(centre.dial(), Outcome.NO_ANSWER)

    (card,) = open_promises(centre.database)
    assert card.attempts_made == 1


def give_up(centre: Centre, index: int, *, cut_off: bool = False) -> MadePromise:
    """A promise whose last call was missed, or cut off in the talk, a moment ago."""
    made = centre.promise(index, joined=JOINED)
    for last in (False, False, True):
        order = centre.dial()
        if last and cut_off:
            centre.connect(order)
            centre.finish(order, Outcome.CONNECTED, talk_s=4, cut_off=True)
        else:
            centre.finish(order, Outcome.NO_ANSWER)
        centre.later(hours=1)
    centre.now -= timedelta(hours=1)
    assert open_promises(centre.database) == ()
    return made


def place(centre: Centre, index: int) -> datetime:
    """Since when somebody who rings in now stands in line."""
    return place_of(centre.now, held_places(centre.database, {"again": number(index)}, centre.now)["again"])[
        0
    ]


def talk(centre: Centre, index: int) -> None:
    """Somebody rings in and gets an agent."""
    joined = CallerJoined(at=centre.now, caller="talk", queue="support", number=number(index), position=1)
    record_caller(centre.database, PBX, "GB", joined, centre.now)
    got = CallerConnected(at=centre.now, caller="talk", queue="support", agent="anna")
    record_caller(centre.database, PBX, "GB", got, centre.now)


@pytest.mark.parametrize("cut_off", [False, True])
def test_who_rings_back_within_half_an_hour_of_the_last_call_has_the_place(
    centre: Centre, *, cut_off: bool
) -> None:
    made = give_up(centre, 1, cut_off=cut_off)

    assert places(centre, 1) == [made.id]
    assert place(centre, 1) == JOINED
    centre.now += MISSED_WITHIN + timedelta(seconds=1)
    assert places(centre, 1) == []


def test_who_rang_back_and_was_served_waits_like_everybody_when_they_ring_again(centre: Centre) -> None:
    row = CustomerRow(external_id="c1", name="C", numbers=(number(1), number(2)), attributes={})
    store_customers(centre.database, [row], centre.now)
    give_up(centre, 1)
    centre.later(minutes=5)
    talk(centre, 2)
    centre.later(minutes=5)

    assert [place(centre, index) for index in (1, 2)] == [centre.now, centre.now]


def test_whose_promise_somebody_saw_to_by_hand_waits_like_everybody_when_they_ring_again(
    centre: Centre,
) -> None:
    made = give_up(centre, 1)
    centre.later(minutes=5)
    assert follow_up(centre.database, made.id, "called from the desk", "carol", centre.now)
    centre.later(minutes=5)

    assert place(centre, 1) == centre.now

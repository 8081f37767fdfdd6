"""Who asks for a call once more, for another number of theirs, has one promise at the place it had."""

from datetime import timedelta

import pytest
from databases.centre import MONDAY, Centre, lead_of, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.disposition import Disposition
from dialer.services.agents.contacts import agent_words
from dialer.services.agents.dispositions import record_disposition
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.promises.asked_again import ANOTHER_NUMBER
from dialer.services.promises.moves import move_promise
from dialer.services.promises.promises import (
    MadePromise,
    PromiseRequest,
    ended_promises,
    make_promise,
    open_promises,
    promise_ledger,
)
from dialer.services.promises.ring_ins import CallerServed, held_places, settle_served
from dialer.services.promises.slots import open_slots

JOINED = MONDAY - timedelta(minutes=20)
MOBILE, HOME, SHARED, HERS = range(1, 5)
CALL_AGAIN = Disposition.CALL_AGAIN


@pytest.fixture(autouse=True)
def people(centre: Centre) -> None:
    """He has a mobile and a line at home; the third number he shares with her, who has a mobile too."""
    numbers = {"him": (MOBILE, HOME, SHARED), "her": (HERS, SHARED)}
    rows = [
        CustomerRow(external_id=who, name=who, numbers=tuple(number(each) for each in owned))
        for who, owned in numbers.items()
    ]
    store_customers(centre.database, rows, centre.now)


def ask(centre: Centre, index: int) -> MadePromise | Refusal:
    request = PromiseRequest(
        e164=number(index), queue="support", source_call=f"again-{index}", virtual_join=centre.now
    )
    return make_promise(centre.database, request, centre.now)


def test_the_earlier_promise_is_settled_and_the_new_one_has_its_place(centre: Centre) -> None:
    first = centre.promise(MOBILE, joined=JOINED)

    made = ask(centre, HOME)

    (card,) = open_promises(centre.database)
    assert isinstance(made, MadePromise)
    assert (card.id, card.virtual_join) == (made.id, JOINED)
    (ended,) = ended_promises(centre.database)
    assert (ended.id, ended.state, ended.end_reason) == (first.id, PromiseState.SETTLED, ANOTHER_NUMBER)
    assert promise_ledger(centre.database).error == 0


def test_a_promise_for_a_later_hour_gives_the_new_one_no_place_in_front(centre: Centre) -> None:
    first = centre.promise(MOBILE, joined=JOINED)
    slot = open_slots(centre.database, "support", number(MOBILE), centre.now)[0]
    move_promise(centre.database, first.id, slot.start, "customer", centre.now)

    ask(centre, HOME)

    (card,) = open_promises(centre.database)
    assert card.virtual_join == centre.now


def test_while_the_earlier_one_is_being_kept_there_is_no_second(centre: Centre) -> None:
    centre.promise(MOBILE)
    centre.dial()

    assert ask(centre, HOME) == Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
    assert promise_ledger(centre.database).made == 1


@pytest.mark.parametrize("asked", [SHARED, HERS])
def test_a_number_that_others_have_too_leaves_promises_to_other_numbers_alone(
    centre: Centre, asked: int
) -> None:
    his = centre.promise(MOBILE)

    assert isinstance(ask(centre, asked), MadePromise)
    assert his.id in {card.id for card in open_promises(centre.database)}
    served = CallerServed(at=centre.now, caller="again", number=number(SHARED))
    assert his.id not in settle_served(centre.database, served, centre.now)
    assert his.id in {card.id for card in open_promises(centre.database)}
    places = held_places(centre.database, {"again": number(SHARED)}, centre.now)["again"]
    assert his.id not in {each.promise for each in places}


def test_no_campaign_rings_a_customer_at_another_number_while_a_call_is_promised_to_them(
    centre: Centre,
) -> None:
    centre.campaign()
    _, leads = centre.work()
    his = next(each for each in leads if lead_of(centre, each).e164 == number(MOBILE))
    centre.promise(HOME)

    assert centre.try_open(his) == Refusal(rule=Rule.PROMISE_OPEN)


def test_an_agents_agreed_time_settles_what_its_customer_asked_for_at_another_number(centre: Centre) -> None:
    centre.promise(MOBILE)
    order = centre.dial()
    centre.talk(order)
    elsewhere = centre.promise(HOME)
    at = centre.now + timedelta(hours=2)

    said = record_disposition(centre.database, "anna", order.attempt, CALL_AGAIN, "", at, centre.now)

    assert not isinstance(said, Refusal)
    (card,) = open_promises(centre.database)
    assert (card.next_action_at, card.number[-2:]) == (at, number(MOBILE)[-2:])
    assert elsewhere.id in {ended.id for ended in ended_promises(centre.database)}
    assert promise_ledger(centre.database).error == 0


@pytest.mark.parametrize("others", [(HOME,), ()])
def test_an_agent_is_told_where_another_call_to_the_customer_stands_in_the_way_of_the_time_agreed_on(
    centre: Centre, others: tuple[int, ...]
) -> None:
    centre.promise(MOBILE)
    order = centre.dial()
    centre.talk(order)
    for index in others:
        centre.promise(index)
        centre.dial()
    at = centre.now + timedelta(hours=2)

    record_disposition(centre.database, "anna", order.attempt, CALL_AGAIN, "", at, centre.now)

    (said,) = agent_words(centre.database, "anna", centre.now).said
    booked = [card for card in open_promises(centre.database) if card.next_action_at == at]
    assert said.not_booked is bool(others)
    assert len(booked) == 1 - len(others)

"""What a customer who is called back asks for by key: written once, and followed when the call is over."""

from datetime import timedelta

import pytest
from databases.centre import Centre, number

from callbacks.lead_time import FEWEST, learn_lead_time
from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from callbacks.return_call import ReturnAnswer
from dialer.db.models import Attempt
from dialer.services.calls.call_events import record_fact
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.promises.promises import (
    PromiseRequest,
    ended_promises,
    make_promise,
    open_promises,
    promise_ledger,
)
from dialer.services.promises.return_calls import expects_key, known_leads, write_answer
from telephony.calls.events import Connected, Outcome


def called_back(centre: Centre) -> AttemptOrder:
    centre.promise()
    order = centre.dial()
    centre.answer(order)
    return order


def say(centre: Centre, order: AttemptOrder, answer: ReturnAnswer) -> bool:
    return write_answer(centre.database, order.attempt, answer, centre.now)


def outcome_of(centre: Centre, order: AttemptOrder) -> Outcome | None:
    with centre.database.read() as tx:
        return tx.get_one(Attempt, order.attempt).outcome


def test_later_keeps_the_place_and_costs_no_attempt(centre: Centre) -> None:
    order = called_back(centre)
    joined = open_promises(centre.database)[0].virtual_join
    assert say(centre, order, ReturnAnswer.LATER)
    centre.finish(order, Outcome.NO_KEY)

    (card,) = open_promises(centre.database)
    assert (card.state, card.attempts_made, card.virtual_join) == (PromiseState.WAITING, 0, joined)
    assert card.next_action_at == centre.now + timedelta(minutes=30)
    assert outcome_of(centre, order) is Outcome.DECLINED


def test_later_holds_where_the_end_of_the_call_was_never_heard(centre: Centre) -> None:
    order = called_back(centre)
    say(centre, order, ReturnAnswer.LATER)
    centre.finish(order, Outcome.UNKNOWN)

    (card,) = open_promises(centre.database)
    assert card.next_action_at == centre.now + timedelta(minutes=30)


def test_cancel_ends_the_promise_before_the_call_is_over(centre: Centre) -> None:
    order = called_back(centre)
    assert say(centre, order, ReturnAnswer.CANCEL)
    (card,) = ended_promises(centre.database)
    assert (card.state, card.end_reason) == (PromiseState.CANCELLED, "cancelled by the customer")

    centre.finish(order, Outcome.NO_KEY)
    assert promise_ledger(centre.database).error == 0
    assert open_promises(centre.database) == ()


def test_whoever_did_not_ask_is_never_called_back_again(centre: Centre) -> None:
    order = called_back(centre)
    assert say(centre, order, ReturnAnswer.NOT_ASKED)
    centre.finish(order, Outcome.NO_KEY)
    (card,) = ended_promises(centre.database)
    assert (card.state, card.end_reason) == (PromiseState.CANCELLED, "number.blocked")

    centre.later(days=400)
    again = PromiseRequest(
        e164=number(900), queue="support", source_call="call-again", virtual_join=centre.now
    )
    assert make_promise(centre.database, again, centre.now) == Refusal(rule=Rule.NUMBER_BLOCKED)


def test_no_key_is_retried_as_a_call_that_nobody_answered(centre: Centre) -> None:
    order = called_back(centre)
    centre.finish(order, Outcome.NO_KEY)

    (card,) = open_promises(centre.database)
    assert (card.attempts_made, card.next_action_at) == (1, centre.now + timedelta(minutes=12))


@pytest.mark.parametrize("answer", ReturnAnswer)
def test_nothing_is_written_of_a_call_that_is_over_or_talks_or_is_no_call_back(
    centre: Centre, answer: ReturnAnswer
) -> None:
    order = called_back(centre)
    assert expects_key(centre.database, order.attempt)
    centre.connect(order)
    assert not expects_key(centre.database, order.attempt)
    assert not say(centre, order, answer)
    centre.finish(order, Outcome.CONNECTED, 60.0)
    assert not say(centre, order, answer)
    assert not write_answer(centre.database, "wb-unknown0001", answer, centre.now)

    centre.customers(1, numbers=(number(0),))
    centre.campaign()
    sales = centre.dial()
    assert not expects_key(centre.database, sales.attempt)
    assert not say(centre, sales, answer)


def test_the_lead_is_what_customers_took_from_the_order_to_the_key(centre: Centre) -> None:
    assert learn_lead_time(known_leads(centre.database)) == timedelta()
    for index in range(FEWEST):
        centre.promise(index)
        order = centre.dial()
        centre.later(seconds=25)
        centre.answer(order)
        fact = Connected(attempt=order.attempt, at=centre.now, agent="anna", waited_s=1.0)
        record_fact(centre.database, fact, centre.now)
        centre.later(seconds=60)
        centre.finish(order, Outcome.CONNECTED, 60.0)

    assert learn_lead_time(known_leads(centre.database)) == timedelta(seconds=24)

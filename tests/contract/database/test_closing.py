"""At closing what is open goes over in its old order, and its customers are to be told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from databases.centre import Centre, number
from sqlalchemy import text

from callbacks.lifecycle import PromiseState
from callbacks.wait_estimate import WaitWindow
from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.core.outbox.message import MessageChannel
from dialer.services.outbox.outbox import latest_messages
from dialer.services.promises.closing import carry_over
from dialer.services.promises.own_promise import own_promise
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise, open_promises
from dialer.services.promises.slots import open_slots
from dialer.services.promises.texts_due import TextDue
from dialer.settings import Settings
from telephony.calls.events import Outcome

CLOSED = datetime(2026, 11, 23, 20, 5, tzinfo=UTC)  # London, in winter
OPENS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def texts(centre: Centre) -> list[tuple[int | None, str]]:
    messages = latest_messages(centre.database)
    return [(each.promise, each.kind) for each in messages if each.channel is MessageChannel.TEXT]


@pytest.fixture(autouse=True)
def closes_at_eight(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = centre.database.policy
    hours = QueueHours(zone="Europe/London", windows=read_hours("Mon-Sun 09:00-20:00"))
    policy = replace(policy, rulebook=replace(policy.rulebook, queue=hours))
    monkeypatch.setattr(centre.database, "policy", policy)


def test_what_is_open_at_closing_is_rung_at_the_opening_in_the_order_of_before(centre: Centre) -> None:
    later = centre.promise(901, joined=centre.now - timedelta(minutes=1))
    first = centre.promise(900, joined=centre.now - timedelta(minutes=5))
    centre.now = CLOSED

    assert carry_over(centre.database, centre.now) == 2
    cards = open_promises(centre.database)
    assert [card.id for card in cards] == [first.id, later.id]
    assert {card.next_action_at for card in cards} == {OPENS}
    assert {card.state for card in cards} == {PromiseState.WAITING}
    assert centre.work()[0] == ()

    centre.now = OPENS
    assert [work.promise for work in centre.work()[0]] == [first.id, later.id]


def test_a_queue_that_closes_earlier_carries_its_own_promises_over_and_no_others(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales_hours = QueueHours(zone="Europe/London", windows=read_hours("Tue-Fri 10:00-12:00"))
    policy = replace(centre.database.policy, queue_hours={"sales": sales_hours})
    sales, support = centre.promise(901, queue="sales"), centre.promise(900)
    monkeypatch.setattr(centre.database, "policy", policy)

    assert carry_over(centre.database, centre.now) == 1
    due = {card.id: card.next_action_at for card in open_promises(centre.database)}
    assert due[sales.id] == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert [work.promise for work in centre.work()[0]] == [support.id]
    offered = {
        queue: open_slots(centre.database, queue, number(900), centre.now)[0].start
        for queue in ("sales", "support")
    }
    assert offered["support"].date() == centre.now.date()
    assert offered["sales"] == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_who_asks_while_the_queue_is_closed_is_told_the_opening_and_no_apology(centre: Centre) -> None:
    centre.now = CLOSED
    late = centre.promise(901)
    settings = Settings()

    own = own_promise(centre.database, settings, late.id, centre.now)
    assert own is not None
    assert own.window == (OPENS, None)
    centre.later(minutes=1)
    assert carry_over(centre.database, centre.now) == 0
    assert texts(centre) == []
    assert centre.work()[0] == ()
    centre.now = OPENS
    assert [work.promise for work in centre.work()[0]] == [late.id]


def test_each_customer_is_told_once_for_an_opening(centre: Centre) -> None:
    made = centre.promise()
    centre.now = CLOSED
    carry_over(centre.database, centre.now)
    centre.later(minutes=5)
    assert carry_over(centre.database, centre.now) == 0

    assert texts(centre) == [(made.id, TextDue.PUT_OFF)]


def test_a_promise_put_off_is_not_told_to_be_called_in_the_window_that_closing_broke(
    centre: Centre,
) -> None:
    request = PromiseRequest(
        e164=number(900),
        queue="support",
        source_call="just before closing",
        virtual_join=CLOSED - timedelta(minutes=7),
        window=WaitWindow(from_min=0, to_min=10),
    )
    made = make_promise(centre.database, request, CLOSED - timedelta(minutes=6))
    assert isinstance(made, MadePromise)
    centre.now = CLOSED
    carry_over(centre.database, centre.now)

    own = own_promise(centre.database, Settings(), made.id, centre.now)
    assert own is not None
    assert own.window == (OPENS, None)


def test_while_the_queue_is_open_nothing_is_carried_over(centre: Centre) -> None:
    centre.promise()

    assert carry_over(centre.database, centre.now) == 0
    assert texts(centre) == []


def test_a_line_that_was_busy_three_times_gets_a_text_where_the_promise_goes_on(centre: Centre) -> None:
    made = centre.promise()
    for calls in range(1, 4):
        (card,) = open_promises(centre.database)
        centre.now = card.next_action_at or centre.now
        order = centre.dial()
        with centre.database.write() as tx:
            tx.execute(text("UPDATE promise SET attempts_made = 0"))  # a centre that allows many attempts
        centre.finish(order, Outcome.BUSY)
        assert len(texts(centre)) == (1 if calls == 3 else 0)

    assert texts(centre) == [(made.id, TextDue.BUSY)]

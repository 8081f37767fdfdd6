"""Calls at a chosen time: only where there is room, at that time, and moved with a word to the customer."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from databases.centre import MONDAY, Centre, number
from sqlalchemy import select

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.db.models import OutboxMessage
from dialer.services.promises.ledger_audit import audit_promises
from dialer.services.promises.moves import move_day, move_promise
from dialer.services.promises.promises import (
    MadePromise,
    PromiseRequest,
    caller_hung_up,
    make_promise,
    open_promises,
    promise_ledger,
)
from dialer.services.promises.slots import open_slots

FOUR = MONDAY.replace(hour=16) + timedelta(days=1)


@pytest.fixture(autouse=True)
def open_by_day(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = centre.database.policy
    hours = QueueHours(zone="Europe/London", windows=read_hours("Mon-Fri 09:00-22:00"))
    rulebook = replace(policy.rulebook, queue=hours)
    monkeypatch.setattr(centre.database, "policy", replace(policy, rulebook=rulebook))


def wish(centre: Centre, index: int, start: datetime = FOUR) -> MadePromise | Refusal:
    request = PromiseRequest(
        e164=number(index),
        queue="support",
        source_call=f"web-{index}",
        virtual_join=centre.now,
        wanted=start,
    )
    return make_promise(centre.database, request, centre.now)


def made(centre: Centre, index: int, start: datetime = FOUR) -> int:
    promise = wish(centre, index, start)
    assert isinstance(promise, MadePromise)
    return promise.id


def texts(centre: Centre) -> list[str]:
    with centre.database.read() as tx:
        return list(tx.scalars(select(OutboxMessage.kind).where(OutboxMessage.channel == "text")))


def test_hours_are_offered_where_both_sides_are_open(centre: Centre) -> None:
    starts = [slot.start for slot in open_slots(centre.database, "support", number(1), centre.now)]

    assert starts[0] == MONDAY.replace(hour=12)
    # by night at the customer's nobody is called, and at weekends nobody is there
    assert {start.hour for start in starts} == set(range(9, 21))
    assert {start.weekday() for start in starts} == set(range(5))


def test_whoever_has_not_said_their_number_is_offered_no_night_in_a_queue_that_never_closes(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = centre.database.policy
    hours = QueueHours(zone="Europe/London", windows=read_hours("Mon-Sun 00:00-24:00"))
    rulebook = replace(policy.rulebook, queue=hours)
    monkeypatch.setattr(centre.database, "policy", replace(policy, rulebook=rulebook))

    starts = [slot.start for slot in open_slots(centre.database, "support", None, centre.now)]

    assert {start.hour for start in starts} == set(range(8, 21))
    assert {start.weekday() for start in starts} == set(range(7))


@pytest.mark.parametrize("late", [timedelta(minutes=10), timedelta(days=7)])
def test_no_hour_is_promised_but_those_that_are_offered(centre: Centre, late: timedelta) -> None:
    """One that begins in between would be booked beside the quarters that are counted, without end."""
    assert wish(centre, 1, FOUR + late) == Refusal(rule=Rule.SLOT_TAKEN)


def test_it_is_rung_at_its_time_and_not_before_and_keeps_out_of_the_queue_until_then(centre: Centre) -> None:
    promise = made(centre, 1)
    assert centre.work()[0] == ()
    later = centre.promise(2)
    assert later.queue_position == 1
    shown = {card.id: card.queue_position for card in open_promises(centre.database, centre.now)}
    assert shown == {promise: None, later.id: 1}

    centre.now = FOUR - timedelta(seconds=1)
    assert [work.promise for work in centre.work()[0]] == [later.id]
    centre.now = FOUR
    assert promise in [work.promise for work in centre.work()[0]]
    (card,) = [card for card in open_promises(centre.database) if card.id == promise]
    assert (card.said_from, card.said_until) == (FOUR, FOUR + timedelta(hours=1))


def test_who_hangs_up_is_called_at_the_chosen_time_all_the_same(centre: Centre) -> None:
    made(centre, 1)

    assert not caller_hung_up(centre.database, "web-1", centre.now)
    assert centre.work()[0] == ()


def test_an_hour_takes_what_its_quarters_take_and_spreads_it(centre: Centre) -> None:
    ids = [made(centre, index) for index in range(4)]

    assert wish(centre, 9) == Refusal(rule=Rule.SLOT_TAKEN)
    due = {card.next_action_at for card in open_promises(centre.database) if card.id in ids}
    assert due == {FOUR + step * timedelta(minutes=15) for step in range(4)}


@pytest.mark.parametrize(
    "start", [MONDAY, MONDAY.replace(hour=23), FOUR.replace(hour=8), FOUR.replace(hour=21)]
)
def test_no_call_is_promised_for_what_is_over_closed_or_night(centre: Centre, start: datetime) -> None:
    assert wish(centre, 1, start) == Refusal(rule=Rule.SLOT_TAKEN)


def test_a_move_is_told_and_the_sums_hold(centre: Centre) -> None:
    promise = made(centre, 1)
    moved = move_promise(centre.database, promise, FOUR.replace(hour=10), "customer", centre.now)

    assert not isinstance(moved, Refusal)
    assert texts(centre) == ["promise.moved"]
    assert promise_ledger(centre.database).error == 0
    assert audit_promises(centre.database, "UTC").adds_up
    centre.now = FOUR.replace(hour=10)
    assert [work.promise for work in centre.work()[0]] == [promise]


def test_one_that_is_being_rung_or_over_is_not_moved(centre: Centre) -> None:
    promise = made(centre, 1)
    centre.now = FOUR
    centre.dial()

    refused = Refusal(rule=Rule.PROMISE_NOT_OPEN)
    assert move_promise(centre.database, promise, FOUR + timedelta(hours=2), "staff", centre.now) == refused
    unknown = Refusal(rule=Rule.PROMISE_UNKNOWN)
    assert move_promise(centre.database, 999, FOUR + timedelta(hours=2), "staff", centre.now) == unknown


def test_a_day_that_breaks_down_is_moved_in_order_and_everybody_told(centre: Centre) -> None:
    at_four = [made(centre, index) for index in range(4)]
    other_day = made(centre, 8, FOUR + timedelta(days=1))
    in_turn = centre.promise(9).id
    to = FOUR.date() + timedelta(days=1)

    came = move_day(centre.database, FOUR.date(), to, "boss", centre.now)
    assert (set(came.moved), came.left) == (set(at_four), ())
    hours = {card.id: card.said_from for card in open_promises(centre.database)}
    wednesday = FOUR + timedelta(days=1)
    # one quarter of that hour was somebody's already: three fit, and the last goes to the next hour
    assert [hours[each] for each in at_four] == [wednesday] * 3 + [wednesday + timedelta(hours=1)]
    assert hours[other_day] == wednesday
    assert hours[in_turn] is None
    assert texts(centre) == ["promise.moved"] * 4


def test_who_finds_no_room_is_named_and_keeps_their_time(centre: Centre) -> None:
    promise = made(centre, 1)
    saturday = FOUR.date() + timedelta(days=4)

    came = move_day(centre.database, FOUR.date(), saturday, "boss", centre.now)
    assert (came.moved, came.left) == ((), (promise,))
    (card,) = open_promises(centre.database)
    assert (card.said_from, card.state) == (FOUR, PromiseState.WAITING)

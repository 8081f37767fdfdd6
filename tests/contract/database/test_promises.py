"""A promise is made before it is spoken of, kept at its place, and never lost from the ledger."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from databases.centre import MONDAY, Centre, number
from sqlalchemy import delete

from callbacks.lifecycle import PromiseEvent, PromiseState
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import WaitWindow
from dialer.db.models import Attempt, Promise, PromiseStep
from dialer.db.queries.attempts import add_refusal
from dialer.db.session import Database
from dialer.services.calls.attempts import consume_attempt
from dialer.services.calls.call_events import fail_attempt, lose_attempt, record_fact
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.customers.suppression import add_do_not_call
from dialer.services.promises.callback_blocks import block_number, blocked_numbers, unblock_number
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import (
    Ledger,
    MadePromise,
    PromiseRequest,
    cancel_promise,
    ended_promises,
    make_promise,
    open_promises,
    promise_history,
    promise_ledger,
    settle_promise,
)
from telephony.calls.events import Abandoned, Outcome


def ledger(centre: Centre) -> Ledger:
    found = promise_ledger(centre.database)
    assert 0 == found.error, found
    assert () == promise_faults(centre.database, centre.now).stuck
    return found


def request(index: int, call: str) -> PromiseRequest:
    return PromiseRequest(e164=number(index), queue="support", source_call=call, virtual_join=MONDAY)


def test_a_promise_is_in_the_database_before_the_caller_hears_of_it(centre: Centre, url: str) -> None:
    made = centre.promise()
    elsewhere = Database(url)
    cards = open_promises(elsewhere)
    elsewhere.close()

    assert [(made.id, made.reference, 1, PromiseState.WAITING)] == [
        (card.id, card.reference, card.queue_position, card.state) for card in cards
    ]
    assert number(900) not in str(cards)  # pages get the masked form


def test_an_end_told_by_whoever_did_not_see_the_talk_does_not_cut_it_short(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    centre.answer(order)
    centre.connect(order)
    centre.later(seconds=90)
    centre.finish(order, Outcome.UNKNOWN)

    assert (1, 0) == (ledger(centre).kept, ledger(centre).open)


def test_whoever_was_abandoned_and_then_lost_from_sight_was_abandoned(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    centre.answer(order)
    record_fact(centre.database, Abandoned(attempt=order.attempt, at=centre.now, waited_s=2.0), centre.now)
    assert lose_attempt(centre.database, order.attempt, centre.later(seconds=30))

    with centre.database.read() as tx:
        assert tx.get_one(Attempt, order.attempt).outcome is Outcome.ABANDONED
    assert 1 == ledger(centre).open


def test_asking_twice_in_one_call_is_one_promise(centre: Centre) -> None:
    first = make_promise(centre.database, request(0, "1.1"), centre.now)
    second = make_promise(centre.database, request(1, "1.1"), centre.later(seconds=5))

    assert first == second
    assert 1 == ledger(centre).made


def test_asking_again_in_another_call_keeps_the_earlier_queue_position(centre: Centre) -> None:
    centre.promise(0)
    again = make_promise(centre.database, request(0, "2.2"), centre.later(minutes=5))

    assert Refusal(rule=Rule.PROMISE_ALREADY_OPEN) == again
    assert 1 == ledger(centre).made


def test_eight_calls_of_one_number_at_once_make_one_promise(centre: Centre) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda call: make_promise(centre.database, request(0, f"{call}.0"), centre.now), range(8)
            )
        )

    assert 1 == sum(isinstance(answer, MadePromise) for answer in answers)
    assert 1 == ledger(centre).made


def test_eight_callers_at_once_get_eight_promises(centre: Centre) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda call: make_promise(centre.database, request(call, f"{call}.0"), centre.now), range(8)
            )
        )

    assert 8 == len({answer.reference for answer in answers if isinstance(answer, MadePromise)})
    assert 8 == ledger(centre).open


@pytest.mark.parametrize("bad", ["+44", "+448081570123", "+449098790123", "not a number"])
def test_nothing_is_promised_to_a_number_that_cannot_be_rung(centre: Centre, bad: str) -> None:
    wanted = PromiseRequest(e164=bad, queue="support", source_call="1", virtual_join=MONDAY)
    refused = make_promise(centre.database, wanted, centre.now)

    assert isinstance(refused, Refusal)
    assert refused.rule.startswith("number.")
    assert 0 == ledger(centre).made


def test_a_promise_abroad_is_refused_when_made_and_again_when_about_to_ring(centre: Centre) -> None:
    norway = PromiseRequest(e164="+4722123456", queue="support", source_call="1", virtual_join=MONDAY)
    assert Refusal(rule=Rule.NUMBER_REGION) == make_promise(centre.database, norway, centre.now)

    policy = centre.database.policy
    centre.database.policy = replace(policy, callbacks=replace(policy.callbacks, regions=frozenset({"NO"})))
    assert isinstance(make_promise(centre.database, norway, centre.now), MadePromise)
    centre.database.policy = policy
    assert Refusal(rule=Rule.NUMBER_REGION) == centre.try_open(centre.work()[0][0])
    assert ["number.region"] == [card.end_reason for card in ended_promises(centre.database)]


def test_a_blocked_number_is_not_promised_nor_rung_until_staff_undo_it_with_a_reason(centre: Centre) -> None:
    centre.promise(1)
    order = centre.open()
    block_number(centre.database, number(1), "did not ask", "anna", centre.now)
    permit = consume_attempt(centre.database, order.attempt, centre.now)
    again = make_promise(centre.database, request(1, "later"), centre.later(minutes=30))

    assert isinstance(permit, Refusal), "blocked between the claim and the call"
    assert Refusal(rule=Rule.NUMBER_BLOCKED) == again
    assert [(1, 0)] == [(ledger(centre).cancelled, ledger(centre).error)]
    (entry,) = blocked_numbers(centre.database)
    assert unblock_number(centre.database, entry.id, "asked by letter", "boss", centre.now)
    assert isinstance(make_promise(centre.database, request(1, "last"), centre.now), MadePromise)


def test_a_promise_older_than_an_hour_is_not_rung_at_night_but_at_the_opening(centre: Centre) -> None:
    centre.now = MONDAY.replace(hour=22)
    centre.promise()
    centre.later(hours=1)
    centre.finish(centre.dial(), Outcome.BUSY)  # somebody who asked within the hour is awake
    centre.now = MONDAY + timedelta(hours=16)  # 03:00
    refused = centre.try_open(centre.work()[0][0])

    opening = MONDAY.replace(hour=8) + timedelta(days=1)
    assert Refusal(rule=Rule.HOURS_NIGHT, until=opening) == refused
    (card,) = open_promises(centre.database)
    assert (opening, "hours.night") == (card.next_action_at, card.held_by)


def test_a_rule_that_held_a_promise_once_is_not_said_to_hold_it_now(centre: Centre) -> None:
    centre.promise()
    order = centre.open()
    with centre.database.write() as tx:
        held = Refusal(rule=Rule.HOURS_NIGHT, until=centre.now)
        add_refusal(tx, held, at=centre.now, promise_id=order.promise, e164=order.e164)
    centre.later(minutes=1)
    consume_attempt(centre.database, order.attempt, centre.now)
    centre.finish(order, Outcome.BUSY)

    assert open_promises(centre.database)[0].held_by is None


def test_no_call_is_promised_that_what_was_said_puts_into_the_night_of_the_number(centre: Centre) -> None:
    centre.now = MONDAY.replace(hour=20, minute=15)
    late, soon = WaitWindow(from_min=50, to_min=65), WaitWindow(from_min=10, to_min=25)

    assert make_promise(centre.database, replace(request(1, "a"), window=late), centre.now) == Refusal(
        rule=Rule.HOURS_NIGHT, until=MONDAY.replace(hour=8) + timedelta(days=1)
    )
    assert isinstance(
        make_promise(centre.database, replace(request(1, "b"), window=soon), centre.now), MadePromise
    )


def test_one_calling_number_gets_no_promises_to_ever_other_numbers(centre: Centre) -> None:
    asked = [
        make_promise(centre.database, replace(request(index, f"{index}"), source=number(99)), centre.now)
        for index in range(4)
    ]

    assert Refusal(rule=Rule.PROMISE_SOURCE_HOUR, until=centre.now + timedelta(hours=1)) == asked[-1]
    assert all(isinstance(made, MadePromise) for made in asked[:-1])


def test_a_number_gets_three_promises_a_day(centre: Centre) -> None:
    for call in range(3):
        made = make_promise(centre.database, request(0, f"{call}"), centre.now)
        assert isinstance(made, MadePromise)
        cancel_promise(centre.database, made.id, "test", centre.now)
        centre.later(hours=1)
    refused = make_promise(centre.database, request(0, "4"), centre.now)

    assert Refusal(rule=Rule.PROMISE_TOO_MANY, until=MONDAY + timedelta(hours=24)) == refused
    centre.now = MONDAY + timedelta(hours=24)
    assert isinstance(make_promise(centre.database, request(0, "5"), centre.now), MadePromise)


def test_queue_positions_follow_the_moment_of_joining_not_of_asking(centre: Centre) -> None:
    late = centre.promise(1, joined=MONDAY - timedelta(minutes=1))
    early = centre.promise(2, joined=MONDAY - timedelta(minutes=9))

    assert (1, 1) == (
        late.queue_position,
        early.queue_position,
    )  # what each was told was true when it was said
    assert [early.id, late.id] == [card.id for card in open_promises(centre.database)]
    assert [early.id, late.id] == [work.promise for work in centre.work()[0]]


def test_a_promise_made_for_the_future_counts_from_now(centre: Centre) -> None:
    centre.promise(1, joined=MONDAY + timedelta(hours=1))

    assert MONDAY == open_promises(centre.database)[0].virtual_join


def test_a_talk_long_enough_keeps_the_promise(centre: Centre) -> None:
    made = centre.promise()
    centre.talk(centre.dial(), talk_s=10.0)

    assert 1 == ledger(centre).kept
    steps = promise_history(centre.database, made.id)
    assert [None, PromiseEvent.CLAIM, PromiseEvent.ALLOW, PromiseEvent.CONNECT, PromiseEvent.TALKED] == [
        step.event for step in steps
    ]
    assert [made.id] == [card.id for card in ended_promises(centre.database)]


def test_a_talk_of_seven_seconds_that_ended_normally_is_not_dialled_again(centre: Centre) -> None:
    centre.promise()
    centre.talk(centre.dial(), talk_s=7.0)

    assert (1, 0) == (ledger(centre).kept, ledger(centre).open)
    assert ((), ()) == centre.work()


def test_a_customer_cut_off_is_called_again_at_once(centre: Centre) -> None:
    centre.promise()
    centre.talk(centre.dial(), talk_s=90.0, cut_off=True)

    card = open_promises(centre.database)[0]
    assert (PromiseState.WAITING, centre.now, 1) == (card.state, card.next_action_at, card.attempts_made)
    assert 1 == len(centre.work()[0])
    assert 1 == ledger(centre).open


@pytest.mark.parametrize(
    ("outcome", "wait_s", "made"),
    [
        (Outcome.BUSY, 240, 1),
        (Outcome.NO_ANSWER, 720, 1),
        (Outcome.REJECTED, 720, 1),
        (Outcome.MACHINE, 720, 1),
        (Outcome.CONGESTION, 60, 0),
        (Outcome.FAILED, 60, 0),
    ],
)
def test_a_call_that_came_to_nothing_is_repeated_after_its_own_wait(
    centre: Centre, outcome: Outcome, wait_s: float, made: int
) -> None:
    joined = MONDAY - timedelta(minutes=7)
    centre.promise(joined=joined)
    centre.finish(centre.dial(), outcome)

    card = open_promises(centre.database)[0]
    assert (PromiseState.WAITING, MONDAY + timedelta(seconds=wait_s), made) == (
        card.state, card.next_action_at, card.attempts_made,
    )  # fmt: skip
    assert joined == card.virtual_join
    assert ((), ()) == centre.work()
    centre.later(seconds=wait_s)
    assert 1 == len(centre.work()[0])


def test_a_number_broken_off_again_and_again_while_it_rings_is_spaced_counted_and_closed(
    centre: Centre,
) -> None:
    centre.promise()
    seen = []
    for _ in range(4):
        centre.finish(centre.dial(), Outcome.BROKEN_OFF)
        (card,) = open_promises(centre.database) or (None,)
        if card is not None and card.next_action_at is not None:
            seen.append(((card.next_action_at - centre.now) / timedelta(minutes=1), card.attempts_made))
            centre.now = card.next_action_at

    assert seen == [(1, 0), (12, 1), (48, 2)]
    assert ["attempts.used-up"] == [card.end_reason for card in ended_promises(centre.database)]


def test_a_call_broken_off_long_ago_or_at_another_number_says_nothing_of_this_one(centre: Centre) -> None:
    for index, wait in ((0, timedelta(days=2)), (1, timedelta())):
        centre.promise(index)
        centre.finish(centre.dial(centre.work()[0][-1]), Outcome.BROKEN_OFF)
        centre.now += wait
    centre.finish(centre.dial(centre.work()[0][0]), Outcome.BROKEN_OFF)

    assert [0, 0] == [card.attempts_made for card in open_promises(centre.database)]


def test_attempts_used_up_close_the_promise_with_a_reason(centre: Centre) -> None:
    centre.promise()
    for _ in range(3):
        centre.finish(centre.dial(), Outcome.NO_ANSWER)
        centre.later(hours=2)

    assert (1, 0) == (ledger(centre).closed, ledger(centre).open)
    assert ["attempts.used-up"] == [card.end_reason for card in ended_promises(centre.database)]


def test_our_own_failures_never_use_up_a_promise(centre: Centre) -> None:
    centre.promise()
    for _ in range(8):
        centre.finish(centre.dial(), Outcome.CONGESTION)
        centre.later(hours=1)

    assert 0 == open_promises(centre.database)[0].attempts_made
    assert 1 == ledger(centre).open


def test_a_bad_number_closes_the_promise(centre: Centre) -> None:
    centre.promise()
    centre.finish(centre.dial(), Outcome.BAD_NUMBER)

    assert ["number.bad"] == [card.end_reason for card in ended_promises(centre.database)]


def test_a_promise_cut_off_for_the_last_time_is_closed(centre: Centre) -> None:
    centre.promise()
    for _ in range(3):
        centre.talk(centre.dial(), talk_s=2.0, cut_off=True)

    assert 1 == ledger(centre).closed


def test_an_attempt_that_never_rang_gives_the_promise_back(centre: Centre) -> None:
    centre.promise()
    order = centre.open()
    assert PromiseState.CLAIMED is open_promises(centre.database)[0].state
    assert open_promises(centre.database)[0].next_action_at is None
    fail_attempt(centre.database, order.attempt, "link down", centre.now)

    card = open_promises(centre.database)[0]
    assert (PromiseState.WAITING, 0) == (card.state, card.attempts_made)
    assert 1 == ledger(centre).open


def test_a_lost_attempt_counts_and_the_promise_waits_its_spacing(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    lose_attempt(centre.database, order.attempt, centre.later(minutes=1))

    card = open_promises(centre.database)[0]
    assert (PromiseState.WAITING, 1, centre.now + timedelta(minutes=12)) == (
        card.state, card.attempts_made, card.next_action_at,
    )  # fmt: skip


def test_a_promise_whose_talk_ended_unseen_is_kept_until_the_agent_says_otherwise(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    centre.connect(order)
    lose_attempt(centre.database, order.attempt, centre.later(minutes=5))

    assert (1, 0, 0) == (ledger(centre).kept, ledger(centre).open, ledger(centre).error)


def test_a_promise_ended_while_its_phone_rings_stays_ended(centre: Centre) -> None:
    made = centre.promise()
    order = centre.dial()
    assert cancel_promise(centre.database, made.id, "rang in", centre.now)
    centre.finish(order, Outcome.NO_ANSWER)

    assert (1, 0) == (ledger(centre).cancelled, ledger(centre).open)


def test_a_promise_is_not_cancelled_while_people_talk_or_after_its_end(centre: Centre) -> None:
    made = centre.promise()
    order = centre.dial()
    centre.connect(order)
    assert not cancel_promise(centre.database, made.id, "late", centre.now)
    centre.later(seconds=30)
    centre.finish(order, Outcome.CONNECTED, 30)

    assert not cancel_promise(centre.database, made.id, "later", centre.now)
    assert not settle_promise(centre.database, made.id, "later", centre.now)
    assert not cancel_promise(centre.database, 4711, "nobody", centre.now)
    assert 1 == ledger(centre).kept


def test_a_promise_settled_another_way_is_not_called(centre: Centre) -> None:
    made = centre.promise()
    assert settle_promise(centre.database, made.id, "served on the line", centre.now)

    assert ((), ()) == centre.work()
    assert 1 == ledger(centre).settled


def test_a_number_is_free_for_a_new_promise_once_the_last_one_ended(centre: Centre) -> None:
    first = centre.promise(0, call="1")
    settle_promise(centre.database, first.id, "served", centre.now)
    second = centre.promise(0, call="2")

    assert first.reference != second.reference
    assert 2 == ledger(centre).made


def test_do_not_call_does_not_stop_a_call_the_person_asked_for(centre: Centre) -> None:
    centre.promise(0)
    add_do_not_call(centre.database, number(0), "no offers", "letter", centre.now)

    assert centre.dial().attempt


def test_the_ledger_notices_a_promise_that_vanished(centre: Centre) -> None:
    kept = centre.promise(0)
    lost = centre.promise(1)
    with centre.database.write() as tx:
        # what a careless clean-up could do, foreign keys or not: the row goes, its beginning stays told
        tx.execute(delete(PromiseStep).where(PromiseStep.promise_id == lost.id))
        tx.execute(delete(Promise).where(Promise.id == lost.id))
        tx.add(PromiseStep(promise_id=kept.id, at=MONDAY, event=None, state=PromiseState.WAITING))

    assert 1 == promise_ledger(centre.database).error


def test_a_promise_without_a_future_is_found(centre: Centre) -> None:
    waiting, claimed = centre.promise(0), centre.promise(1)
    with centre.database.write() as tx:
        tx.get_one(Promise, waiting.id).next_action_at = None
        tx.get_one(Promise, claimed.id).state = PromiseState.CLAIMED

    assert (waiting.id, claimed.id) == promise_faults(centre.database, centre.now).stuck


def test_a_retry_is_not_opened_before_it_is_due(centre: Centre) -> None:
    centre.promise()
    work = centre.work()[0][0]
    centre.finish(centre.dial(work), Outcome.BUSY)
    refused = centre.try_open(work)

    assert Refusal(rule=Rule.PROMISE_NOT_DUE, until=MONDAY + timedelta(seconds=240)) == refused
    centre.later(seconds=240)
    assert isinstance(centre.try_open(work), AttemptOrder)
    refused = centre.try_open(work)
    assert Refusal(rule=Rule.PROMISE_NOT_OPEN) == refused


def test_a_refused_promise_waits_its_turn_without_losing_an_attempt(centre: Centre) -> None:
    centre.promise()
    order = centre.open()
    refused = consume_attempt(centre.database, order.attempt, centre.later(minutes=3))

    assert Refusal(rule=Rule.ATTEMPT_STALE) == refused
    card = open_promises(centre.database)[0]
    assert (PromiseState.WAITING, 0) == (card.state, card.attempts_made)
    assert 1 == ledger(centre).open


def test_nobody_is_offered_anything_while_a_promise_to_them_is_open(centre: Centre) -> None:
    centre.customers(2)
    centre.campaign()
    offers = centre.work()[1]
    made = centre.promise(0)
    refused = centre.try_open(offers[0])

    assert Refusal(rule=Rule.PROMISE_OPEN) == refused
    assert 1 == len(centre.work()[1])
    settle_promise(centre.database, made.id, "served on the line", centre.now)
    centre.later(hours=1)
    assert 2 == len(centre.work()[1])


def test_the_ledger_is_in_balance_at_every_moment_somebody_looks(centre: Centre) -> None:
    """Readers see one moment, even while promises are made and ended by others."""
    database, now = centre.database, centre.now
    with ThreadPoolExecutor(3) as pool:
        makers = [pool.submit(_make_and_end, database, start, now) for start in (0, 20)]
        looks = 0
        while not all(maker.done() for maker in makers):
            assert 0 == promise_ledger(database).error
            looks += 1
        for maker in makers:
            maker.result()
    assert looks > 3
    assert (40, 40) == (ledger(centre).made, ledger(centre).settled)


def _make_and_end(database: Database, start: int, now: datetime) -> None:
    for index in range(start, start + 20):
        made = make_promise(database, request(index, f"call-{index}"), now)
        assert isinstance(made, MadePromise)
        assert settle_promise(database, made.id, "served", now)

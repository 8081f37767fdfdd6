"""A promise is made before it is spoken of, kept at its place, and never lost from the ledger."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from books.world import MONDAY, World, number
from sqlalchemy import delete

from callbacks.lifecycle import PromiseEvent, PromiseState
from dialer.core.compliance.verdict import Verdict
from dialer.db.models import Attempt, Promise, PromiseStep
from dialer.db.session import Book
from dialer.services.attempts import AttemptOrder, consume_attempt, fail_attempt, lose_attempt, record_fact
from dialer.services.promises import (
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
    stuck_promises,
)
from dialer.services.suppression import add_do_not_call
from telephony.calls.events import Abandoned, Outcome


def ledger(world: World) -> Ledger:
    found = promise_ledger(world.book)
    assert 0 == found.error, found
    assert () == stuck_promises(world.book, world.now)
    return found


def request(place: int, call: str) -> PromiseRequest:
    return PromiseRequest(e164=number(place), queue="support", source_call=call, virtual_join=MONDAY)


def test_a_promise_is_in_the_book_before_the_caller_hears_of_it(world: World, url: str) -> None:
    made = world.promise()
    elsewhere = Book(url)
    cards = open_promises(elsewhere)
    elsewhere.close()

    assert [(made.id, made.reference, 1, PromiseState.WAITING)] == [
        (card.id, card.reference, card.place, card.state) for card in cards
    ]
    assert number(900) not in str(cards)  # pages get the masked form


def test_an_end_told_by_whoever_did_not_see_the_talk_does_not_cut_it_short(world: World) -> None:
    world.promise()
    order = world.dial()
    world.answer(order)
    world.connect(order)
    world.later(seconds=90)
    world.finish(order, Outcome.UNKNOWN)

    assert (1, 0) == (ledger(world).kept, ledger(world).open)


def test_whoever_was_abandoned_and_then_lost_from_sight_was_abandoned(world: World) -> None:
    world.promise()
    order = world.dial()
    world.answer(order)
    record_fact(world.book, Abandoned(attempt=order.attempt, at=world.now, waited_s=2.0), world.now)
    assert lose_attempt(world.book, order.attempt, world.later(seconds=30))

    with world.book.read() as tx:
        assert tx.get_one(Attempt, order.attempt).outcome is Outcome.ABANDONED
    assert 1 == ledger(world).open


def test_asking_twice_in_one_call_is_one_promise(world: World) -> None:
    first = make_promise(world.book, request(0, "1.1"), world.now)
    second = make_promise(world.book, request(1, "1.1"), world.later(seconds=5))

    assert first == second
    assert 1 == ledger(world).made


def test_asking_again_in_another_call_keeps_the_earlier_place(world: World) -> None:
    world.promise(0)
    again = make_promise(world.book, request(0, "2.2"), world.later(minutes=5))

    assert Verdict(allowed=False, rule="promise.already-open") == again
    assert 1 == ledger(world).made


def test_eight_calls_of_one_number_at_once_make_one_promise(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda call: make_promise(world.book, request(0, f"{call}.0"), world.now), range(8))
        )

    assert 1 == sum(isinstance(answer, MadePromise) for answer in answers)
    assert 1 == ledger(world).made


def test_eight_callers_at_once_get_eight_promises(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda call: make_promise(world.book, request(call, f"{call}.0"), world.now), range(8))
        )

    assert 8 == len({answer.reference for answer in answers if isinstance(answer, MadePromise)})
    assert 8 == ledger(world).open


@pytest.mark.parametrize("bad", ["+44", "+448081570123", "+449098790123", "not a number"])
def test_nothing_is_promised_to_a_number_that_cannot_be_rung(world: World, bad: str) -> None:
    wanted = PromiseRequest(e164=bad, queue="support", source_call="1", virtual_join=MONDAY)
    refused = make_promise(world.book, wanted, world.now)

    assert isinstance(refused, Verdict)
    assert refused.rule.startswith("number.")
    assert 0 == ledger(world).made


def test_a_number_gets_three_promises_a_day(world: World) -> None:
    for call in range(3):
        made = make_promise(world.book, request(0, f"{call}"), world.now)
        assert isinstance(made, MadePromise)
        cancel_promise(world.book, made.id, "test", world.now)
        world.later(hours=1)
    refused = make_promise(world.book, request(0, "4"), world.now)

    assert Verdict(allowed=False, rule="promise.too-many", until=MONDAY + timedelta(hours=24)) == refused
    world.now = MONDAY + timedelta(hours=24)
    assert isinstance(make_promise(world.book, request(0, "5"), world.now), MadePromise)


def test_places_follow_the_moment_of_joining_not_of_asking(world: World) -> None:
    late = world.promise(1, joined=MONDAY - timedelta(minutes=1))
    early = world.promise(2, joined=MONDAY - timedelta(minutes=9))

    assert (1, 1) == (late.place, early.place)  # what each was told was true when it was said
    assert [early.id, late.id] == [card.id for card in open_promises(world.book)]
    assert [early.id, late.id] == [work.promise for work in world.work()[0]]


def test_a_promise_made_for_the_future_counts_from_now(world: World) -> None:
    world.promise(1, joined=MONDAY + timedelta(hours=1))

    assert MONDAY == open_promises(world.book)[0].virtual_join


def test_a_talk_long_enough_keeps_the_promise(world: World) -> None:
    made = world.promise()
    world.talk(world.dial(), talk_s=10.0)

    assert 1 == ledger(world).kept
    steps = promise_history(world.book, made.id)
    assert [None, PromiseEvent.CLAIM, PromiseEvent.ALLOW, PromiseEvent.CONNECT, PromiseEvent.TALKED] == [
        step.event for step in steps
    ]
    assert [made.id] == [card.id for card in ended_promises(world.book)]


def test_a_customer_cut_off_is_called_again_at_once(world: World) -> None:
    world.promise()
    world.talk(world.dial(), talk_s=9.0)

    card = open_promises(world.book)[0]
    assert (PromiseState.WAITING, world.now, 1) == (card.state, card.next_action_at, card.attempts_made)
    assert 1 == len(world.work()[0])
    assert 1 == ledger(world).open


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
    world: World, outcome: Outcome, wait_s: float, made: int
) -> None:
    joined = MONDAY - timedelta(minutes=7)
    world.promise(joined=joined)
    world.finish(world.dial(), outcome)

    card = open_promises(world.book)[0]
    assert (PromiseState.WAITING, MONDAY + timedelta(seconds=wait_s), made) == (
        card.state, card.next_action_at, card.attempts_made,
    )  # fmt: skip
    assert joined == card.virtual_join
    assert ((), ()) == world.work()
    world.later(seconds=wait_s)
    assert 1 == len(world.work()[0])


def test_attempts_used_up_close_the_promise_with_a_reason(world: World) -> None:
    world.promise()
    for _ in range(3):
        world.finish(world.dial(), Outcome.NO_ANSWER)
        world.later(hours=2)

    assert (1, 0) == (ledger(world).closed, ledger(world).open)
    assert ["attempts.used-up"] == [card.end_reason for card in ended_promises(world.book)]


def test_our_own_failures_never_use_up_a_promise(world: World) -> None:
    world.promise()
    for _ in range(8):
        world.finish(world.dial(), Outcome.CONGESTION)
        world.later(hours=1)

    assert 0 == open_promises(world.book)[0].attempts_made
    assert 1 == ledger(world).open


def test_a_bad_number_closes_the_promise(world: World) -> None:
    world.promise()
    world.finish(world.dial(), Outcome.BAD_NUMBER)

    assert ["number.bad"] == [card.end_reason for card in ended_promises(world.book)]


def test_a_promise_cut_off_for_the_last_time_is_closed(world: World) -> None:
    world.promise()
    for _ in range(3):
        world.talk(world.dial(), talk_s=2.0)

    assert 1 == ledger(world).closed


def test_an_attempt_that_never_rang_gives_the_promise_back(world: World) -> None:
    world.promise()
    order = world.open()
    assert PromiseState.CLAIMED is open_promises(world.book)[0].state
    assert open_promises(world.book)[0].next_action_at is None
    fail_attempt(world.book, order.attempt, "link down", world.now)

    card = open_promises(world.book)[0]
    assert (PromiseState.WAITING, 0) == (card.state, card.attempts_made)
    assert 1 == ledger(world).open


def test_a_lost_attempt_counts_and_the_promise_waits_its_spacing(world: World) -> None:
    world.promise()
    order = world.dial()
    lose_attempt(world.book, order.attempt, world.later(minutes=1))

    card = open_promises(world.book)[0]
    assert (PromiseState.WAITING, 1, world.now + timedelta(minutes=12)) == (
        card.state, card.attempts_made, card.next_action_at,
    )  # fmt: skip


def test_a_promise_whose_talk_was_lost_stays_in_the_ledger(world: World) -> None:
    world.promise()
    order = world.dial()
    world.connect(order)
    lose_attempt(world.book, order.attempt, world.later(minutes=5))

    assert 1 == ledger(world).open


def test_a_promise_ended_while_its_phone_rings_stays_ended(world: World) -> None:
    made = world.promise()
    order = world.dial()
    assert cancel_promise(world.book, made.id, "rang in", world.now)
    world.finish(order, Outcome.NO_ANSWER)

    assert (1, 0) == (ledger(world).cancelled, ledger(world).open)


def test_a_promise_is_not_cancelled_while_people_talk_or_after_its_end(world: World) -> None:
    made = world.promise()
    order = world.dial()
    world.connect(order)
    assert not cancel_promise(world.book, made.id, "late", world.now)
    world.later(seconds=30)
    world.finish(order, Outcome.CONNECTED, 30)

    assert not cancel_promise(world.book, made.id, "later", world.now)
    assert not settle_promise(world.book, made.id, "later", world.now)
    assert not cancel_promise(world.book, 4711, "nobody", world.now)
    assert 1 == ledger(world).kept


def test_a_promise_settled_another_way_is_not_called(world: World) -> None:
    made = world.promise()
    assert settle_promise(world.book, made.id, "served on the line", world.now)

    assert ((), ()) == world.work()
    assert 1 == ledger(world).settled


def test_a_number_is_free_for_a_new_promise_once_the_last_one_ended(world: World) -> None:
    first = world.promise(0, call="1")
    settle_promise(world.book, first.id, "served", world.now)
    second = world.promise(0, call="2")

    assert first.reference != second.reference
    assert 2 == ledger(world).made


def test_do_not_call_does_not_stop_a_call_the_person_asked_for(world: World) -> None:
    world.promise(0)
    add_do_not_call(world.book, number(0), "no offers", "letter", world.now)

    assert world.dial().attempt


def test_the_ledger_notices_a_promise_that_vanished(world: World) -> None:
    kept = world.promise(0)
    lost = world.promise(1)
    with world.book.write() as tx:
        # what a careless clean-up could do, foreign keys or not: the row goes, its beginning stays told
        tx.execute(delete(PromiseStep).where(PromiseStep.promise_id == lost.id))
        tx.execute(delete(Promise).where(Promise.id == lost.id))
        tx.add(PromiseStep(promise_id=kept.id, at=MONDAY, event=None, state=PromiseState.WAITING))

    assert 1 == promise_ledger(world.book).error


def test_a_promise_without_a_future_is_found(world: World) -> None:
    waiting, claimed = world.promise(0), world.promise(1)
    with world.book.write() as tx:
        tx.get_one(Promise, waiting.id).next_action_at = None
        tx.get_one(Promise, claimed.id).state = PromiseState.CLAIMED

    assert (waiting.id, claimed.id) == stuck_promises(world.book, world.now)


def test_a_retry_is_not_opened_before_it_is_due(world: World) -> None:
    world.promise()
    work = world.work()[0][0]
    world.finish(world.dial(work), Outcome.BUSY)
    refused = world.try_open(work)

    assert Verdict(allowed=False, rule="promise.not-due", until=MONDAY + timedelta(seconds=240)) == refused
    world.later(seconds=240)
    assert isinstance(world.try_open(work), AttemptOrder)
    refused = world.try_open(work)
    assert Verdict(allowed=False, rule="promise.not-open") == refused


def test_a_refused_promise_waits_its_turn_without_losing_an_attempt(world: World) -> None:
    world.promise()
    order = world.open()
    refused = consume_attempt(world.book, order.attempt, world.later(minutes=3))

    assert Verdict(allowed=False, rule="attempt.stale") == refused
    card = open_promises(world.book)[0]
    assert (PromiseState.WAITING, 0) == (card.state, card.attempts_made)
    assert 1 == ledger(world).open


def test_nobody_is_offered_anything_while_a_promise_to_them_is_open(world: World) -> None:
    world.customers(2)
    world.campaign()
    offers = world.work()[1]
    made = world.promise(0)
    refused = world.try_open(offers[0])

    assert Verdict(allowed=False, rule="promise.open") == refused
    assert 1 == len(world.work()[1])
    settle_promise(world.book, made.id, "served on the line", world.now)
    world.later(hours=1)
    assert 2 == len(world.work()[1])


def test_the_ledger_is_in_balance_at_every_moment_somebody_looks(world: World) -> None:
    """Readers see one moment, even while promises are made and ended by others."""
    book, now = world.book, world.now
    with ThreadPoolExecutor(3) as pool:
        makers = [pool.submit(_make_and_end, book, start, now) for start in (0, 20)]
        looks = 0
        while not all(maker.done() for maker in makers):
            assert 0 == promise_ledger(book).error
            looks += 1
        for maker in makers:
            maker.result()
    assert looks > 3
    assert (40, 40) == (ledger(world).made, ledger(world).settled)


def _make_and_end(book: Book, start: int, now: datetime) -> None:
    for place in range(start, start + 20):
        made = make_promise(book, request(place, f"call-{place}"), now)
        assert isinstance(made, MadePromise)
        assert settle_promise(book, made.id, "served", now)

"""Promises that are stuck or overtaken are found (invariant 6), and nobody else is suspected."""

from datetime import timedelta

from databases.centre import MONDAY, Centre, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.db.models import Promise
from dialer.services.calls.open_attempt import put_off_promise
from dialer.services.calls.transitions import TransitionContext
from dialer.services.promises.promise_faults import (
    LOOKED_BACK,
    ONE_LOOK,
    READ_EVERY,
    PromiseFaults,
    PromiseWatch,
    promise_faults,
)
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from telephony.calls.events import Outcome

LATER = ONE_LOOK + timedelta(seconds=1)


def faults(centre: Centre) -> PromiseFaults:
    return promise_faults(centre.database, centre.now)


def waiting(centre: Centre, *places: int) -> list[int]:
    """Promises to callers who joined one after the other, made long enough ago to be each other's rivals."""
    made = [
        centre.promise(place, joined=MONDAY - timedelta(minutes=30 - order)).id
        for order, place in enumerate(places)
    ]
    centre.now += LATER
    return made


def ring(centre: Centre, promise: int) -> None:
    """Ring this promise whatever stands before it, let the call end unanswered, and let time pass."""
    work = next(work for work in centre.work()[0] if work.promise == promise)
    centre.finish(centre.dial(work), Outcome.NO_ANSWER)
    centre.now += LATER


def test_promises_rung_in_order_are_neither_stuck_nor_overtaken(centre: Centre) -> None:
    for promise in waiting(centre, 0, 1, 2):
        ring(centre, promise)

    assert PromiseFaults() == faults(centre)


def test_nobody_is_overtaken_while_still_on_the_line(centre: Centre) -> None:
    joined = MONDAY - timedelta(minutes=30)
    wanted = PromiseRequest(
        e164=number(0), queue="support", source_call="0", virtual_join=joined, on_the_line=True
    )
    assert isinstance(make_promise(centre.database, wanted, centre.now), MadePromise)
    later = centre.promise(1, joined=MONDAY - timedelta(minutes=20)).id
    centre.now += LATER
    ring(centre, later)

    assert PromiseFaults() == faults(centre)


def test_a_promise_without_a_future_is_stuck(centre: Centre) -> None:
    lost, claimed, _well = waiting(centre, 0, 1, 2)
    with centre.database.write() as tx:
        tx.get_one(Promise, lost).next_action_at = None
        tx.get_one(Promise, claimed).state = PromiseState.CLAIMED

    assert PromiseFaults(stuck=(lost, claimed)) == faults(centre)


def test_who_waits_while_a_later_joiner_is_rung_is_overtaken_whether_rung_since_or_not(
    centre: Centre,
) -> None:
    first, second, third = waiting(centre, 0, 1, 2)
    ring(centre, third)
    ring(centre, second)

    assert PromiseFaults(overtaken=(first, second)) == faults(centre)


def test_who_was_put_off_by_a_rule_is_not_overtaken(centre: Centre) -> None:
    first, second = waiting(centre, 0, 1)
    with centre.database.write() as tx:
        entry = TransitionContext(tx, centre.database.policy, centre.now)
        put_off_promise(
            entry,
            tx.get_one(Promise, first),
            Refusal(rule=Rule.HOURS_CLOSED, until=centre.now + timedelta(hours=9)),
        )
    centre.now += LATER
    ring(centre, second)

    assert PromiseFaults() == faults(centre)


def test_who_is_on_the_phone_with_a_campaign_is_not_overtaken(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    lead_call = centre.dial()
    first, second = waiting(centre, 0, 1)
    assert first not in {work.promise for work in centre.work()[0]}
    ring(centre, second)
    centre.finish(lead_call, Outcome.NO_ANSWER)

    assert PromiseFaults() == faults(centre)


def test_what_happened_more_than_a_day_ago_is_told_no_more(centre: Centre) -> None:
    first, second = waiting(centre, 0, 1)
    ring(centre, second)
    assert PromiseFaults(overtaken=(first,)) == faults(centre)
    centre.now += LOOKED_BACK

    assert PromiseFaults() == faults(centre)


def test_a_watch_looks_at_most_every_few_seconds(centre: Centre) -> None:
    watch = PromiseWatch()
    (lost,) = waiting(centre, 0)
    with centre.database.write() as tx:
        assert PromiseFaults() == watch.faults(tx, centre.now)
        tx.get_one(Promise, lost).next_action_at = None
        tx.flush()
        assert PromiseFaults() == watch.faults(tx, centre.now + READ_EVERY - timedelta(milliseconds=1))
        assert PromiseFaults(stuck=(lost,)) == watch.faults(tx, centre.now + READ_EVERY)

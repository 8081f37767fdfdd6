"""The ledger in the database: it adds up through a day's work, and a lost row or step is found and named."""

import sqlite3
from contextlib import closing
from datetime import date
from typing import Any

from databases.centre import MONDAY, Centre
from sqlalchemy import delete, text, update

from dialer.core.schedule import ScheduledJob
from dialer.db.models import Promise, PromiseStep
from dialer.retention_settings import RetentionSettings
from dialer.services.evidence.retention import let_go
from dialer.services.promises.ledger_audit import audit_promises, carry_forward, forget_balance
from dialer.services.promises.promises import cancel_promise, promise_ledger, settle_promise
from dialer.services.schedule.jobs import do_work
from dialer.services.schedule.schedule import End
from dialer.settings import Settings
from telephony.calls.events import Outcome

LONDON = "Europe/London"


def days_work(centre: Centre) -> list[int]:
    """One promise of each fate: kept, closed, cancelled, settled, and one that is open."""
    made = [centre.promise(900 + index).id for index in range(5)]
    for promise, outcome in ((made[0], Outcome.CONNECTED), (made[1], Outcome.BAD_NUMBER)):
        work = next(work for work in centre.work()[0] if work.promise == promise)
        order = centre.dial(work)
        if outcome is Outcome.CONNECTED:
            centre.talk(order)
        else:
            centre.finish(order, outcome)
    assert cancel_promise(centre.database, made[2], "asked", centre.now)
    assert settle_promise(centre.database, made[3], "rang in", centre.now)
    return made


def work(centre: Centre) -> Any:
    return do_work(centre.database, Settings(), ScheduledJob.LEDGER, lambda: centre.now, lambda *_: None)


def test_a_days_promises_add_up_by_day_and_queue(centre: Centre) -> None:
    days_work(centre)
    centre.later(days=1)
    centre.promise(910)

    audit = audit_promises(centre.database, LONDON)

    assert audit.adds_up, audit
    first, second = audit.lines
    assert (first.day, first.queue) == (date(2026, 11, 23), "support")
    assert (first.made, first.kept, first.settled, first.cancelled, first.closed, first.open) == (
        5,
        1,
        1,
        1,
        1,
        1,
    )
    assert (second.made, second.open) == (1, 1)
    assert work(centre).end is End.DONE


def test_days_and_queue_choose_what_is_added_up(centre: Centre) -> None:
    centre.promise(900)
    centre.later(days=1)
    centre.promise(901)
    monday, tuesday = MONDAY.date(), centre.now.date()

    def made(**chosen: Any) -> list[date]:
        return [line.day for line in audit_promises(centre.database, LONDON, **chosen).lines]

    assert made() == [monday, tuesday]
    assert made(first=tuesday) == [tuesday]
    assert made(last=monday) == [monday]
    assert made(first=monday, last=tuesday, queue="support") == [monday, tuesday]
    assert made(queue="sales") == []


def test_a_promise_whose_end_has_no_step_is_named(centre: Centre) -> None:
    made = days_work(centre)
    with centre.database.write() as tx:
        tx.execute(
            delete(PromiseStep).where(PromiseStep.promise_id == made[2], PromiseStep.event.is_not(None))
        )

    audit = audit_promises(centre.database, LONDON)

    assert audit.error == 1
    assert [fault.promise for fault in audit.faults] == [made[2]]


def test_a_promise_whose_beginning_was_lost_is_named(centre: Centre) -> None:
    made = days_work(centre)
    with centre.database.write() as tx:
        tx.execute(delete(PromiseStep).where(PromiseStep.promise_id == made[4]))

    audit = audit_promises(centre.database, LONDON)

    assert [(fault.promise, fault.what) for fault in audit.faults] == [
        (made[4], "its history has no beginning")
    ]


def test_a_promise_that_nothing_would_move_fails_the_nightly_look_and_is_named_by_it(centre: Centre) -> None:
    made = days_work(centre)
    with centre.database.write() as tx:
        tx.execute(update(Promise).where(Promise.id == made[4]).values(next_action_at=None))

    came = work(centre)

    assert came.end is End.FAILED
    assert f"Promise {made[4]}: nothing would ever move it" in came.said
    assert came.figures["faults"] == [made[4]]


def test_a_history_without_its_promise_is_named(centre: Centre) -> None:
    lost = centre.promise(900).id
    centre.promise(901)
    bind = centre.database.engine
    if bind.dialect.name == "sqlite":  # whoever opens the file by hand has no foreign keys
        with closing(sqlite3.connect(str(bind.url.database))) as by_hand, by_hand:
            by_hand.execute("DELETE FROM promise WHERE id = ?", (lost,))
    else:
        with centre.database.write() as tx:
            tx.execute(text("SET LOCAL session_replication_role = replica"))
            tx.execute(delete(Promise).where(Promise.id == lost))

    audit = audit_promises(centre.database, LONDON)

    assert audit.error == 1
    assert [(fault.promise, fault.what) for fault in audit.faults] == [
        (lost, "its history is there and it is not")
    ]
    of_one_queue = audit_promises(centre.database, LONDON, queue="support")
    assert of_one_queue.error == 1, "whose it was cannot be known, so it is missing in each"
    with centre.database.write() as tx:
        tx.execute(delete(PromiseStep).where(PromiseStep.promise_id == lost))


def test_the_ledger_that_is_shown_goes_on_from_the_last_audit_and_is_the_same_with_every_fate(
    centre: Centre,
) -> None:
    made = days_work(centre)
    before = promise_ledger(centre.database)
    assert (5, 1, 4, 0) == (before.made, before.open, before.ended, before.error)

    assert work(centre).end is End.DONE
    assert before == promise_ledger(centre.database)

    assert cancel_promise(centre.database, made[4], "asked", centre.now)  # made before, ended after
    centre.promise(920)
    shown = promise_ledger(centre.database)
    carry_forward(centre.database, centre.now)
    assert shown == promise_ledger(centre.database)
    forget_balance(centre.database)
    assert shown == promise_ledger(centre.database)
    assert (6, 2, 1, 5, 0) == (shown.made, shown.cancelled, shown.open, shown.ended, shown.error)


def test_between_two_audits_a_lost_history_shows(centre: Centre) -> None:
    days_work(centre)
    carry_forward(centre.database, centre.now)
    lost = centre.promise(930).id
    assert cancel_promise(centre.database, lost, "asked", centre.now)
    assert 0 == promise_ledger(centre.database).error

    with centre.database.write() as tx:
        tx.execute(delete(PromiseStep).where(PromiseStep.promise_id == lost))

    assert promise_ledger(centre.database).error


def test_what_does_not_add_up_is_not_carried_forward(centre: Centre) -> None:
    made = days_work(centre)
    carry_forward(centre.database, centre.now)
    with centre.database.write() as tx:
        tx.execute(delete(PromiseStep).where(PromiseStep.promise_id == made[0]))
    assert 0 == promise_ledger(centre.database).error, "it was counted before"

    assert work(centre).end is End.FAILED

    assert promise_ledger(centre.database).error


def test_promises_that_are_let_go_soon_after_their_end_leave_no_error_behind(centre: Centre) -> None:
    made = days_work(centre)
    carry_forward(centre.database, centre.now)
    assert cancel_promise(centre.database, made[4], "asked", centre.now)

    let_go(centre.database, RetentionSettings(attempts_d=90), centre.later(days=100))

    assert 0 == promise_ledger(centre.database).error

"""Closing: what is open goes over to the first moment that is allowed, in its old order, and is told so."""

from datetime import datetime
from typing import Final

from callbacks.refusals import Rule
from dialer.core.calling.policy import CallingPolicy
from dialer.db.models import Promise
from dialer.db.queries import due_promises, promises
from dialer.db.session import Database, Transaction
from dialer.services.calls.compliance_facts import judge_promise
from dialer.services.calls.open_attempt import put_off_promise
from dialer.services.calls.transitions import TransitionContext
from dialer.services.promises.texts_due import TextDue, note_text_due

AT_ONCE: Final = 200  # promises in one transaction; the rest at the next look


def await_opening(tx: Transaction, policy: CallingPolicy, promise: Promise, now: datetime) -> None:
    """Put a promise that was asked for while its queue is closed off to the opening.

    Its customer hears that time from the first word on, and of no call that we owed them before closing.
    """
    entry = TransitionContext(tx, policy, now)
    refusal = judge_promise(entry, promise)
    if refusal is not None and refusal.rule is Rule.QUEUE_CLOSED:
        put_off_promise(entry, promise, refusal)


def carry_over(database: Database, now: datetime) -> int:
    """Put every promise that is due while its queue is closed off to when it may be rung; how many.

    The place stays the moment its caller joined, so at the opening the order is that of before. Each customer
    is to be told once for every opening.
    """
    policy = database.policy
    if all(
        hours.clock().refusal(now) is None for hours in (policy.rulebook.queue, *policy.queue_hours.values())
    ):
        return 0
    carried = 0
    with database.write() as tx:
        entry = TransitionContext(tx, policy, now)
        for row in due_promises.due(tx, now, AT_ONCE):
            if policy.hours_of(row.queue).clock().refusal(now) is None:
                continue
            promise = promises.lock_promise(tx, row.id)
            refusal = judge_promise(entry, promise) if promise is not None else None
            if promise is None or refusal is None or refusal.rule is not Rule.QUEUE_CLOSED:
                continue  # another rule stands in the way of this one, and says so when it is tried
            put_off_promise(entry, promise, refusal)
            opens = refusal.until.isoformat() if refusal.until is not None else "unknown"
            note_text_due(entry, promise, TextDue.PUT_OFF, cause=opens)
            carried += 1
    return carried

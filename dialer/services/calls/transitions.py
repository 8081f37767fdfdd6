"""One legal step of an attempt, a lead or a promise, inside somebody else's transaction.

The machine decides; an illegal step raises `IllegalTransition` before anything is written, and a row
that somebody else moved first raises `StateMoved`, which undoes the whole transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbacks.lifecycle import PROMISE, PromiseEvent
from dialer.core.calling.attempt import ATTEMPT, AttemptEvent
from dialer.core.calling.campaign import LEAD, LeadEvent
from dialer.core.calling.policy import CallingPolicy
from dialer.db.models import Attempt, Lead, Promise
from dialer.db.queries import promises
from dialer.db.queries.moves import move, move_together
from dialer.db.session import Transaction


@dataclass(frozen=True, slots=True)
class TransitionContext:
    """One entry in the database: its transaction, the policy it is judged by, and its moment."""

    tx: Transaction
    policy: CallingPolicy
    now: datetime


def step_attempt(
    tx: Transaction, attempt: Attempt, event: AttemptEvent, now: datetime, **values: Any
) -> None:
    """Move an attempt; its end is stamped with `now` unless `ended_at` is given."""
    step_attempt_through(tx, attempt, (event,), now, **values)


def step_attempt_through(
    tx: Transaction, attempt: Attempt, events: Sequence[AttemptEvent], now: datetime, **values: Any
) -> None:
    """Move an attempt by several events, each of which is legal after the one before, in one change."""
    after = attempt.state
    for event in events:
        after = ATTEMPT.after(after, event)
    if after in ATTEMPT.ends:
        values.setdefault("ended_at", now)
    move(tx, attempt, after, **values)


def step_lead(tx: Transaction, lead: Lead, event: LeadEvent, **values: Any) -> None:
    """Move a lead."""
    move(tx, lead, LEAD.after(lead.state, event), **values)


def move_leads(tx: Transaction, leads: Sequence[Lead], event: LeadEvent, **values: Any) -> None:
    """Move several leads that are all in one state."""
    if leads:
        move_together(tx, leads, LEAD.after(leads[0].state, event), **values)


def step_promise(
    tx: Transaction,
    promise: Promise,
    event: PromiseEvent,
    now: datetime,
    *,
    attempt: str | None = None,
    reason: str | None = None,
    **values: Any,
) -> None:
    """Move a promise and write the step into its history; an end has no next action and a reason."""
    after = PROMISE.after(promise.state, event)
    if after in PROMISE.ends:
        values |= {"ended_at": now, "end_reason": reason or event.value, "next_action_at": None}
    move(tx, promise, after, **values)
    promises.add_step(tx, promise.id, now, event, after, attempt=attempt, reason=reason)

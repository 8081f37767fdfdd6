"""The person on an agent's card: promises, agreed calls, a line to remember, the whole number on request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.retention.contact_reason import ContactReason
from dialer.db.models import Attempt, InboundCall
from dialer.db.queries import attempts, audit, person_history
from dialer.db.session import Database, Transaction
from dialer.services.agents.agent_call import take_talk
from dialer.services.agents.live_calls import take_ringing_call

PROMISES_SHOWN: Final = 3
LINE_LENGTH: Final = 300  # characters; more is a note


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseInHistory:
    """A promise to this person, and what became of it."""

    reference: str
    state: PromiseState
    made_at: datetime
    next_action_at: datetime | None
    ended_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it is still to be kept."""
        return self.state not in PROMISE.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHistory:
    """What an agent should know before the first word."""

    remember: str
    remembered_by: str
    remembered_at: datetime | None
    promises: tuple[PromiseInHistory, ...]  # newest first
    agreed: tuple[datetime, ...]
    reason: ContactReason | None  # of this call


def history_of_call(database: Database, call: str, agent: str, *, rang_in: bool) -> PersonHistory | None:
    """The history of whoever this call of the agent's is with; None where there is no such call."""
    with database.read() as tx:
        row = _seen(tx, agent, call, rang_in=rang_in)
        if row is None:
            return None
        customer = row.customer_id
        line = person_history.remembered(tx, customer) if customer is not None else None
        found = person_history.promises_of(tx, customer, row.e164, PROMISES_SHOWN)
        return PersonHistory(
            remember=line.words if line is not None else "",
            remembered_by=line.agent if line is not None else "",
            remembered_at=line.changed_at if line is not None else None,
            promises=tuple(
                PromiseInHistory(
                    reference=each.reference,
                    state=each.state,
                    made_at=each.made_at,
                    next_action_at=each.next_action_at,
                    ended_at=each.ended_at,
                )
                for each in found
            ),
            agreed=tuple(person_history.agreed_calls(tx, customer)) if customer is not None else (),
            reason=row.contact_reason,
        )


def remember_person(
    database: Database, agent: str, call: str, words: str, now: datetime, *, rang_in: bool
) -> Refusal | None:
    """Keep a line about the customer of this call of the agent's, in place of the one before; audited.

    Refused with `attempt.unknown`, `attempt.not-connected`, `attempt.other-agent`, or
    `number.unreadable` where nobody knows who it is: link the caller first.
    """
    with database.write() as tx:
        row = _taken(tx, agent, call, rang_in=rang_in)
        if isinstance(row, Refusal):
            return row
        if row.customer_id is None:
            return Refusal(rule=Rule.NUMBER_UNREADABLE)
        line = person_history.remembered(tx, row.customer_id)
        before, after = line.words if line is not None else "", words[:LINE_LENGTH]
        if before != after:
            person_history.remember(tx, row.customer_id, after, agent, now)
            audit.add(
                tx, now, agent, "remember.changed", str(row.customer_id), {"call": call, "empty": not after}
            )
        return None


def set_contact_reason(
    database: Database, agent: str, call: str, reason: ContactReason, now: datetime, *, rang_in: bool
) -> Refusal | None:
    """Say why this call came about; another one replaces it.

    Refused with `attempt.unknown`, `attempt.not-connected` or `attempt.other-agent`.
    """
    with database.write() as tx:
        row = _taken(tx, agent, call, rang_in=rang_in)
        if isinstance(row, Refusal):
            return row
        if row.contact_reason is not reason:
            row.contact_reason = reason
            audit.add(tx, now, agent, "reason.said", call, {"reason": reason.value})
        return None


def show_number(database: Database, agent: str, call: str, now: datetime, *, rang_in: bool) -> str | Refusal:
    """The whole number of whoever this call of the agent's is with, audited; empty where it was withheld.

    Refused with `attempt.unknown`, `attempt.not-connected` or `attempt.other-agent`.
    """
    with database.write() as tx:
        row = _taken(tx, agent, call, rang_in=rang_in)
        if isinstance(row, Refusal):
            return row
        audit.add(tx, now, agent, "numbers.shown", call, {"numbers": 1})
        return row.e164 if row.e164.startswith("+") else ""


def _seen(tx: Transaction, agent: str, call: str, *, rang_in: bool) -> Attempt | InboundCall | None:
    if rang_in:
        row = take_ringing_call(tx, agent, call)
        return None if isinstance(row, Refusal) else row
    attempt = attempts.find_attempt(tx, call)
    return attempt if attempt is not None and attempt.agent in {None, agent} else None


def _taken(tx: Transaction, agent: str, call: str, *, rang_in: bool) -> Attempt | InboundCall | Refusal:
    if rang_in:
        return take_ringing_call(tx, agent, call, lock=True)
    return take_talk(tx, agent, call)

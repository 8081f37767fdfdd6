"""An agent keeps, takes back or corrects what they say of a live caller's call; the last two are audited."""

from datetime import datetime

from callbacks.lifecycle import PromiseEvent
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.correction import PROMISE_BACK
from dialer.core.calling.disposition import CONSEQUENCES, Disposition
from dialer.db.models import InboundCall
from dialer.db.queries import audit, customers, promises
from dialer.db.session import Database, Transaction
from dialer.services.agents.contacts import on_form
from dialer.services.agents.corrections import TakenBack
from dialer.services.agents.dispositions import NOTE_LENGTH, again_of
from dialer.services.agents.live_calls import (
    LiveWordSaid,
    RecordedLiveDisposition,
    person_of,
    recorded_live,
    say_of,
    take_live_call,
    zones_of_person,
)
from dialer.services.calls.transitions import TransitionContext, step_promise
from dialer.services.customers.objections import take_back_objection
from dialer.services.schedule.business_day import day_began


class _RefusedHalfway(Exception):
    """Undoes the transaction."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.rule)
        self.refusal = refusal


def keep_live_draft(
    database: Database, agent: str, caller: str, note: str, call_again_at: str
) -> Refusal | None:
    """Keep what was typed about a live caller's call, in place of what was kept before.

    Refused with `attempt.unknown`, `attempt.not-connected`, `attempt.other-agent`, or
    `disposition.recorded` where the word is in: what is typed then belongs to its correction.
    """
    with database.write() as tx:
        row = take_live_call(tx, agent, caller)
        if isinstance(row, Refusal):
            return row
        if row.disposition is not None:
            return Refusal(rule=Rule.DISPOSITION_RECORDED)
        row.draft_note, row.draft_call_again_at = note[:NOTE_LENGTH], call_again_at
        return None


def take_back_live(database: Database, agent: str, caller: str, now: datetime) -> TakenBack | Refusal:
    """Take the word of a live caller's call back: it is due again, and what followed from it is undone.

    Refused with `attempt.unknown`, `attempt.not-connected`, `attempt.other-agent`, `disposition.missing`,
    `disposition.closed` where its day is over, or `call-again.begun` where the call agreed on is on its way.
    """
    with database.write() as tx:
        entry = TransitionContext(tx, database.policy, now)
        row = _find(entry, agent, caller)
        if isinstance(row, Refusal):
            return row
        said, note = _word(row), row.note
        again = on_form(row.call_again_at, _zones(tx, row))
        refusal = _undo(entry, row, agent)
        if refusal is not None:
            return refusal
        row.draft_note, row.draft_call_again_at = note, again
        audit.add(tx, now, agent, "word.taken-back", caller, {"disposition": said.value})
        return TakenBack(attempt=caller, disposition=said, note=note)


def correct_live_disposition(  # noqa: PLR0917 - one form of an agent's page, in the order of its fields
    database: Database,
    agent: str,
    caller: str,
    disposition: Disposition,
    note: str,
    call_again_at: datetime | None,
    now: datetime,
    *,
    said_as: str = "",
) -> RecordedLiveDisposition | Refusal:
    """Say another word, another note or another time of a live caller's call; all or nothing of it is done.

    Refused as taking back is, and as writing down is.
    """
    try:
        with database.write() as tx:
            entry = TransitionContext(tx, database.policy, now)
            row = _find(entry, agent, caller)
            if isinstance(row, Refusal):
                return row
            details = {"from": row.said_as or _word(row).value, "to": said_as or disposition.value}
            audit.add(tx, now, agent, "word.corrected", caller, details)
            again = call_again_at if CONSEQUENCES[disposition].call_again else None
            if (row.disposition, row.call_again_at) == (disposition, again):
                row.note, row.said_as = note[:NOTE_LENGTH], said_as
                return recorded_live(row)
            said = LiveWordSaid(disposition, note, call_again_at, said_as)
            return _replace(entry, row, agent, said)
    except _RefusedHalfway as halfway:
        return halfway.refusal


def _replace(
    entry: TransitionContext, row: InboundCall, agent: str, said: LiveWordSaid
) -> RecordedLiveDisposition:
    """Raises `_RefusedHalfway` where the old word cannot be undone, or the new one not be said."""
    first_said_at = row.recorded_at
    refusal = _undo(entry, row, agent) or say_of(entry, row, agent, said)
    if refusal is not None:
        raise _RefusedHalfway(refusal)
    row.recorded_at = first_said_at
    return recorded_live(row)


def _zones(tx: Transaction, row: InboundCall) -> tuple[str, ...]:
    return zones_of_person(tx, row.e164, customers.find(tx, row.customer_id))


def _word(row: InboundCall) -> Disposition:
    if row.disposition is None:
        raise AssertionError("only a word that is there is undone")
    return row.disposition


def _find(entry: TransitionContext, agent: str, caller: str) -> InboundCall | Refusal:
    row = take_live_call(entry.tx, agent, caller)
    if isinstance(row, Refusal):
        return row
    if row.disposition is None or row.recorded_at is None:
        return Refusal(rule=Rule.DISPOSITION_MISSING)
    if row.recorded_at < day_began(entry.policy, entry.now):
        return Refusal(rule=Rule.DISPOSITION_CLOSED)
    return row


def _undo(entry: TransitionContext, row: InboundCall, agent: str) -> Refusal | None:
    """Undo what followed, and take the word off the record; nothing is done where that is refused."""
    tx, consequence = entry.tx, CONSEQUENCES[_word(row)]
    agreed = promises.of_call(tx, again_of(row.caller), lock=True) if consequence.call_again else None
    cancel = PROMISE_BACK.get(agreed.state) if agreed is not None else None
    if isinstance(cancel, Rule):
        return Refusal(rule=cancel)
    if agreed is not None and isinstance(cancel, PromiseEvent):
        step_promise(tx, agreed, cancel, entry.now, reason="taken back")
    if agreed is not None:
        agreed.source_call = f"back-{agreed.id}"  # the same call may agree on another time
        tx.flush()
    if consequence.do_not_call:
        take_back_objection(tx, person_of(tx, row), agent, entry.now)
    row.disposition = row.recorded_at = row.call_again_at = None
    row.note = row.said_as = ""
    tx.flush()
    return None

"""An agent takes back a word, or says another instead, until the day is over; both are audited."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.lifecycle import PromiseEvent
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.attempt import ATTEMPT
from dialer.core.calling.campaign import LeadEvent
from dialer.core.calling.correction import LEAD_BACK, PROMISE_BACK
from dialer.core.calling.disposition import CONSEQUENCES, Disposition
from dialer.db.models import Attempt, DispositionRow
from dialer.db.queries import audit, callback_blocks, customers, dispositions, leads, promises, wrong_numbers
from dialer.db.session import Database
from dialer.services.agents.agent_call import take_talk
from dialer.services.agents.contacts import on_form
from dialer.services.agents.dispositions import (
    NOTE_LENGTH,
    RecordedDisposition,
    again_of,
    did_not_ask,
    follow,
    judge_again,
    recorded,
)
from dialer.services.calls.other_records import settle_others
from dialer.services.calls.transitions import TransitionContext, step_lead, step_promise
from dialer.services.customers.dialing_regions import person_facts
from dialer.services.customers.objections import PersonOfCall, put_back_number, take_back_objection
from dialer.services.schedule.business_day import day_began


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """A word that is no longer on record; what was noted waits as typed."""

    attempt: str
    disposition: Disposition
    note: str


class _RefusedHalfway(Exception):
    """Undoes the transaction."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.rule)
        self.refusal = refusal


def take_back(database: Database, agent: str, attempt: str, now: datetime) -> TakenBack | Refusal:
    """Take a word back: it is due again, and what followed from it is undone as far as it can be.

    Refused with `attempt.unknown`, `attempt.not-connected`, `attempt.other-agent`, `disposition.missing`,
    `disposition.closed` where its day is over, or `call-again.begun` where the call agreed on is on its way.
    """
    with database.write() as tx:
        entry = TransitionContext(tx, database.policy, now)
        found = _find(entry, agent, attempt)
        if isinstance(found, Refusal):
            return found
        row, said = found
        customer = customers.find(tx, row.customer_id)
        zones = person_facts(row.e164, customer).zones
        taken = TakenBack(attempt=attempt, disposition=said.disposition, note=said.note)
        again = on_form(said.call_again_at, zones)
        refusal = _undo(entry, row, said)
        if refusal is not None:
            return refusal
        dispositions.keep_draft(
            tx, attempt_id=attempt, agent=agent, note=taken.note, call_again_at=again, saved_at=now
        )
        audit.add(tx, now, agent, "word.taken-back", attempt, {"disposition": taken.disposition.value})
        return taken


def correct_disposition(  # noqa: PLR0917 - one form of an agent's page, in the order of its fields
    database: Database,
    agent: str,
    attempt: str,
    disposition: Disposition,
    note: str,
    call_again_at: datetime | None,
    now: datetime,
    *,
    said_as: str = "",
) -> RecordedDisposition | Refusal:
    """Say another word, another note or another time instead; all or nothing of it is done.

    Refused as taking back is, and as writing down is.
    """
    try:
        with database.write() as tx:
            entry = TransitionContext(tx, database.policy, now)
            found = _find(entry, agent, attempt)
            if isinstance(found, Refusal):
                return found
            row, said = found
            again = call_again_at if CONSEQUENCES[disposition].call_again else None
            audit.add(
                tx,
                now,
                agent,
                "word.corrected",
                attempt,
                {"from": said.said_as or said.disposition.value, "to": said_as or disposition.value},
            )
            if (said.disposition, said.call_again_at) == (disposition, again):
                said.note, said.said_as = note[:NOTE_LENGTH], said_as
                return recorded(tx, row, said)
            return _replace(entry, row, said, disposition, note, call_again_at, said_as)
    except _RefusedHalfway as halfway:
        return halfway.refusal


def _replace(  # noqa: PLR0917 - what stands, and what shall stand instead
    entry: TransitionContext,
    row: Attempt,
    said: DispositionRow,
    disposition: Disposition,
    note: str,
    call_again_at: datetime | None,
    said_as: str,
) -> RecordedDisposition:
    """Raises `_RefusedHalfway` where the old word cannot be undone, or the new one not be said."""
    agent, first_said_at = said.agent, said.recorded_at
    refusal = _undo(entry, row, said) or _judge(entry, row, disposition, call_again_at)
    if refusal is not None:
        raise _RefusedHalfway(refusal)
    written = dispositions.add(
        entry.tx,
        attempt_id=row.id,
        agent=agent,
        disposition=disposition,
        said_as=said_as,
        note=note[:NOTE_LENGTH],
        call_again_at=call_again_at if CONSEQUENCES[disposition].call_again else None,
        recorded_at=first_said_at,
    )
    return follow(entry, row, written)


def _find(entry: TransitionContext, agent: str, attempt: str) -> tuple[Attempt, DispositionRow] | Refusal:
    row = take_talk(entry.tx, agent, attempt)
    if isinstance(row, Refusal):
        return row
    said = dispositions.find(entry.tx, attempt)
    if said is None:
        return Refusal(rule=Rule.DISPOSITION_MISSING)
    if said.agent != agent:
        return Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)
    if said.recorded_at < day_began(entry.policy, entry.now):
        return Refusal(rule=Rule.DISPOSITION_CLOSED)
    return row, said


def _judge(
    entry: TransitionContext, row: Attempt, disposition: Disposition, at: datetime | None
) -> Refusal | None:
    return judge_again(entry, row, at) if CONSEQUENCES[disposition].call_again else None


def _undo(entry: TransitionContext, row: Attempt, said: DispositionRow) -> Refusal | None:
    """Undo what followed, and take the word off the record; nothing is done where that is refused."""
    tx = entry.tx
    over = row.state in ATTEMPT.ends
    lead = leads.lock_lead(tx, row.lead_id) if row.lead_id is not None and over else None
    step = LEAD_BACK.get((said.disposition, lead.state)) if lead is not None else None
    consequence = CONSEQUENCES[said.disposition]
    again = consequence.call_again or consequence.repeat
    agreed = promises.of_call(tx, again_of(row.id)) if again else None
    cancel = PROMISE_BACK.get(agreed.state) if agreed is not None else None
    for answer in (step, cancel):
        if isinstance(answer, Rule):
            return Refusal(rule=answer)
    if lead is not None and isinstance(step, LeadEvent):
        step_lead(tx, lead, step, asked_again=False)
    if agreed is not None and isinstance(cancel, PromiseEvent):
        step_promise(tx, agreed, cancel, entry.now, attempt=row.id, reason="taken back")
        agreed.source_call = f"back-{agreed.id}"  # the same call may agree on another time
        tx.flush()
    if consequence.do_not_call:
        take_back_objection(tx, PersonOfCall.of(row), said.agent, entry.now)
    if consequence.strike:
        _undo_wrong_number(entry, row, said)
    if consequence.block:
        _undo_block(entry, row, said)
    dispositions.remove(tx, said)
    settle_others(entry, row)
    return None


def _undo_block(entry: TransitionContext, row: Attempt, said: DispositionRow) -> None:
    """Let the number be called back again, where it was this word that blocked it."""
    blocked = callback_blocks.find(entry.tx, row.e164)
    if blocked is not None and blocked.reason == did_not_ask(row.id):
        callback_blocks.remove(entry.tx, blocked)
        details = {"taken-back": row.id}
        audit.add(entry.tx, entry.now, said.agent, "callback.unblocked", row.e164, details)


def _undo_wrong_number(entry: TransitionContext, row: Attempt, said: DispositionRow) -> None:
    """Let the number be the customer's again, where it was this word that struck it off."""
    struck = wrong_numbers.find(entry.tx, row.customer_id or 0, row.e164)
    if struck is not None and struck.attempt_id == row.id:
        put_back_number(entry.tx, struck.customer_id, row.e164, said.agent, entry.now, "taken back")

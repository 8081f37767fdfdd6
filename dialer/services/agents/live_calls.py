"""A live caller's call on the agent's page: who it is, what the agent says came of it, and what follows."""

from dataclasses import dataclass, replace
from datetime import datetime

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.disposition import CONSEQUENCES, LIVE_WORDS, Disposition
from dialer.db.models import InboundCall
from dialer.db.queries import arrivals, audit, customers, promises
from dialer.db.session import Database, Transaction
from dialer.services.agents.dispositions import NOTE_LENGTH, again_of
from dialer.services.calls.compliance_facts import judge_request
from dialer.services.calls.transitions import TransitionContext
from dialer.services.customers.dialing_regions import mask, number_facts
from dialer.services.customers.objections import PersonOfCall, object_in


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCallSeen:
    """The live caller before the agent; the number is masked, and empty where it was withheld."""

    caller: str
    number: str
    zones: tuple[str, ...]
    queue: str
    waited_s: float
    customer: int | None
    disposition: Disposition | None

    @property
    def words(self) -> frozenset[Disposition]:
        """What may be said of it: who has no number can neither be called nor be kept from it."""
        return LIVE_WORDS if self.number else LIVE_WORDS - {Disposition.OPT_OUT, Disposition.CALL_AGAIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLiveDisposition:
    """What an agent said of a live caller's call, as the database has it."""

    caller: str
    disposition: Disposition
    call_again_at: datetime | None
    note: str


def live_call(tx: Transaction, pbx: str, caller: str | None) -> tuple[LiveCallSeen, InboundCall] | None:
    """A live caller's call as the page shows it; None where the book has none."""
    row = arrivals.find_call(tx, pbx, caller) if caller is not None else None
    if row is None or row.connected_at is None:
        return None
    customer = customers.find(tx, row.customer_id)
    known = number_facts(row.e164, customer.zone if customer is not None else None)
    seen = LiveCallSeen(
        caller=row.caller,
        number=mask(row.e164) if row.e164.startswith("+") else "",
        zones=known.zones if row.e164.startswith("+") else (),
        queue=row.queue,
        waited_s=max(0.0, (row.connected_at - row.joined_at).total_seconds()),
        customer=row.customer_id,
        disposition=row.disposition,
    )
    return seen, row


def record_live_disposition(  # noqa: PLR0917 - one form of an agent's page, in the order of its fields
    database: Database,
    agent: str,
    caller: str,
    disposition: Disposition,
    note: str,
    call_again_at: datetime | None,
    now: datetime,
) -> RecordedLiveDisposition | Refusal:
    """Write down what came of a live caller's call, and let promise and do-not-call list follow.

    Saying the same twice changes nothing. Refused with `attempt.unknown`, `attempt.not-connected`,
    `attempt.other-agent`, `disposition.recorded` (another word is in), `number.unreadable` where the word
    needs the caller's number, `call-again.no-time`, `call-again.past`, `promise.already-open`, or by the
    compliance check where that time is closed.
    """
    with database.write() as tx:
        row = _take(tx, agent, caller)
        if isinstance(row, Refusal):
            return row
        if row.disposition is not None:
            same = row.disposition is disposition
            return _recorded(row) if same else Refusal(rule=Rule.DISPOSITION_RECORDED)
        entry, consequence = TransitionContext(tx, database.policy, now), CONSEQUENCES[disposition]
        if (consequence.call_again or consequence.do_not_call) and not row.e164.startswith("+"):
            return Refusal(rule=Rule.NUMBER_UNREADABLE)
        if consequence.call_again:
            refused = _promise(entry, row, call_again_at)
            if refused is not None:
                return refused
        row.disposition, row.note, row.recorded_at = disposition, note[:NOTE_LENGTH], now
        row.call_again_at = call_again_at if consequence.call_again else None
        audit.add(tx, now, agent, "disposition.recorded", caller, {"disposition": disposition.value})
        if consequence.do_not_call:
            object_in(tx, PersonOfCall(call=caller, e164=row.e164, customer=row.customer_id), agent, now)
        return _recorded(row)


def zones_of_caller(database: Database, agent: str, caller: str) -> tuple[str, ...]:
    """The clocks that an agent's live caller may live by; empty where the book has no such call."""
    with database.read() as tx:
        row = arrivals.call_of_agent(tx, agent, caller)
        if row is None or not row.e164.startswith("+"):
            return ()
        customer = customers.find(tx, row.customer_id)
        return number_facts(row.e164, customer.zone if customer is not None else None).zones


def _take(tx: Transaction, agent: str, caller: str) -> InboundCall | Refusal:
    """This call, locked, as one of this agent's."""
    row = arrivals.call_of_agent(tx, agent, caller, lock=True)
    if row is not None:
        return row
    others = arrivals.calls_named(tx, caller)
    if not others:
        return Refusal(rule=Rule.ATTEMPT_UNKNOWN)
    talked = any(other.connected_at is not None for other in others)
    return Refusal(rule=Rule.ATTEMPT_OTHER_AGENT if talked else Rule.ATTEMPT_NOT_CONNECTED)


def _promise(entry: TransitionContext, row: InboundCall, at: datetime | None) -> Refusal | None:
    """Promise the caller a call at the time agreed on; why it cannot be, or None."""
    tx = entry.tx
    if at is None:
        return Refusal(rule=Rule.CALL_AGAIN_NO_TIME)
    if at <= entry.now:
        return Refusal(rule=Rule.CALL_AGAIN_PAST)
    if promises.open_for(tx, row.e164) is not None:
        return Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
    customer = customers.find(tx, row.customer_id)
    refused = judge_request(replace(entry, now=at), row.e164, customer, asked_at=entry.now)
    if refused is None:
        promises.make(
            tx,
            e164=row.e164,
            customer_id=row.customer_id,
            queue=row.queue,
            source_call=again_of(row.caller),
            virtual_join=at,
            made_at=entry.now,
            language="",
            next_action_at=at,
            attempts_made=0,
        )
    return refused


def _recorded(row: InboundCall) -> RecordedLiveDisposition:
    if row.disposition is None:
        raise AssertionError("a disposition just written is there")
    return RecordedLiveDisposition(
        caller=row.caller, disposition=row.disposition, call_again_at=row.call_again_at, note=row.note
    )

"""A live caller's call on the agent's page: who it is, what the agent says came of it, and what follows."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from callbacks.refusals import Refusal, Rule
from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import CONSEQUENCES, LIVE_WORDS, Disposition
from dialer.db.models import Customer, InboundCall
from dialer.db.queries import agents, arrivals, audit, customers, leads, one_at_a_time, promises
from dialer.db.session import Database, Transaction
from dialer.services.agents.dispositions import NOTE_LENGTH, again_of, word_said
from dialer.services.calls.compliance_facts import judge_request
from dialer.services.calls.transitions import TransitionContext
from dialer.services.customers.dialing_regions import mask, person_facts
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
    ringing: bool = False  # the agent's phone rings: they have not spoken yet
    note: str = ""  # as typed so far
    call_again_at: str = ""  # the same, on the caller's clock; empty: none

    @property
    def words(self) -> frozenset[Disposition]:
        """What may be said of it; see `words_of`."""
        return words_of(known=bool(self.number) or self.customer is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLiveDisposition:
    """What an agent said of a live caller's call, as the database has it."""

    caller: str
    disposition: Disposition
    said_as: str  # the house's own word; empty where none was named
    call_again_at: datetime | None
    note: str


def words_of(*, known: bool) -> frozenset[Disposition]:
    """What may be said of a live call: who is not `known` can neither be called nor be kept from it."""
    return LIVE_WORDS if known else LIVE_WORDS - {Disposition.OPT_OUT, Disposition.CALL_AGAIN}


def live_call(
    tx: Transaction, pbx: str, caller: str | None, *, ringing_at: datetime | None = None
) -> tuple[LiveCallSeen, InboundCall] | None:
    """A live caller's call as the page shows it; None where the book has none.

    `ringing_at`: since when the agent's phone rings for it; a call that nobody has taken is shown then alone.
    """
    row = arrivals.find_call(tx, pbx, caller) if caller is not None else None
    served_at = row.connected_at or ringing_at if row is not None else None
    if row is None or served_at is None:
        return None
    customer = customers.find(tx, row.customer_id)
    seen = LiveCallSeen(
        caller=row.caller,
        number=mask(row.e164) if row.e164.startswith("+") else "",
        zones=zones_of_person(tx, row.e164, customer),
        queue=row.queue,
        waited_s=max(0.0, (served_at - row.joined_at).total_seconds()),
        customer=row.customer_id,
        disposition=row.disposition,
        ringing=row.connected_at is None,
        note=row.draft_note,
        call_again_at=row.draft_call_again_at,
    )
    return seen, row


def number_to_call(tx: Transaction, row: InboundCall) -> str:
    """At what number a live caller is called again: the one they rang from, or their customer's first one.

    Empty where neither is known.
    """
    if row.e164.startswith("+"):
        return row.e164
    numbers = leads.numbers_of(tx, row.customer_id) if row.customer_id is not None else ()
    return numbers[0].e164 if numbers else ""


def zones_of_person(tx: Transaction, e164: str, customer: Customer | None) -> tuple[str, ...]:
    """The clocks that a live caller may live by; empty where neither number nor customer is known."""
    if not e164.startswith("+"):
        numbers = leads.numbers_of(tx, customer.id) if customer is not None else ()
        if not numbers:
            return ()
        e164 = numbers[0].e164
    return person_facts(e164, customer).zones


def record_live_disposition(  # noqa: PLR0917 - one form of an agent's page, in the order of its fields
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
    """Write down what came of a live caller's call, and let promise and do-not-call list follow.

    `said_as`: the house's own word for it, by its id.

    Saying the same twice changes nothing. Refused with `attempt.unknown`, `attempt.not-connected`,
    `attempt.other-agent`, `disposition.recorded` (another word is in), `number.unreadable` where the word
    needs the caller's number, `call-again.no-time`, `call-again.past`, `promise.already-open`, or by the
    compliance check where that time is closed.
    """
    with database.write() as tx:
        row = take_live_call(tx, agent, caller)
        if isinstance(row, Refusal):
            return row
        if row.disposition is not None:
            same = (row.disposition, row.said_as) == (disposition, said_as)
            return recorded_live(row) if same else Refusal(rule=Rule.DISPOSITION_RECORDED)
        entry = TransitionContext(tx, database.policy, now)
        refused = say_of(entry, row, agent, LiveWordSaid(disposition, note, call_again_at, said_as))
        if refused is not None:
            return refused
        audit.add(tx, now, agent, "disposition.recorded", caller, word_said(disposition, said_as))
        return recorded_live(row)


class LiveWordSaid(NamedTuple):
    """What an agent says of a live caller's call."""

    disposition: Disposition
    note: str
    call_again_at: datetime | None
    said_as: str


def say_of(entry: TransitionContext, row: InboundCall, agent: str, said: LiveWordSaid) -> Refusal | None:
    """Write the word on a call that has none, and let everything follow; nothing is done where refused."""
    tx, consequence = entry.tx, CONSEQUENCES[said.disposition]
    e164 = number_to_call(tx, row)
    if (consequence.call_again or consequence.do_not_call) and not e164:
        return Refusal(rule=Rule.NUMBER_UNREADABLE)
    if consequence.call_again:
        refused = _promise(entry, row, e164, said.call_again_at)
        if refused is not None:
            return refused
    row.disposition, row.note, row.recorded_at = said.disposition, said.note[:NOTE_LENGTH], entry.now
    row.said_as = said.said_as
    row.call_again_at = said.call_again_at if consequence.call_again else None
    row.draft_note = row.draft_call_again_at = ""
    if consequence.do_not_call:
        object_in(tx, person_of(tx, row), agent, entry.now)
    return None


def person_of(tx: Transaction, row: InboundCall) -> PersonOfCall:
    """Who rang in."""
    return PersonOfCall(call=row.caller, e164=number_to_call(tx, row), customer=row.customer_id)


def zones_of_caller(database: Database, agent: str, caller: str) -> tuple[str, ...]:
    """The clocks that an agent's live caller may live by; empty where the book has no such call."""
    with database.read() as tx:
        row = arrivals.call_of_agent(tx, agent, caller)
        if row is None:
            return ()
        return zones_of_person(tx, row.e164, customers.find(tx, row.customer_id))


def take_live_call(tx: Transaction, agent: str, caller: str) -> InboundCall | Refusal:
    """This call, locked, as one of this agent's; refused by the rule that says why it is not."""
    row = arrivals.call_of_agent(tx, agent, caller, lock=True)
    if row is not None:
        return row
    others = arrivals.calls_named(tx, caller)
    if not others:
        return Refusal(rule=Rule.ATTEMPT_UNKNOWN)
    talked = any(other.connected_at is not None for other in others)
    return Refusal(rule=Rule.ATTEMPT_OTHER_AGENT if talked else Rule.ATTEMPT_NOT_CONNECTED)


def take_ringing_call(
    tx: Transaction, agent: str, caller: str, *, lock: bool = False
) -> InboundCall | Refusal:
    """This call as one of this agent's: they talk or talked with the caller, or their phone rings for it."""
    row = arrivals.call_of_agent(tx, agent, caller, lock=lock)
    seen = agents.find(tx, agent)
    if row is None and seen is not None and seen.caller == caller and seen.state is AgentState.RINGING:
        row = (arrivals.lock_call if lock else arrivals.find_call)(tx, seen.pbx, caller)
    if row is not None and row.agent in {None, agent}:
        return row
    return Refusal(
        rule=Rule.ATTEMPT_OTHER_AGENT if arrivals.calls_named(tx, caller) else Rule.ATTEMPT_UNKNOWN
    )


def judge_live_again(
    entry: TransitionContext, row: InboundCall, e164: str, at: datetime | None
) -> Refusal | None:
    """Why a live caller cannot be promised a call at that time, or None."""
    if at is None:
        return Refusal(rule=Rule.CALL_AGAIN_NO_TIME)
    if at <= entry.now:
        return Refusal(rule=Rule.CALL_AGAIN_PAST)
    if promises.open_of(entry.tx, None, customers.numbers_of_person(entry.tx, e164)):
        return Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
    customer = customers.find(entry.tx, row.customer_id)
    then = replace(entry, now=at)
    return judge_request(then, e164, customer, asked_at=entry.now, queue=row.queue)


def _promise(entry: TransitionContext, row: InboundCall, e164: str, at: datetime | None) -> Refusal | None:
    """Promise the caller a call at the time agreed on; why it cannot be, or None."""
    one_at_a_time.ask_for_person(entry.tx, e164)
    refused = judge_live_again(entry, row, e164, at)
    if refused is None and at is not None:
        promises.make(
            entry.tx,
            e164=e164,
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


def recorded_live(row: InboundCall) -> RecordedLiveDisposition:
    """The word as it stands on the record of the call."""
    if row.disposition is None:
        raise AssertionError("a disposition just written is there")
    return RecordedLiveDisposition(
        caller=row.caller,
        disposition=row.disposition,
        said_as=row.said_as,
        call_again_at=row.call_again_at,
        note=row.note,
    )

"""What was said of talks: earlier ones with a customer, an agent's words of today, and words still due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer.core.calling.attempt import ATTEMPT
from dialer.core.calling.disposition import Disposition
from dialer.core.sentence import Sentence
from dialer.db.models import InboundCall, NoteDraft
from dialer.db.queries import arrivals, attempts, customers, dispositions, given_offers, promises
from dialer.db.queries.dispositions import TalkRow
from dialer.db.session import Database, Transaction
from dialer.services.agents.dispositions import again_of
from dialer.services.agents.live_calls import zones_of_person
from dialer.services.customers.dialing_regions import mask, person_facts
from dialer.services.schedule.business_day import day_began

CONTACTS_SHOWN: Final = 5  # talks; more is not read while somebody is on the line
SAID_SHOWN: Final = 5  # words of an agent's, the newest; what is corrected is corrected soon
UNKNOWN_CALLER: Final = "Unknown caller"
DUE_SHOWN: Final = 20  # words due; the rest follow as these are said
#: how long a word stays due: after a week nobody remembers the talk
DUE_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One talk with a customer: when, with which agent, what came of it, and the agent's note.

    `rang_in`: the customer's own call, answered or not; its `attempt` is empty, and so may the agent be, and
    the disposition.
    """

    attempt: str
    at: datetime
    agent: str
    disposition: Disposition | None
    note: str
    call_again_at: datetime | None
    said_as: str = ""  # the house's own word for the disposition
    rang_in: str = ""  # how that call went, in words
    offers: str = ""  # what was given in it


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkOfAgent:
    """One talk of an agent's that is over: with whom, and what was said of it or typed about it so far.

    Where somebody `rang_in`, `attempt` is the live caller's channel. `not_booked`: a time was agreed on, and
    no call is promised for it, since another one to them is promised or on its way.
    """

    attempt: str
    name: str  # the customer's; without one the masked number
    number: str
    zones: tuple[str, ...]
    at: datetime
    disposition: Disposition | None
    recorded_at: datetime | None
    note: str
    call_again_at: str  # on the customer's clock, as a form has it; empty: none
    said_as: str = ""  # the house's own word for the disposition
    rang_in: bool = False
    known: bool = True  # somebody whom one may call, or be kept from calling
    not_booked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWords:
    """An agent's words: those still due, oldest talk first, and the last ones said today, newest first."""

    due: tuple[TalkOfAgent, ...]
    said: tuple[TalkOfAgent, ...]


def agent_words(database: Database, agent: str, now: datetime) -> AgentWords:
    """The words still due of talks that are over, and those said today."""
    with database.read() as tx:
        due = dispositions.due(tx, agent, now - DUE_FOR, DUE_SHOWN)
        live = arrivals.due_of(tx, agent, now - DUE_FOR, DUE_SHOWN)
        today = day_began(database.policy, now)
        said = [
            replace(_talk(talk, None), not_booked=_is_not_booked(tx, talk))
            for talk in dispositions.said_by(tx, agent, today, SAID_SHOWN)
        ]
        said += [_live_talk(tx, call) for call in arrivals.said_by(tx, agent, today, SAID_SHOWN)]
        drafts = dispositions.drafts_of(tx, [talk.attempt.id for talk in due])
        over = [_talk(talk, drafts.get(talk.attempt.id)) for talk in due]
        over += [_live_talk(tx, call) for call in live]
        return AgentWords(
            due=tuple(sorted(over, key=lambda talk: talk.at)[:DUE_SHOWN]),
            said=tuple(sorted(said, key=_said_at, reverse=True)[:SAID_SHOWN]),
        )


def contacts_with(
    tx: Transaction, customer: int | None, e164: str, *, but: str | None
) -> tuple[Contact, ...]:
    """The latest talks with a customer, or with a number of nobody's, and their own calls, newest first."""
    rung = dispositions.contacts(tx, customer, e164, CONTACTS_SHOWN, but=but)
    rang_in = [call for call in arrivals.calls_of(tx, customer, e164, CONTACTS_SHOWN) if call.caller != but]
    by_attempt, by_call = given_offers.given_in_contacts(
        tx, [talk.attempt.id for talk in rung], [call.id for call in rang_in]
    )
    talks = [
        Contact(
            attempt=talk.attempt.id,
            at=talk.attempt.connected_at or talk.attempt.created_at,
            agent=talk.attempt.agent or "",
            disposition=talk.said.disposition if talk.said is not None else None,
            note=talk.said.note if talk.said is not None else "",
            call_again_at=talk.said.call_again_at if talk.said is not None else None,
            said_as=talk.said.said_as if talk.said is not None else "",
            offers=by_attempt.get(talk.attempt.id, ""),
        )
        for talk in rung
    ]
    own_calls = [
        Contact(
            attempt="",
            at=call.joined_at,
            agent=call.agent or "",
            disposition=call.disposition,
            note=call.note,
            call_again_at=call.call_again_at,
            said_as=call.said_as,
            rang_in=_how_it_went(call),
            offers=by_call.get(call.id, ""),
        )
        for call in rang_in
    ]
    latest = sorted([*talks, *own_calls], key=lambda contact: contact.at, reverse=True)
    return tuple(latest[:CONTACTS_SHOWN])


def _how_it_went(call: InboundCall) -> str:
    """A live caller's call in words."""
    served_at = call.connected_at or call.left_at or call.ended_at
    waited_s = max(0.0, (served_at - call.joined_at).total_seconds()) if served_at is not None else 0.0
    minutes = f"{waited_s / 60:.0f}"
    if call.handed_over_at is not None and call.handed_over_to:
        return Sentence(
            "rang in, waited %(minutes)s min, talked and was transferred to %(to)s",
            minutes=minutes,
            to=call.handed_over_to,
        )
    if call.handed_over_at is not None:
        return Sentence("rang in, waited %(minutes)s min, talked and was transferred", minutes=minutes)
    if call.agent is not None:
        return Sentence("rang in, waited %(minutes)s min and talked", minutes=minutes)
    if call.abandoned:
        return Sentence("rang in, waited %(minutes)s min and hung up", minutes=minutes)
    return Sentence("rang in, waited %(minutes)s min", minutes=minutes)


def on_form(at: datetime | None, zones: Sequence[str]) -> str:
    """A moment on the first of these clocks, as a form's field has it; empty for none."""
    if at is None:
        return ""
    return f"{at.astimezone(ZoneInfo(zones[0]) if zones else UTC):%Y-%m-%dT%H:%M}"


def _talk(talk: TalkRow, draft: NoteDraft | None) -> TalkOfAgent:
    attempt, customer, said = talk
    number = mask(attempt.e164)
    zones = person_facts(attempt.e164, customer).zones
    note = said.note if said is not None else ""
    again = on_form(said.call_again_at, zones) if said is not None else ""
    return TalkOfAgent(
        attempt=attempt.id,
        name=(customer.name or customer.external_id) if customer is not None else number,
        number=number,
        zones=zones,
        at=attempt.connected_at or attempt.created_at,
        disposition=said.disposition if said is not None else None,
        recorded_at=said.recorded_at if said is not None else None,
        note=draft.note if draft is not None else note,
        call_again_at=draft.call_again_at if draft is not None else again,
        said_as=said.said_as if said is not None else "",
    )


def _is_not_booked(tx: Transaction, talk: TalkRow) -> bool:
    """Whether a time agreed on in a call back, which is over by now, has no promise of its own."""
    attempt, _, said = talk
    if said is None or said.call_again_at is None or attempt.promise_id is None:
        return False
    return attempt.state in ATTEMPT.ends and promises.of_call(tx, again_of(attempt.id)) is None


def _live_talk(tx: Transaction, call: InboundCall) -> TalkOfAgent:
    customer, known = customers.find(tx, call.customer_id), call.e164.startswith("+")
    number = mask(call.e164) if known else ""
    zones = zones_of_person(tx, call.e164, customer)
    said = call.disposition is not None
    return TalkOfAgent(
        attempt=call.caller,
        name=(customer.name or customer.external_id) if customer is not None else number or UNKNOWN_CALLER,
        number=number,
        zones=zones,
        at=call.connected_at or call.joined_at,
        disposition=call.disposition,
        recorded_at=call.recorded_at,
        note=call.note if said else call.draft_note,
        call_again_at=on_form(call.call_again_at, zones) if said else call.draft_call_again_at,
        said_as=call.said_as,
        rang_in=True,
        known=known or customer is not None,
    )


def _said_at(talk: TalkOfAgent) -> datetime:
    return talk.recorded_at or talk.at


def zones_of(database: Database, attempt: str) -> tuple[str, ...]:
    """The clocks that the customer of an attempt may live by; empty where there is no such attempt."""
    with database.read() as tx:
        row = attempts.find_attempt(tx, attempt)
        if row is None:
            return ()
        customer = customers.find(tx, row.customer_id)
        return person_facts(row.e164, customer).zones

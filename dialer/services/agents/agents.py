"""Agents as the pages show them: seen by the engine, wishing on a page, with the customer before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal

from churnmodel.reasons.phrases import in_words
from dialer.core.agents.leave import Leave
from dialer.core.agents.on_the_card import is_on_the_card
from dialer.core.agents.state import AgentState
from dialer.core.calling.attempt import AttemptState
from dialer.core.calling.disposition import Disposition
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.db.models import Agent, Attempt, InboundCall, Lead, Preview
from dialer.db.queries import (
    agents,
    arrivals,
    attempts,
    customers,
    dispositions,
    given_offers,
    leads,
    previews,
    promises,
)
from dialer.db.queries.dispositions import LastWord
from dialer.db.session import Database, Transaction
from dialer.services.agents.contacts import Contact, contacts_with, on_form
from dialer.services.agents.live_calls import LiveCallSeen, live_call
from dialer.services.customers.dialing_regions import mask, person_facts
from dialer.services.dashboard.dashboard import mark_of
from dialer.services.schedule.business_day import day_began

WishWord = Literal["resume", "longer", "log_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSeen:
    """An agent as the engine sees it; `attempt` is the call it has, or wraps up after."""

    id: str
    name: str
    interface: str
    state: AgentState
    reason: str
    since: datetime
    attempt: str | None = None
    caller: str | None = None  # the live caller whom it has, or wraps up after
    until: datetime | None = None  # when this state ends by itself
    missed: int = 0  # rings not picked up, one after the other


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentToday:
    """One line of the agents' list: as the engine sees them, what they plan, and what they said last."""

    id: str
    name: str
    interface: str
    state: AgentState
    reason: str
    since: datetime
    attempt: str | None
    caller: str | None
    missed: int
    leave: Leave | None
    said: Disposition | None
    said_as: str  # the house's own word for it
    said_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWish:
    """What an agent asked for on a page."""

    agent: str
    wish: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSeen:
    """The customer an agent may call next, and until when nobody else gets them."""

    lead: int
    number: str
    zones: tuple[str, ...]
    campaign: str
    script: str
    offer: str
    reasons: tuple[str, ...]
    attempts_made: int
    until: datetime
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSeen:
    """The customer before the agent; numbers are masked."""

    id: int
    external_id: str
    name: str
    language: str
    numbers: tuple[str, ...]
    attributes: Mapping[str, Any]
    risk: float | None
    gain: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen:
    """The call before the agent: what it is for, and whether a disposition is due."""

    attempt: str
    state: AttemptState
    number: str
    zones: tuple[str, ...]  # every clock the customer may live by; the stated one alone where there is one
    purpose: Literal["lead", "promise"]
    campaign: str
    script: str
    offer: str
    reasons: tuple[str, ...]
    promise_reference: str
    waited_since: datetime | None  # when the caller of a promise first joined the queue
    reason_recorded: bool  # the caller of a promise said why they called, and it can be heard
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    machine_suspected: bool  # what answered sounds like an answering machine; it may be wrong
    disposition: Disposition | None
    said_as: str  # the house's own word for it
    note: str  # as sent with the disposition; before that as typed so far
    call_again_at: str  # the same of the time of another call, on the customer's clock; empty: none
    closing_at: datetime | None  # when the agent said that the talk is about to end
    wrap_closing_at: datetime | None  # the same of the wrap-up

    @property
    def disposition_due(self) -> bool:
        """Whether the agent has yet to say what came of it."""
        return self.connected_at is not None and self.disposition is None

    @property
    def at_hand(self) -> bool:
        """Whether the agent has to do with it: it is not over, or its disposition is due."""
        return self.ended_at is None or self.disposition_due


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCard:
    """Everything an agent's page shows."""

    id: str
    name: str
    state: AgentState
    reason: str
    since: datetime
    until: datetime | None
    missed: int
    told: str
    mark: str  # changes when anything on the page does
    wish: str | None
    leave: Leave | None
    call: CallSeen | None
    live: LiveCallSeen | None  # a live caller, where there is no call of ours
    preview: PreviewSeen | None
    customer: CustomerSeen | None  # of the call, or of the preview where there is no call
    contacts: tuple[Contact, ...]  # the latest talks with them, this one left out
    dialled_ahead: bool  # a campaign runs that rings customers before agents are free

    @property
    def said_closing(self) -> bool | None:
        """Whether the agent has said that the talk, or wrap-up, is about to end.

        None where there is nothing to say it of, or no campaign that would make use of it.
        """
        call = self.call
        if not self.dialled_ahead or call is None or call.connected_at is None or not call.at_hand:
            return None
        if self.state is AgentState.TALKING and call.ended_at is None:
            return call.closing_at is not None
        if self.state is AgentState.WRAPPING_UP and call.disposition is None:
            return call.wrap_closing_at is not None
        return None


def save_agents(database: Database, pbx: str, seen: Sequence[AgentSeen], now: datetime) -> None:
    """Mirror the agents of one PBX; those no longer seen are offline. Wishes stay, calls do not."""
    with database.write() as tx:
        mirror_agents(tx, pbx, seen, now)


def mirror_agents(tx: Transaction, pbx: str, seen: Sequence[AgentSeen], now: datetime) -> None:
    """The same inside a transaction."""
    known = {agent.id: agent for agent in agents.all_of(tx)}
    for one in seen:
        row, values = known.pop(one.id, None), _mirrored(one)
        values["pbx"] = pbx
        if row is not None and row.state is one.state is AgentState.OFFLINE:
            values["since"] = row.since  # nobody is more offline because an engine looked again
        if row is None:
            agents.add(tx, **values)
            continue
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
    for gone in known.values():
        if gone.pbx == pbx and gone.state is not AgentState.OFFLINE:
            gone.state, gone.reason, gone.since = AgentState.OFFLINE, "", now
            gone.attempt_id = gone.caller = None


def mirror_changed(tx: Transaction, pbx: str, changed: Sequence[AgentSeen]) -> None:
    """The same of agents who are mirrored already, and of nobody else: for whoever knows what changed."""
    agents.put_changed(tx, pbx, [_mirrored(one) for one in changed])


def _mirrored(one: AgentSeen) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "interface": one.interface,
        "state": one.state,
        "reason": one.reason[:60],
        "since": one.since,
        "until": one.until,
        "missed": one.missed,
        "attempt_id": one.attempt,
        "caller": one.caller,
    }


def list_agents(database: Database, now: datetime) -> tuple[AgentToday, ...]:
    """Every agent as last seen, with what they plan and what they said last today."""
    with database.read() as tx:
        since = day_began(database.policy, now)
        said, of_callers = dispositions.last_of_agents(tx, since), arrivals.last_words(tx, since)
        return tuple(
            _today(row, _later(said.get(row.id), of_callers.get(row.id))) for row in agents.all_of(tx)
        )


def agent_today(database: Database, agent: str, now: datetime) -> AgentToday | None:
    """One line of that list; None where there is no such agent."""
    with database.read() as tx:
        row = agents.find(tx, agent)
        if row is None:
            return None
        since = day_began(database.policy, now)
        said = [talk.said for talk in dispositions.said_by(tx, agent, since, 1) if talk.said is not None]
        live = arrivals.said_by(tx, agent, since, 1)
        return _today(
            row,
            _later(
                LastWord(said[0].disposition, said[0].said_as, said[0].recorded_at) if said else None,
                LastWord(live[0].disposition, live[0].said_as, live[0].recorded_at)
                if live and live[0].disposition is not None and live[0].recorded_at is not None
                else None,
            ),
        )


def _later(said: LastWord | None, other: LastWord | None) -> LastWord | None:
    return max((each for each in (said, other) if each is not None), key=attrgetter("at"), default=None)


def _today(row: Agent, said: LastWord | None) -> AgentToday:
    return AgentToday(
        id=row.id,
        name=row.name,
        interface=row.interface,
        state=row.state,
        reason=row.reason,
        since=row.since,
        attempt=row.attempt_id,
        caller=row.caller,
        missed=row.missed,
        leave=agents.leave_of(row),
        said=said.disposition if said else None,
        said_as=said.said_as if said else "",
        said_at=said.at if said else None,
    )


def wish(database: Database, agent: str, word: WishWord) -> bool:
    """Ask the engine to let this agent go on, have longer, or log in; False where there is no such agent.

    Who goes on has read what was said to them. A leave that is planned stays planned.
    """
    with database.write() as tx:
        row = agents.find(tx, agent)
        if row is None:
            return False
        if word != "longer":
            agents.tell(tx, agent, "")
        return agents.set_wish(tx, agent, word)


def is_wished_for(database: Database, pbx: str) -> bool:
    """Whether an agent of this PBX wishes something, or is to be listened to, that nobody took yet."""
    with database.read() as tx:
        return agents.is_asked_for(tx, pbx)


def agent_card(database: Database, agent: str, *, language: str = "en") -> AgentCard | None:
    """The agent's page: state, the call in talk or just over, the customer and why this call.

    There is no call on it where nobody knows who is on the line. Reasons are in the words of `language`.
    """
    with database.read() as tx:
        row = agents.find(tx, agent)
        if row is None:
            return None
        attempt = attempts.find_attempt(tx, row.attempt_id) if row.attempt_id is not None else None
        if attempt is not None and not is_on_the_card(
            row.state, over=attempt.ended_at is not None, others=attempt.agent not in {None, agent}
        ):
            attempt = None
        shown = previews.find(tx, agent)
        lead = leads.find_lead(tx, shown.lead_id) if shown is not None else None
        call = _call(tx, attempt, language) if attempt is not None else None
        live = _live(tx, row) if call is None else None
        owner: Attempt | Lead | InboundCall | None = lead
        if live is not None:
            owner = live[1]
        elif call is not None and (call.at_hand or lead is None):
            owner = attempt
        return AgentCard(
            id=row.id,
            name=row.name,
            state=row.state,
            reason=row.reason,
            since=row.since,
            until=row.until,
            missed=row.missed,
            told=row.told,
            mark=mark_of(
                row,
                (shown.lead_id, shown.asked) if shown is not None else None,
                hinted=call is not None and call.machine_suspected,
                said=attempts.said_of(tx, [row.attempt_id]).get(row.attempt_id) if row.attempt_id else None,
                offers=given_offers.marks(tx, agent).get(agent, ""),
            ),
            live=live[0] if live is not None else None,
            wish=row.wish,
            leave=agents.leave_of(row),
            call=call,
            preview=_preview(tx, shown, lead, language) if shown is not None and lead is not None else None,
            customer=_customer(tx, owner.customer_id if owner is not None else None),
            contacts=(
                contacts_with(tx, owner.customer_id, owner.e164, but=_shown_call(call, live))
                if owner is not None
                else ()
            ),
            dialled_ahead=any(campaign.mode in OVER_DIALLED for campaign in leads.running(tx)),
        )


def _shown_call(call: CallSeen | None, live: tuple[LiveCallSeen, InboundCall] | None) -> str | None:
    """The call on the card, which is no earlier talk."""
    if call is not None:
        return call.attempt
    return live[0].caller if live is not None else None


def _live(tx: Transaction, row: Agent) -> tuple[LiveCallSeen, InboundCall] | None:
    """The live caller whom the agent talks with, or has yet to say something of."""
    rings = row.state is AgentState.RINGING
    found = live_call(tx, row.pbx, row.caller, ringing_at=row.since if rings else None)
    if found is None or found[0].disposition is not None:
        return None
    over, others = found[1].talk_s is not None, found[1].agent not in {None, row.id}
    return found if is_on_the_card(row.state, over=over, others=others) else None


def _preview(tx: Transaction, shown: Preview, lead: Lead, language: str) -> PreviewSeen:
    campaign = leads.campaign_of(tx, lead)
    customer = customers.find(tx, lead.customer_id)
    return PreviewSeen(
        lead=lead.id,
        number=mask(lead.e164),
        zones=person_facts(lead.e164, customer).zones,
        campaign=campaign.name,
        script=campaign.script,
        offer=campaign.offer,
        reasons=in_words(lead.reasons, language),
        attempts_made=lead.attempts_made,
        until=shown.until,
        asked=shown.asked,
    )


def _call(tx: Transaction, attempt: Attempt, language: str) -> CallSeen:
    lead = leads.find_lead(tx, attempt.lead_id)
    campaign = leads.campaign_of(tx, lead) if lead is not None else None
    promise = promises.find(tx, attempt.promise_id)
    said = dispositions.find(tx, attempt.id)
    draft = dispositions.draft_of(tx, attempt.id)
    customer = customers.find(tx, attempt.customer_id)
    zones = person_facts(attempt.e164, customer).zones
    return CallSeen(
        attempt=attempt.id,
        state=attempt.state,
        number=mask(attempt.e164),
        zones=zones,
        purpose="lead" if lead is not None else "promise",
        campaign=campaign.name if campaign is not None else "",
        script=campaign.script if campaign is not None else "",
        offer=campaign.offer if campaign is not None else "",
        reasons=in_words(lead.reasons, language) if lead is not None else (),
        promise_reference=promise.reference if promise is not None else "",
        waited_since=promise.virtual_join if promise is not None else None,
        reason_recorded=promise is not None and promise.reason_recording is not None,
        answered_at=attempt.answered_at,
        connected_at=attempt.connected_at,
        ended_at=attempt.ended_at,
        machine_suspected=attempt.machine_suspected,
        disposition=said.disposition if said is not None else None,
        said_as=said.said_as if said is not None else "",
        note=said.note if said is not None else draft.note if draft is not None else "",
        call_again_at=(
            on_form(said.call_again_at, zones)
            if said is not None
            else draft.call_again_at
            if draft is not None
            else ""
        ),
        closing_at=attempt.closing_at,
        wrap_closing_at=attempt.wrap_closing_at,
    )


def _customer(tx: Transaction, customer_id: int | None) -> CustomerSeen | None:
    customer = customers.find(tx, customer_id)
    if customer is None:
        return None
    model = customers.champion(tx)
    score = customers.score_of(tx, customer.id, model.id if model is not None else None)
    return CustomerSeen(
        id=customer.id,
        external_id=customer.external_id,
        name=customer.name,
        language=customer.language,
        numbers=tuple(mask(number.e164) for number in customer.numbers),
        attributes=customer.attributes,
        risk=score.risk if score is not None else None,
        gain=score.expected_gain if score is not None else None,
    )

"""Previews: an agent reads about the next customer before calling, or skips them with a reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import CALLABLE
from dialer.core.compliance.catalogue import SENTENCES
from dialer.db.queries import agents, audit, leads, previews
from dialer.db.queries.moves import move
from dialer.db.session import Database
from dialer.services.calls.next_calls import LeadWork

#: what an agent is told, with a rule's sentence
NOT_PLACED: Final = "The call was not placed: %(why)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewWork:
    """A preview as the engine has to know it."""

    agent: str
    work: LeadWork
    until: datetime
    asked: bool


def open_previews(database: Database, pbx: str) -> tuple[PreviewWork, ...]:
    """Every preview of one PBX's agents, oldest first."""
    with database.read() as tx:
        found = []
        for shown, lead in previews.all_of(tx, pbx):
            campaign = leads.campaign_of(tx, lead)
            work = LeadWork(
                lead=lead.id,
                campaign=campaign.id,
                queue=campaign.queue,
                ring_s=campaign.ring_s,
                answer_probability=None,
                value=lead.gain or 0.0,
            )
            found.append(PreviewWork(agent=shown.agent_id, work=work, until=shown.until, asked=shown.asked))
        return tuple(found)


def show_preview(database: Database, agent: str, lead: int, now: datetime, until: datetime) -> bool:
    """Claim a lead for an agent to read about; False where it is taken, or the agent has one."""
    with database.write() as tx:
        row = leads.lock_lead(tx, lead)
        if row is None or row.state not in CALLABLE:
            return False
        return previews.add(tx, agent, lead, now, until)


def ask_for_call(database: Database, agent: str, lead: int) -> bool:
    """The agent wants this customer called; False where the preview is over."""
    with database.write() as tx:
        return previews.ask(tx, agent, lead)


def skip_preview(database: Database, agent: str, lead: int, reason: str, now: datetime) -> bool:
    """The agent passes over this customer, who comes up again after the normal spacing; audited.

    False where the preview is over.
    """
    with database.write() as tx:
        row = leads.lock_lead(tx, lead)
        if row is None or not previews.drop(tx, agent, lead):
            return False
        if row.state in CALLABLE:
            again = now + database.policy.rulebook.limits.spacing
            move(tx, row, row.state, next_at=again, held_by=Rule.SPACING.value)
        audit.add(tx, now, agent, "lead.skipped", str(lead), {"reason": reason})
        return True


def end_preview(database: Database, agent: str, lead: int, refused: Refusal | None = None) -> None:
    """Give the lead back, or let go of it once its call is placed; a refusal is said to the agent."""
    with database.write() as tx:
        if previews.drop(tx, agent, lead) and refused is not None:
            agents.tell(tx, agent, NOT_PLACED % {"why": SENTENCES[refused.rule]})

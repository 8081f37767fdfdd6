"""Leads of other records that have the number of a call: closed once somebody there was reached."""

from collections.abc import Mapping
from typing import Final

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import LeadEvent, LeadState
from dialer.core.calling.shared_numbers import OtherCall, rule_of_others
from dialer.db.models import Attempt, Campaign, Lead
from dialer.db.queries import attempts, leads
from dialer.db.queries.attempts import OthersCall
from dialer.services.calls.transitions import TransitionContext, step_lead

FORESEEN: Final = "others_foreseen"  # of a transaction


def foresee_others(entry: TransitionContext, rung: Mapping[int, bool]) -> None:
    """Look up at once what this transaction is about to ask of these leads, one after the other.

    `rung`: by lead, whether its customer may have been rung before; of nobody else is there anything to ask.
    Of leads with calls under other records nothing is kept: one of those may be judged before them.
    """
    asked = [lead for lead, before in rung.items() if before]
    found = attempts.of_others(entry.tx, asked) if asked else {}
    entry.tx.info[FORESEEN] = {lead: [] for lead in rung if not found.get(lead)}


def rule_for(entry: TransitionContext, lead: Lead, campaign: Campaign) -> Rule | None:
    """The rule by which this campaign's calls under other records keep the lead from being rung, or None."""
    foreseen: dict[int, list[OthersCall]] = entry.tx.info.get(FORESEEN, {})
    found = foreseen.get(lead.id)
    if found is None:
        found = attempts.of_others(entry.tx, [lead.id])[lead.id]
    return rule_of_others(
        (
            OtherCall(
                here=row.e164 == lead.e164,
                # of those who were rung the older one goes first, so that no two wait for each other
                first=lead.attempts_made == 0 or row.lead_id < lead.id,
                talked=row.connected_at is not None,
                word=row.word,
                lead=row.lead,
                held_by=row.held_by,
                prohibited=row.prohibited,
            )
            for row in found
        ),
        campaign.max_attempts,
    )


def settle_others(entry: TransitionContext, attempt: Attempt) -> None:
    """Close the leads of this campaign whose customers have the number at which somebody was reached.

    Those that were closed so are listed again where it turns out that nobody was.
    """
    if attempt.lead_id is None or attempt.campaign_id is None or attempt.connected_at is None:
        return
    campaign = entry.tx.get_one(Campaign, attempt.campaign_id)
    for lead in leads.with_number(entry.tx, campaign.id, attempt.e164, but=attempt.lead_id):
        closed = lead.state is LeadState.DONE and lead.held_by == Rule.NUMBER_REACHED
        if lead.state is not LeadState.LISTED and not closed:
            continue
        reached = rule_for(entry, lead, campaign) is Rule.NUMBER_REACHED and not lead.asked_again
        if reached and not closed:
            refusal = Refusal(rule=Rule.NUMBER_REACHED)
            attempts.add_refusal(entry.tx, refusal, at=entry.now, lead_id=lead.id, e164=lead.e164)
            close(entry, lead)
        elif closed and not reached:
            step_lead(
                entry.tx, lead, LeadEvent.CALL_AGAIN, next_at=entry.now, asked_again=False, held_by=None
            )


def close(entry: TransitionContext, lead: Lead) -> None:
    """The matter was settled at this customer's number, under another record."""
    step_lead(entry.tx, lead, LeadEvent.REACH, held_by=Rule.NUMBER_REACHED.value)

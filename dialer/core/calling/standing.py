"""Whether a lead or a promise is to be called at all, before the compliance check is asked."""

from collections.abc import Iterator
from datetime import datetime

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Rule
from dialer.core.calling.campaign import CALLABLE, CampaignState, LeadState
from dialer.core.compliance.check import Verdict


def lead_standing(
    lead: LeadState, next_at: datetime, campaign: CampaignState, now: datetime, hours: Verdict
) -> Iterator[Verdict]:
    """What stands in the way of a lead's next call, in the order in which it is asked.

    `hours`: what the campaign's own hours say.
    """
    yield Verdict(Rule.LEAD_NOT_LISTED, lead not in CALLABLE)
    yield _due(Rule.LEAD_NOT_DUE, next_at, now)
    yield Verdict(Rule.CAMPAIGN_NOT_RUNNING, campaign is not CampaignState.RUNNING)
    yield hours


def promise_standing(
    state: PromiseState, next_at: datetime | None, now: datetime, *, held: bool = False
) -> Iterator[Verdict]:
    """The same of a promise; `held`: an outage made it overdue, and a person is to decide first."""
    yield Verdict(Rule.PROMISE_NOT_OPEN, state is not PromiseState.WAITING)
    if held:
        yield Verdict(Rule.PROMISE_NOT_DUE, refuses=True)
        return
    yield _due(Rule.PROMISE_NOT_DUE, next_at, now)


def _due(rule: Rule, next_at: datetime | None, now: datetime) -> Verdict:
    waits = next_at is not None and next_at > now
    return Verdict(rule, waits, next_at if waits else None)

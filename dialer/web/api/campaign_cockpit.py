"""A campaign changed, recycled and looked at from all sides, as JSON."""

from pydantic import BaseModel

from dialer.services.campaigns import campaigns
from dialer.services.campaigns.campaign_changes import consequences
from dialer.services.campaigns.campaign_results import (
    CampaignAct,
    ResultTables,
    campaign_acts,
    result_tables,
)
from dialer.services.campaigns.campaigns import CampaignCard, UnknownCampaign
from dialer.services.campaigns.recycling import count_recycled, recycle
from dialer.web.access.asked import Asking
from dialer.web.campaign_form import recycling_of, save_terms, terms_of
from dialer.web.campaign_inputs import CampaignTermsInput, RecyclingInput
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, not_found
from dialer.web.routers import api_router

router = api_router(tag="campaigns", prefix="/campaigns")

ACTOR = "api"


class PausedAnswer(BaseModel):
    """The campaigns that ran and are paused now."""

    paused: tuple[str, ...]


class ForeseenAnswer(BaseModel):
    """What a change would mean, in sentences; empty: nothing would be another."""

    consequences: tuple[str, ...]


class RecycledAnswer(BaseModel):
    """How many leads go back on the list."""

    leads: int


@router.post("/pause-all")
def pause_all(deps: AtFront, visitor: Asking) -> PausedAnswer:
    """Pause every campaign that runs; calls on their way go on."""
    paused = campaigns.pause_all(deps.database, deps.now(), visitor.actor(ACTOR))
    deps.dashboards.ring()
    return PausedAnswer(paused=paused)


@router.post("/{campaign}/terms/consequences")
def foresee(campaign: Id, form: CampaignTermsInput, deps: AtFront) -> ForeseenAnswer:
    """What new terms would mean; nothing is changed."""
    terms = terms_of(deps, campaign, form)
    shares = deps.settings.pacing.shares
    return ForeseenAnswer(consequences=consequences(deps.database, campaign, terms, deps.now(), shares))


@router.post("/{campaign}/terms")
def change(campaign: Id, form: CampaignTermsInput, deps: AtFront, visitor: Asking) -> CampaignCard:
    """Give a campaign these terms, all of them; its list, team and hold-out stay."""
    return save_terms(deps, campaign, terms_of(deps, campaign, form), visitor.actor(ACTOR))


@router.post("/{campaign}/recycling/count")
def count_recycled_leads(campaign: Id, form: RecyclingInput, deps: AtFront) -> RecycledAnswer:
    """How many would go back on the list; nothing is changed."""
    try:
        return RecycledAnswer(leads=count_recycled(deps.database, campaign, recycling_of(form), deps.now()))
    except UnknownCampaign:
        raise not_found("campaign") from None


@router.post("/{campaign}/recycling")
def put_back(campaign: Id, form: RecyclingInput, deps: AtFront, visitor: Asking) -> RecycledAnswer:
    """List again those who were done with: by what came of their last call, and how long ago."""
    try:
        done = recycle(deps.database, campaign, recycling_of(form), deps.now(), visitor.actor(ACTOR))
    except UnknownCampaign:
        raise not_found("campaign") from None
    deps.dashboards.ring()
    return RecycledAnswer(leads=done)


@router.get("/{campaign}/results/tables")
def show_tables(campaign: Id, deps: AtFront) -> ResultTables:
    """The last thirty days by hour, agent, offer and reason."""
    try:
        return result_tables(deps.database, campaign, deps.now())
    except UnknownCampaign:
        raise not_found("campaign") from None


@router.get("/{campaign}/acts")
def show_acts(campaign: Id, deps: AtFront) -> tuple[CampaignAct, ...]:
    """Who did what to it, newest first."""
    try:
        return campaign_acts(deps.database, campaign)
    except UnknownCampaign:
        raise not_found("campaign") from None

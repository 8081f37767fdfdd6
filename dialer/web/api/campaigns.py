"""Campaigns as JSON: count, create, start, pause, finish, list, results."""

from typing import Annotated

from fastapi import Query

from dialer.services.campaigns import campaigns
from dialer.services.campaigns.campaign_start import StartRefused
from dialer.services.campaigns.campaigns import PAGE, CampaignCard, CampaignResults, LeadRow, UnknownCampaign
from dialer.services.campaigns.held_leads import ListNow, judge_due
from dialer.services.campaigns.lists import ListCount, ListPreview
from dialer.web.access.asked import Asking
from dialer.web.campaign_form import count_draft, preview_draft, save_draft
from dialer.web.campaign_inputs import CampaignInput
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, RequestError, not_found
from dialer.web.routers import api_router
from dialer.web.schemas import CampaignEventInput, FilterInput

router = api_router(tag="campaigns", prefix="/campaigns")

ACTOR = "api"


@router.get("")
def list_campaigns(deps: AtFront) -> tuple[CampaignCard, ...]:
    """Every campaign, newest first."""
    return campaigns.list_campaigns(deps.database)


@router.get("/count")
def count(form: Annotated[FilterInput, Query()], deps: AtFront) -> ListCount:
    """How many customers a filter finds, lists and holds out, before anything is saved."""
    return count_draft(deps, form)


@router.get("/preview")
def preview(form: Annotated[FilterInput, Query()], deps: AtFront) -> ListPreview:
    """What each row of a filter does, with its first customers; of a large book from a sample, and soon."""
    return preview_draft(deps, form, deps.language())


@router.post("", status_code=201)
def create(form: CampaignInput, deps: AtFront, visitor: Asking) -> CampaignCard:
    """Save a draft with its list: most expected gain first, a part held out by chance."""
    return save_draft(deps, form, visitor.actor(ACTOR))


@router.get("/{campaign}")
def show(campaign: Id, deps: AtFront) -> CampaignCard:
    """One campaign."""
    card = campaigns.campaign_card(deps.database, campaign)
    if card is None:
        raise not_found("campaign")
    return card


@router.get("/{campaign}/results")
def show_results(campaign: Id, deps: AtFront) -> CampaignResults:
    """What came of it so far."""
    return campaigns.campaign_results(deps.database, campaign, show(campaign, deps).leads)


@router.get("/{campaign}/now")
def show_now(campaign: Id, deps: AtFront) -> ListNow:
    """How many of its list may be called, and which rules hold the others, until when.

    It is so `at` a moment: of more than 10,000 who wait, at most a minute ago.
    """
    return deps.figures.now_waited_for(show(campaign, deps), deps.now())


@router.get("/{campaign}/explain")
def explain(campaign: Id, deps: AtFront) -> ListNow:
    """The same with every lead that is due asked the whole question; some seconds for a long list."""
    card, now = show(campaign, deps), deps.now()
    return judge_due(deps.database, campaign, now) or deps.figures.now_waited_for(card, now)


@router.get("/{campaign}/list")
def show_list(
    campaign: Id,
    deps: AtFront,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=1000)] = PAGE,
) -> tuple[LeadRow, ...]:
    """One page (from 1) of the list in its order."""
    show(campaign, deps)
    return campaigns.campaign_list(deps.database, campaign, page - 1, size=size, language=deps.language())


@router.post("/{campaign}/events")
def move(campaign: Id, form: CampaignEventInput, deps: AtFront, visitor: Asking) -> CampaignCard:
    """Start, pause or finish."""
    try:
        card = campaigns.move_campaign(deps.database, campaign, form.event, deps.now(), visitor.actor(ACTOR))
    except UnknownCampaign:
        raise not_found("campaign") from None
    except StartRefused as refused:
        raise RequestError(refused.rule.value, refused.why) from None
    deps.dashboards.ring()
    return card

"""Campaigns as JSON: count, create, start, pause, finish, list, results."""

from typing import Annotated

from fastapi import APIRouter, Query

from dialer.services import campaigns
from dialer.services.campaigns import (
    PAGE,
    CampaignCard,
    CampaignResults,
    LeadRow,
    UnknownCampaign,
)
from dialer.services.lists import ListCount
from dialer.web.drafts import count_draft, save_draft
from dialer.web.faults import Id, not_found
from dialer.web.front import AtFront
from dialer.web.inputs import CampaignEventInput, CampaignInput, FilterInput

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

ACTOR = "api"


@router.get("")
def list_campaigns(front: AtFront) -> tuple[CampaignCard, ...]:
    """Every campaign, newest first."""
    return campaigns.list_campaigns(front.book)


@router.get("/count")
def count(form: Annotated[FilterInput, Query()], front: AtFront) -> ListCount:
    """How many customers a filter finds, lists and holds out, before anything is saved."""
    return count_draft(front, form)


@router.post("", status_code=201)
def create(form: CampaignInput, front: AtFront) -> CampaignCard:
    """Save a draft with its list: most expected gain first, a part held out by chance."""
    return save_draft(front, form, ACTOR)


@router.get("/{campaign}")
def show(campaign: Id, front: AtFront) -> CampaignCard:
    """One campaign."""
    card = campaigns.campaign_card(front.book, campaign)
    if card is None:
        raise not_found("campaign")
    return card


@router.get("/{campaign}/results")
def show_results(campaign: Id, front: AtFront) -> CampaignResults:
    """What came of it so far."""
    show(campaign, front)
    return campaigns.campaign_results(front.book, campaign)


@router.get("/{campaign}/list")
def show_list(
    campaign: Id,
    front: AtFront,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=1000)] = PAGE,
) -> tuple[LeadRow, ...]:
    """One page (from 1) of the list in its order."""
    show(campaign, front)
    return campaigns.campaign_list(front.book, campaign, page - 1, size=size, language=front.language())


@router.post("/{campaign}/events")
def move(campaign: Id, form: CampaignEventInput, front: AtFront) -> CampaignCard:
    """Start, pause or finish."""
    try:
        card = campaigns.move_campaign(front.book, campaign, form.event, front.now(), ACTOR)
    except UnknownCampaign:
        raise not_found("campaign") from None
    front.live.ring()
    return card

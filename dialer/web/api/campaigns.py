"""Campaigns as JSON: count, create, start, pause, finish, list, results."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

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

COUNTED_IN_S: Final = 2  # a million leads take 1.3 s of a processor


class BeingCounted(BaseModel):
    """A long list is being counted beside this answer; ask again after so many seconds."""

    retry_after_s: int


COUNTED_LATER: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": BeingCounted, "description": "A long list is being counted; ask again"}
}


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


@router.get("/{campaign}/now", response_model=ListNow, responses=COUNTED_LATER)
def show_now(campaign: Id, deps: AtFront) -> ListNow | Response:
    """How many of its list may be called, and which rules hold the others, until when.

    It is so `at` a moment: of more than 10,000 who wait, at most a minute ago. Where these have not been
    counted within that minute, a count begins and the answer is 202; ask again once it is made.
    """
    return _counted(show(campaign, deps), deps, deps.now())


@router.get("/{campaign}/explain", response_model=ListNow, responses=COUNTED_LATER)
def explain(campaign: Id, deps: AtFront) -> ListNow | Response:
    """The same; where few are due, each of them is asked the whole question (`exact`)."""
    card, now = show(campaign, deps), deps.now()
    return judge_due(deps.database, campaign, now) or _counted(card, deps, now)


def _counted(card: CampaignCard, deps: AtFront, now: datetime) -> ListNow | Response:
    found = deps.figures.now_of_late(card, now)
    if found is not None:
        return found
    later = BeingCounted(retry_after_s=COUNTED_IN_S)
    return JSONResponse(later.model_dump(), 202, headers={"Retry-After": str(COUNTED_IN_S)})


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

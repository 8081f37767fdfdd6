"""Saved lists as JSON: who belongs on them, kept by name for campaigns to come."""

from dialer.services.campaigns import saved_lists
from dialer.services.campaigns.saved_lists import ListCard, UnknownList, saved_lists_by_name
from dialer.web.access.asked import Asking
from dialer.web.campaign_form import take_list
from dialer.web.campaign_inputs import SavedListInput
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, not_found
from dialer.web.routers import api_router

router = api_router(tag="campaigns", prefix="/lists")

ACTOR = "api"


@router.get("")
def show_lists(deps: AtFront) -> tuple[ListCard, ...]:
    """Every saved list by name."""
    return saved_lists_by_name(deps.database)


@router.post("", status_code=201)
def save(form: SavedListInput, deps: AtFront, visitor: Asking) -> ListCard:
    """Keep a list; `replace` in place of the one of this name. Campaigns made of it stay as they are."""
    return take_list(deps, form, form.name, visitor.actor(ACTOR), replace=form.replace)


@router.post("/{saved_list}/remove", status_code=204)
def remove(saved_list: Id, deps: AtFront, visitor: Asking) -> None:
    """Keep it no more."""
    try:
        saved_lists.remove_list(deps.database, saved_list, deps.now(), visitor.actor(ACTOR))
    except UnknownList:
        raise not_found("list") from None

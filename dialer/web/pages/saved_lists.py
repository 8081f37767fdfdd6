"""Managers' page of saved lists: what each asks for, a campaign of it, and its end."""

from typing import Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from dialer.services.campaigns.saved_lists import UnknownList, remove_list, saved_lists_by_name
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, not_found
from dialer.web.routers import page_router

router = page_router()

ACTOR: Final = "manager's page"


@router.get("/lists")
def show_lists(request: Request, deps: AtFront) -> Response:
    """Every saved list by name."""
    return deps.page(request, "lists.html", {"lists": saved_lists_by_name(deps.database)})


@router.post("/lists/{saved_list}/remove")
def remove(saved_list: Id, deps: AtFront, visitor: Asking) -> Response:
    """Keep it no more; campaigns that were made of it stay."""
    try:
        remove_list(deps.database, saved_list, deps.now(), visitor.actor(ACTOR))
    except UnknownList:
        raise not_found("list") from None
    return RedirectResponse("/lists", 303)

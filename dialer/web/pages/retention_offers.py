"""Offers that keep customers: a manager's list with what came of each, and an agent's buttons."""

import re
from typing import Annotated, Final

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.retention.offer_figures import REPORTED
from dialer.services.campaigns.campaigns import list_campaigns
from dialer.services.retention.offer_list import list_offers
from dialer.web import offer_actions
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError
from dialer.web.form_faults import shown_again
from dialer.web.offer_forms import ClosedInput, DecideInput, GiveInput, OfferFields, WithdrawInput
from dialer.web.pages.agents import agent_page
from dialer.web.routers import page_router
from dialer.web.schemas import AgentId

router = page_router()

ACTOR: Final = "manager's page"
NOTHING_TYPED: Final = dict.fromkeys(OfferFields.model_fields)


@router.get("/offers")
def show_offers(request: Request, deps: AtFront) -> Response:
    """Every offer with its limits, and what came of it."""
    return _page(request, deps)


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, typed=typed, wrong=wrong)


@router.post("/offers")
@shown_again(_again)
def add(request: Request, form: Annotated[OfferFields, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Add an offer."""
    try:
        offer_actions.take_new_offer(deps, form, visitor.actor(ACTOR))
    except RequestError as fault:
        typed = {name: str(value) for name, value in form.model_dump().items() if value is not None}
        return _page(request, deps, fault=fault, typed=typed)
    return RedirectResponse("/offers", 303)


@router.post("/offers/{offer}")
@shown_again(_again)
def change(
    request: Request, offer: Id, form: Annotated[OfferFields, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Make an offer what the form says."""
    try:
        offer_actions.take_changed_offer(deps, offer, form, visitor.actor(ACTOR))
    except RequestError as fault:
        return _page(request, deps, fault=fault)
    return RedirectResponse("/offers", 303)


@router.post("/offers/{offer}/closed")
def close(offer: Id, form: Annotated[ClosedInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Let agents see an offer no more, or again."""
    offer_actions.take_closing_of_offer(deps, offer, form, visitor.actor(ACTOR))
    return RedirectResponse("/offers", 303)


@router.post("/agents/{agent}/offers")
def give(request: Request, agent: AgentId, form: Annotated[GiveInput, Form()], deps: AtFront) -> Response:
    """Give an offer in the call at hand, or ask a supervisor for it."""
    try:
        offer_actions.take_offer(deps, agent, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/offers/withdrawn")
def withdraw(
    request: Request, agent: AgentId, form: Annotated[WithdrawInput, Form()], deps: AtFront
) -> Response:
    """Take an offer off the call again."""
    try:
        offer_actions.take_withdrawal(deps, agent, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/offers/decided", status_code=204)
def decide(agent: AgentId, form: Annotated[DecideInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """A supervisor's one click; the dashboard shows the rest by itself."""
    offer_actions.take_decision(deps, agent, form, visitor.actor(ACTOR))
    return Response(status_code=204)


def _numbers(text: str | None) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"[0-9]+", text or ""))


def _page(
    request: Request,
    deps: Dependencies,
    *,
    fault: RequestError | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    from dialer.services.analytics.offer_report import report_offers  # noqa: PLC0415 - loads numpy
    from dialer.services.analytics.prices import price_from  # noqa: PLC0415 - the same

    now = deps.now()
    return deps.page(
        request,
        "offers.html",
        {
            "offers": list_offers(deps.database),
            "report": {
                one.offer: one for one in report_offers(deps.database, now, price=price_from(deps.settings))
            },
            "days": REPORTED.days,
            "campaigns": {one.id: one.name for one in list_campaigns(deps.database)},
            "fault": fault,
            "typed_offer": NOTHING_TYPED
            | (typed or {})
            | {"campaigns": _numbers((typed or {}).get("campaigns"))},
            "wrong": wrong or {},
        },
        status=fault.status if fault else 422 if wrong else 200,
    )

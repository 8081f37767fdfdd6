"""Offers that keep customers, as JSON: the list, what came of it, and what an agent may give."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel

from dialer.core.retention.offer_figures import OfferReport
from dialer.services.retention.allowances import AskedOffer, OfferOnCard, offers_on_card
from dialer.services.retention.offer_list import OfferCard, list_offers
from dialer.web import offer_actions
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id
from dialer.web.offer_forms import ClosedInput, DecideInput, GiveInput, OfferFields, WithdrawInput
from dialer.web.routers import api_router
from dialer.web.schemas import AgentId, ChannelId

router = api_router(tag="offers")

ACTOR = "api"


class OfferAnswer(BaseModel):
    """What was done about a given offer."""

    given: int
    done: str


@router.get("/offers")
def show_offers(deps: AtFront) -> tuple[OfferCard, ...]:
    """Every offer with its limits; those that are closed too."""
    return list_offers(deps.database)


@router.get("/offers/report")
def show_report(deps: AtFront) -> tuple[OfferReport, ...]:
    """What came of each offer in the last ninety days, held against the hold-outs where that can be told."""
    from dialer.services.analytics.offer_report import report_offers  # noqa: PLC0415 - loads numpy
    from dialer.services.analytics.prices import price_from  # noqa: PLC0415 - the same

    return report_offers(deps.database, deps.now(), price=price_from(deps.settings))


@router.post("/offers")
def add(form: OfferFields, deps: AtFront, visitor: Asking) -> OfferCard:
    """Add an offer; agents see it at once."""
    return offer_actions.take_new_offer(deps, form, visitor.actor(ACTOR))


@router.post("/offers/{offer}")
def change(offer: Id, form: OfferFields, deps: AtFront, visitor: Asking) -> OfferCard:
    """Make an offer what this says; what was given before keeps the cost it had."""
    return offer_actions.take_changed_offer(deps, offer, form, visitor.actor(ACTOR))


@router.post("/offers/{offer}/closed")
def close(offer: Id, form: ClosedInput, deps: AtFront, visitor: Asking) -> tuple[OfferCard, ...]:
    """Let agents see an offer no more, or again."""
    offer_actions.take_closing_of_offer(deps, offer, form, visitor.actor(ACTOR))
    return list_offers(deps.database)


@router.get("/agents/{agent}/offers")
def show_allowance(
    agent: Annotated[AgentId, Path()],
    call: Annotated[ChannelId, Query(description="an attempt, or a live caller's channel")],
    deps: AtFront,
    *,
    rang_in: Annotated[bool, Query()] = False,
) -> tuple[OfferOnCard, ...]:
    """The offers that hold in this call, and what is left of each."""
    return offers_on_card(deps.database, agent, call, deps.now(), rang_in=rang_in)


@router.post("/agents/{agent}/offers")
def give(agent: Annotated[AgentId, Path()], form: GiveInput, deps: AtFront) -> AskedOffer:
    """Give an offer in a call of the agent's, or ask a supervisor for it where a limit is reached."""
    return offer_actions.take_offer(deps, agent, form)


@router.post("/agents/{agent}/offers/withdrawn")
def withdraw(agent: Annotated[AgentId, Path()], form: WithdrawInput, deps: AtFront) -> OfferAnswer:
    """Take an offer off the call again."""
    offer_actions.take_withdrawal(deps, agent, form)
    return OfferAnswer(given=form.given, done="withdrawn")


@router.post("/agents/{agent}/offers/decided")
def decide(
    agent: Annotated[AgentId, Path()], form: DecideInput, deps: AtFront, visitor: Asking
) -> OfferAnswer:
    """A supervisor's word on an agent's request."""
    offer_actions.take_decision(deps, agent, form, visitor.actor(ACTOR))
    return OfferAnswer(given=form.given, done="allowed" if form.allow else "refused")

"""What agents, supervisors and managers do about offers, from the form and the API alike."""

from dialer.services.retention.allowances import AskedOffer, decide_offer, give_offer, withdraw_offer
from dialer.services.retention.offer_list import (
    OfferCard,
    OfferNameTaken,
    add_offer,
    change_offer,
    close_offer,
)
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError, not_found, passed
from dialer.web.offer_forms import ClosedInput, DecideInput, GiveInput, OfferFields, WithdrawInput


def take_offer(deps: Dependencies, agent: str, form: GiveInput) -> AskedOffer:
    """Give an offer, or ask for it. Raises `RequestError` for no such call of theirs, or no such offer."""
    call, rang_in = form.call()
    given = passed(
        give_offer(deps.database, agent, call, form.offer, form.reason, deps.now(), rang_in=rang_in)
    )
    if given is None:
        raise not_found("offer")
    deps.dashboards.ring()
    return given


def take_withdrawal(deps: Dependencies, agent: str, form: WithdrawInput) -> None:
    """Take an offer off the call. Raises `RequestError` where there is none of theirs to take off."""
    if not withdraw_offer(deps.database, agent, form.given, deps.now()):
        raise not_found("given offer")
    deps.dashboards.ring()


def take_decision(deps: Dependencies, agent: str, form: DecideInput, actor: str) -> None:
    """A supervisor's word. Raises `RequestError` where somebody was faster, or nobody waits for it."""
    if not decide_offer(deps.database, agent, form.given, actor, deps.now(), allow=form.allow):
        raise RequestError("request.over", "This request is answered, or was taken back.")
    deps.dashboards.ring()


def take_new_offer(deps: Dependencies, form: OfferFields, actor: str) -> OfferCard:
    """Add an offer. Raises `RequestError` where its name is taken."""
    try:
        return add_offer(deps.database, form.draft(), actor, deps.now())
    except OfferNameTaken:
        raise RequestError("offer.name-taken", "Another offer has this name.") from None


def take_changed_offer(deps: Dependencies, offer: int, form: OfferFields, actor: str) -> OfferCard:
    """Change an offer. Raises `RequestError` where its name is taken, or there is none."""
    try:
        changed = change_offer(deps.database, offer, form.draft(), actor, deps.now())
    except OfferNameTaken:
        raise RequestError("offer.name-taken", "Another offer has this name.") from None
    if changed is None:
        raise not_found("offer")
    return changed


def take_closing_of_offer(deps: Dependencies, offer: int, form: ClosedInput, actor: str) -> None:
    """Let agents see an offer no more, or again. Raises `RequestError` where there is none."""
    if not close_offer(deps.database, offer, actor, deps.now(), closed=form.closed):
        raise not_found("offer")
    deps.dashboards.ring()

"""Managers' pages: find a customer, and see what every rule says of calling them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dialer.services.calls.explanations import PersonExplained, explain_customer, explain_person
from dialer.services.customers.persons import MOST_FOUND, FoundCustomer, find_named, find_persons, person_card
from dialer.services.customers.suppression import allow_person
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, not_found
from dialer.web.flash import tell, told
from dialer.web.form_faults import shown_again
from dialer.web.routers import page_router
from dialer.web.schemas import BlockInput, MomentInput, WhoInput, on_customers_clock

router = page_router()

ACTOR: Final = "manager's page"
ENOUGH_TO_ASK: Final = 2  # customers; of two who are named so nobody knows which is meant


@router.get("/customers")
def show_search(request: Request, deps: AtFront) -> Response:
    """A field to find somebody by number, id or name, with those who were looked for last."""
    said = told(request)
    if "who" in said:
        return _look_for(request, deps, said["who"])
    return search_page(request, deps, erased=said.get("erased", ()))


def _search_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    return search_page(request, deps, typed=typed, wrong=wrong)


@router.post("/customers")
@shown_again(_search_again)
def find(request: Request, form: Annotated[WhoInput, Form()], deps: AtFront) -> Response:
    """Go to the one who is meant, or show all who have the number; a post keeps numbers out of logs."""
    found = find_persons(deps.database, form.who, deps.settings.calling.default_region)
    if len(found) == 1:
        return RedirectResponse(f"/customers/{found[0]}", 303)
    named = find_named(deps.database, form.who, ENOUGH_TO_ASK) if not found else ()
    if len(named) == 1:
        return RedirectResponse(f"/customers/{named[0].id}", 303)
    return tell(
        request, "/customers", {"who": form.who}, shown=lambda said: _look_for(request, deps, said["who"])
    )


@router.get("/customers/{customer}")
def show_customer(
    request: Request, customer: Id, given: Annotated[MomentInput, Query()], deps: AtFront
) -> Response:
    """One customer: what puts them off, their numbers, and why they are called or not."""
    return _customer(request, deps, customer, at=given.at)


def _allow_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    return _customer(request, deps, int(request.path_params["customer"]), typed=typed, wrong=wrong)


@router.post("/customers/{customer}/allow")
@shown_again(_allow_again)
def allow(customer: Id, form: Annotated[BlockInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Let somebody be called again who was put off; the reason stays on record."""
    card = person_card(deps.database, customer)
    if card is None:
        raise not_found("customer")
    allow_person(deps.database, card.external_id, visitor.actor(ACTOR), form.reason, deps.now())
    return RedirectResponse(f"/customers/{customer}", 303)


def _look_for(request: Request, deps: Dependencies, who: str) -> Response:
    region = deps.settings.calling.default_region
    named = () if find_persons(deps.database, who, region) else find_named(deps.database, who)
    people = () if named else explain_person(deps.database, who, deps.now(), region=region)
    return search_page(request, deps, typed={"who": who}, named=named, people=people)


def search_page(
    request: Request,
    deps: Dependencies,
    *,
    erased: Sequence[str] = (),
    people: tuple[PersonExplained, ...] = (),
    named: tuple[FoundCustomer, ...] = (),
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    """The field, who was found by it, and what was erased just now."""
    return deps.page(
        request,
        "customers.html",
        {
            "erased": erased,
            "people": people,
            "named": named,
            "most_named": MOST_FOUND,
            "region": deps.settings.calling.default_region,
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=422 if wrong else 200,
    )


def _customer(
    request: Request,
    deps: Dependencies,
    customer: int,
    *,
    at: datetime | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    moment = on_customers_clock(at, (deps.settings.queues.zone,)) or deps.now()
    card = person_card(deps.database, customer)
    person = explain_customer(deps.database, customer, moment)
    if card is None or person is None:
        raise not_found("customer")
    return deps.page(
        request,
        "customer.html",
        {
            "card": card,
            "person": person,
            "at": at,
            "moment": moment,
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=422 if wrong else 200,
    )

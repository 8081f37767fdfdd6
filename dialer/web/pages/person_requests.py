"""What a customer may ask for by data protection law, on the customer's page: each with its reason."""

import json
from typing import Annotated, Final

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dialer.services.customers.person_rights import (
    ErasureGround,
    hand_out_person,
    lift_restriction,
    restrict_person,
)
from dialer.services.customers.persons import PersonCard, person_card
from dialer.web import person_forms
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, not_found
from dialer.web.flash import tell, told
from dialer.web.form_faults import shown_again
from dialer.web.languages import to_say, translate
from dialer.web.pages.customers import search_page
from dialer.web.person_forms import NOT_CONFIRMED
from dialer.web.routers import page_router
from dialer.web.schemas import BlockInput, EraseInput, RectifyInput

router = page_router()

ACTOR: Final = "manager's page"


@router.get("/customers/{customer}/requests")
def show_requests(request: Request, customer: Id, deps: AtFront) -> Response:
    """To hand out, correct, restrict or erase what is kept of them."""
    return _page(request, deps, customer, done=told(request).get("done", ""))


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, int(request.path_params["customer"]), typed=typed, wrong=wrong)


@router.post("/customers/{customer}/export")
@shown_again(_again)
def export(
    request: Request, customer: Id, form: Annotated[BlockInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Everything that is kept of them, table by table, as a file of JSON."""
    del request
    card = _card(deps, customer)
    with person_forms.known_person():
        found = hand_out_person(
            deps.database, card.external_id, form.reason, visitor.actor(ACTOR), deps.now()
        )
    text = json.dumps(found, indent=2, ensure_ascii=False, default=str)
    attached = {"content-disposition": f'attachment; filename="customer-{customer}.json"'}
    return Response(text, media_type="application/json", headers=attached)


@router.post("/customers/{customer}/restrict")
@shown_again(_again)
def restrict(
    request: Request, customer: Id, form: Annotated[BlockInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Ring them for no purpose until that is lifted."""
    del request
    with person_forms.known_person():
        restrict_person(
            deps.database, _card(deps, customer).external_id, form.reason, visitor.actor(ACTOR), deps.now()
        )
    return RedirectResponse(f"/customers/{customer}/requests", 303)


@router.post("/customers/{customer}/lift")
@shown_again(_again)
def lift(
    request: Request, customer: Id, form: Annotated[BlockInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Lift the restriction."""
    del request
    with person_forms.known_person():
        lift_restriction(
            deps.database, _card(deps, customer).external_id, form.reason, visitor.actor(ACTOR), deps.now()
        )
    return RedirectResponse(f"/customers/{customer}/requests", 303)


@router.post("/customers/{customer}/rectify")
@shown_again(_again)
def rectify(
    request: Request, customer: Id, form: Annotated[RectifyInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Correct what is kept of them."""
    changed = person_forms.rectify(deps, _card(deps, customer).external_id, form, visitor.actor(ACTOR))
    done = (
        to_say("Corrected. Correct the source too, or its next file changes it back.")
        if changed
        else to_say("All of it was so already.")
    )
    return tell(
        request,
        f"/customers/{customer}/requests",
        {"done": done},
        shown=lambda said: _page(request, deps, customer, done=said["done"]),
    )


@router.post("/customers/{customer}/erase")
@shown_again(_again)
def erase(
    request: Request, customer: Id, form: Annotated[EraseInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Erase them, and say what is left to do by hand."""
    card = _card(deps, customer)
    if form.confirm != card.external_id:
        return _page(request, deps, customer, wrong={"confirm": NOT_CONFIRMED})
    done = person_forms.erase(deps, card.external_id, form, visitor.actor(ACTOR))
    lines = {"erased": [translate(sentence) for sentence in done.sentences]}
    return tell(request, "/customers", lines, shown=lambda said: search_page(request, deps, **said))


def _card(deps: Dependencies, customer: int) -> PersonCard:
    card = person_card(deps.database, customer)
    if card is None:
        raise not_found("customer")
    return card


def _page(
    request: Request,
    deps: Dependencies,
    customer: int,
    *,
    done: str = "",
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    return deps.page(
        request,
        "person_requests.html",
        {
            "card": _card(deps, customer),
            "grounds": tuple(ErasureGround),
            "region": deps.settings.calling.default_region,
            "done": done,
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=422 if wrong else 200,
    )

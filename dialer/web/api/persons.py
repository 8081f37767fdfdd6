"""A person's rights over what is kept of them, as JSON; who is meant is in the body, and so in no log."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from dialer.services.customers.person_rights import hand_out_person, lift_restriction, restrict_person
from dialer.web import person_forms
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.routers import api_router
from dialer.web.schemas import BlockInput, EraseInput, RectifyInput, Words

router = api_router(tag="persons", prefix="/persons")

ACTOR: Final = "api"
CustomerId = Annotated[Words, Field(max_length=120, description="the company's own id of the customer")]


class PersonInput(BlockInput):
    """A customer, and why something is asked of what is kept of them."""

    customer: CustomerId


class RectifyPersonInput(RectifyInput):
    """A customer, and what is right about them."""

    customer: CustomerId


class ErasePersonInput(EraseInput):
    """A customer, once more who, and why they are erased."""

    customer: CustomerId


class ChangedAnswer(BaseModel):
    """Whether anything was changed; false where it was so before."""

    changed: bool


class ErasedAnswer(BaseModel):
    """What was erased, and what is left to do by hand."""

    numbers: int
    calls: int
    said: tuple[str, ...]


@router.post("/export")
def export(form: PersonInput, deps: AtFront, visitor: Asking) -> Mapping[str, list[dict[str, Any]]]:
    """Everything that is kept of a customer, table by table (access, portability)."""
    with person_forms.known_person():
        found = hand_out_person(deps.database, form.customer, form.reason, visitor.actor(ACTOR), deps.now())
    return {table: [dict(row) for row in rows] for table, rows in found.items()}


@router.post("/restrict")
def restrict(form: PersonInput, deps: AtFront, visitor: Asking) -> ChangedAnswer:
    """Ring a customer for no purpose until that is lifted."""
    with person_forms.known_person():
        changed = restrict_person(deps.database, form.customer, form.reason, visitor.actor(ACTOR), deps.now())
    return ChangedAnswer(changed=changed)


@router.post("/lift")
def lift(form: PersonInput, deps: AtFront, visitor: Asking) -> ChangedAnswer:
    """Lift a customer's restriction."""
    with person_forms.known_person():
        changed = lift_restriction(
            deps.database, form.customer, form.reason, visitor.actor(ACTOR), deps.now()
        )
    return ChangedAnswer(changed=changed)


@router.post("/rectify")
def rectify(form: RectifyPersonInput, deps: AtFront, visitor: Asking) -> ChangedAnswer:
    """Correct what is kept of a customer; the next customer file that says otherwise changes it back."""
    return ChangedAnswer(changed=person_forms.rectify(deps, form.customer, form, visitor.actor(ACTOR)))


@router.post("/erase")
def erase(form: ErasePersonInput, deps: AtFront, visitor: Asking) -> ErasedAnswer:
    """Erase a customer from every table and file here; nothing brings them back."""
    done = person_forms.erase(deps, form.customer, form, visitor.actor(ACTOR))
    return ErasedAnswer(numbers=done.numbers, calls=done.calls, said=done.sentences)

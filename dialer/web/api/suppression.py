"""The do-not-call list as JSON."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from dialer.services.customers import suppression
from dialer.services.customers.suppression import NumberStanding, SuppressedNumber
from dialer.web.access.asked import Asking
from dialer.web.access.whole_numbers import listed_for
from dialer.web.dependencies import AtFront
from dialer.web.routers import api_router
from dialer.web.schemas import DoNotCallInput, RemoveInput, as_e164

router = api_router(tag="do not call", prefix="/do-not-call")

ACTOR = "api"


class ListedAnswer(BaseModel):
    """The number as it stands on the list; `changed` is false where it was so before."""

    number: str
    listed: bool
    changed: bool


@router.get("")
def list_numbers(
    deps: AtFront, visitor: Asking, limit: Annotated[int, Query(ge=1, le=10_000)] = 200
) -> tuple[SuppressedNumber, ...]:
    """The newest entries."""
    return listed_for(deps, visitor, suppression.list_do_not_call(deps.database, limit=limit))


@router.post("")
def add(form: DoNotCallInput, deps: AtFront, visitor: Asking) -> ListedAnswer:
    """Never ring this number for marketing or service again."""
    e164 = as_e164(form.number, deps.settings.calling.default_region)
    added = suppression.add_do_not_call(deps.database, e164, form.reason, visitor.actor(ACTOR), deps.now())
    return ListedAnswer(number=e164, listed=True, changed=added)


@router.post("/search")
def search(form: RemoveInput, deps: AtFront) -> NumberStanding:
    """What the list and the registers say of one number; in the body, so that numbers stay out of logs."""
    e164 = as_e164(form.number, deps.settings.calling.default_region)
    return suppression.look_up_number(deps.database, e164)


@router.post("/remove")
def remove(form: RemoveInput, deps: AtFront, visitor: Asking) -> ListedAnswer:
    """Take a number off; in the body and not in the path, so that numbers stay out of logs."""
    e164 = as_e164(form.number, deps.settings.calling.default_region)
    removed = suppression.remove_do_not_call(deps.database, e164, visitor.actor(ACTOR), deps.now())
    return ListedAnswer(number=e164, listed=False, changed=removed)

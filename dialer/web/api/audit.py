"""Who did what, as JSON."""

from typing import Annotated

from fastapi import Query

from dialer.services.evidence.acts import SHOWN, FoundActs, find_acts
from dialer.web.dependencies import AtFront
from dialer.web.pages.audit import Actor, Before, From, Kind, Person, To, acts_asked
from dialer.web.routers import api_router

router = api_router(tag="audit", prefix="/audit")


@router.get("")
def list_acts(  # noqa: PLR0917 - one parameter for each filter
    deps: AtFront,
    first: From = None,
    last: To = None,
    actor: Actor = "",
    kind: Kind = "",
    person: Person = None,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = SHOWN,
) -> FoundActs:
    """The newest acts first; `before` takes the `more` of the answer before. Numbers are masked."""
    asked = acts_asked(deps, first, last, actor, kind, person)
    return find_acts(deps.database, asked, deps.settings.queues.zone, before=before, limit=limit)

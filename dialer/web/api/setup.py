"""The organisation as JSON: agents, teams, queues, pause reasons, words, trunks, numbers, hours."""

from typing import Any

from fastapi import status
from pydantic import BaseModel, ConfigDict

from dialer.core.organisation.entries import Organisation
from dialer.core.organisation.rendering import Rendering
from dialer.services.organisation.organisation import read_in_force
from dialer.services.organisation.rendering import read_renderings
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.routers import api_router
from dialer.web.schemas import NamedPbx
from dialer.web.setup_change import SetupChange, apply_change, desired_in, have_rendered, plan_change

router = api_router(tag="setup")


class OrganisationInput(BaseModel):
    """Kinds with their entries as `GET` shows them; pause reasons by their words."""

    model_config = ConfigDict(extra="forbid")

    centre: dict[str, Any] | None = None
    agents: list[dict[str, Any]] | None = None
    teams: list[dict[str, Any]] | None = None
    inbound_queues: list[dict[str, Any]] | None = None
    pause_reasons: list[str] | None = None
    dispositions: list[dict[str, Any]] | None = None
    trunks: list[dict[str, Any]] | None = None
    numbers: list[dict[str, Any]] | None = None


@router.get("/organisation")
def show_organisation(deps: AtFront) -> Organisation:
    """The organisation that holds at this moment."""
    return read_in_force(deps.database, deps.house.given).view


@router.post("/organisation/plan")
def plan(body: OrganisationInput, deps: AtFront) -> SetupChange:
    """What `PATCH` with the same body would change; nothing is."""
    return plan_change(deps, desired_in(body.model_dump(exclude_none=True)))


@router.patch("/organisation")
def apply(body: OrganisationInput, deps: AtFront, visitor: Asking) -> SetupChange:
    """Make each kind that is named what it says here, all or nothing; a kind left out stays as it is."""
    return apply_change(deps, desired_in(body.model_dump(exclude_none=True)), visitor.actor("API"))


@router.get("/organisation/rendering")
def show_rendering(deps: AtFront) -> list[Rendering]:
    """How Asterisk's rendered files stand, for each PBX that an engine looks at."""
    return list(read_renderings(deps.database))


@router.post("/organisation/rendering/{pbx}", status_code=status.HTTP_202_ACCEPTED)
def render(pbx: NamedPbx, deps: AtFront, visitor: Asking) -> list[Rendering]:
    """Have the engine of this PBX render and reload; what came of it is in `GET` a few seconds later."""
    have_rendered(deps, pbx, visitor.actor("API"))
    return list(read_renderings(deps.database))

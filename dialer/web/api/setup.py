"""The organisation as JSON: agents, teams, queues, pause reasons, words, trunks, numbers, hours."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from dialer.core.organisation.entries import Organisation
from dialer.services.organisation.organisation import read_in_force
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.setup_change import SetupChange, apply_change, plan_change, wish_in

router = APIRouter(tags=["setup"])


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
    return plan_change(deps, wish_in(body.model_dump(exclude_none=True)))


@router.patch("/organisation")
def apply(body: OrganisationInput, deps: AtFront, visitor: Asking) -> SetupChange:
    """Make each kind that is named what it says here, all or nothing; a kind left out stays as it is."""
    return apply_change(deps, wish_in(body.model_dump(exclude_none=True)), visitor.actor("API"))

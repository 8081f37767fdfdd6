"""The organisation as JSON: agents, teams, queues, pause reasons, words, trunks, numbers, hours."""

from fastapi import APIRouter

from dialer.core.organisation.entries import Organisation
from dialer.services.organisation.organisation import read_in_force
from dialer.services.organisation.setup_file import SetupFile
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.setup_change import SetupChange, apply_change, plan_change

router = APIRouter(tags=["setup"])


@router.get("/organisation")
def show_organisation(deps: AtFront) -> Organisation:
    """The organisation that holds at this moment."""
    return read_in_force(deps.database, deps.house.given).view


@router.post("/organisation/plan")
def plan(body: SetupFile, deps: AtFront) -> SetupChange:
    """What `PATCH` with the same body would change; nothing is."""
    return plan_change(deps, body.over)


@router.patch("/organisation")
def apply(body: SetupFile, deps: AtFront, visitor: Asking) -> SetupChange:
    """Make each kind that is named what it says here, all or nothing; a kind left out stays as it is."""
    return apply_change(deps, body.over, visitor.actor("API"))

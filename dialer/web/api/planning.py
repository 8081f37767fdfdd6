"""Plans as JSON: the hours' reach down a list, and what it would have brought."""

from typing import Annotated, Any

from fastapi import Query

from dialer.web.dependencies import AtFront
from dialer.web.routers import api_router
from dialer.web.schemas import PlanInput

router = api_router(tag="plan", prefix="/plan")


@router.get("")
def show_plan(form: Annotated[PlanInput, Query()], deps: AtFront) -> dict[str, Any]:
    """Say whom the hours reach, and what such a list would have brought in past campaigns."""
    from dialer.web.plan_form import make_plan  # noqa: PLC0415 - the model's libraries take a second to load

    return make_plan(deps, form).as_dict()

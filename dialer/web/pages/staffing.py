"""The page of a coming day: who is expected, how many agents they take, and how many are usually there."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from starlette.responses import Response

from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.form_faults import shown_again
from dialer.web.routers import page_router
from dialer.web.schemas import StaffingInput

if TYPE_CHECKING:
    from dialer.services.promises.staffing import StaffingPlan

router = page_router()

WIDE: Final = 600
HIGH: Final = 150
"""Units of the drawing; it scales with the page."""


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    known = {
        name: value
        for name, value in typed.items()
        if name not in wrong and name in StaffingInput.model_fields
    }
    return _page(request, deps, StaffingInput.model_validate(known), wrong)


@router.get("/plan/staffing")
@shown_again(_again)
def show_staffing(request: Request, form: Annotated[StaffingInput, Query()], deps: AtFront) -> Response:
    """A day by quarters of an hour, tomorrow where none is asked for."""
    return _page(request, deps, form, {})


def _page(request: Request, deps: Dependencies, form: StaffingInput, wrong: dict[str, str]) -> Response:
    plan = plan_of(deps, form)
    return deps.page(
        request,
        "staffing.html",
        {
            "typed": form,
            "wrong": wrong,
            "plan": plan,
            "wide": WIDE,
            "high": HIGH,
            **draw_steps(plan),
        },
        status=422 if wrong else 200,
    )


def plan_of(deps: Dependencies, form: StaffingInput) -> "StaffingPlan":
    """The plan that was asked for, for the page and the API alike."""
    from dialer.core.staffing.agents_needed import ServiceGoal  # noqa: PLC0415 - numpy takes its time to load
    from dialer.services.promises.staffing import plan_staffing  # noqa: PLC0415 - the same

    settings = deps.settings
    return plan_staffing(
        deps.database,
        settings.queues.inbound,
        settings.calling.default_region,
        form.day or tomorrow(deps),
        deps.now(),
        goal=ServiceGoal(within_s=60.0 * form.within_min, share=form.share),
    )


def tomorrow(deps: Dependencies) -> date:
    """The next day on the centre's clock."""
    return deps.now().astimezone(ZoneInfo(deps.settings.queues.zone)).date() + timedelta(days=1)


def draw_steps(plan: "StaffingPlan") -> dict[str, object]:
    """Place the agents needed, and those usually there, on the drawing: a step for each quarter."""
    most = max((max(each.needed, each.usual or 0) for each in plan.quarters), default=0) or 1
    across = WIDE / max(1, len(plan.quarters))

    def steps(heights: list[int]) -> str:
        points = []
        for index, height in enumerate(heights):
            down = HIGH - height / most * HIGH
            points += [f"{index * across:.1f},{down:.1f}", f"{(index + 1) * across:.1f},{down:.1f}"]
        return " ".join(points)

    return {
        "needed": steps([each.needed for each in plan.quarters]),
        "usual": steps([each.usual or 0 for each in plan.quarters]),
        "most": most,
    }

"""The planning page: sliders for a list and for the hours, before anything is saved or dialled."""

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from dialer.web.dependencies import AtFront
from dialer.web.schemas import PlanInput

if TYPE_CHECKING:
    from dialer.services.campaigns.planning import CallPlan

router = APIRouter()

WIDE: Final = 600
HIGH: Final = 160
"""Units of the drawing; it scales with the page."""


@router.get("/plan")
def show_plan(request: Request, form: Annotated[PlanInput, Query()], deps: AtFront) -> Response:
    """Whom the hours reach, and what such a list would have brought."""
    from dialer.web.plan_form import make_plan  # noqa: PLC0415 - the model's libraries take a second to load

    plan = make_plan(deps, form)
    return deps.page(
        request,
        "plan.html",
        {"typed": form, "plan": plan, "wide": WIDE, "high": HIGH, **draw_curve(plan.calls)},
    )


def draw_curve(calls: "CallPlan") -> dict[str, object]:
    """Place the curve of gain against hours, and the hours there are, on the drawing."""
    most_hours = max(calls.hours, calls.hours_needed)
    most_gain = max(gain for _, gain in calls.curve) or 1.0
    points = [(hours / most_hours * WIDE, HIGH - gain / most_gain * HIGH) for hours, gain in calls.curve]
    return {
        "line": " ".join(f"{across:.1f},{down:.1f}" for across, down in points),
        "reach": calls.hours / most_hours * WIDE,
        "most_hours": most_hours,
        "most_gain": most_gain,
    }

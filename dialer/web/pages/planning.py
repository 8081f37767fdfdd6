"""The planning page: sliders for a list and for the hours, before anything is saved or dialled."""

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request
from starlette.responses import Response

from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.form_faults import shown_again
from dialer.web.routers import page_router
from dialer.web.schemas import PlanInput

if TYPE_CHECKING:
    from dialer.services.campaigns.planning import CallPlan

router = page_router()

WIDE: Final = 600
HIGH: Final = 160
"""Units of the drawing; it scales with the page."""


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    """What was understood stays as it was asked for; a slider has no place for the rest."""
    known = {
        name: value for name, value in typed.items() if name not in wrong and name in PlanInput.model_fields
    }
    return _page(request, deps, PlanInput.model_validate(known), wrong)


@router.get("/plan")
@shown_again(_again)
def show_plan(request: Request, form: Annotated[PlanInput, Query()], deps: AtFront) -> Response:
    """Whom the hours reach, and what such a list would have brought."""
    return _page(request, deps, form, {})


def _page(request: Request, deps: Dependencies, form: PlanInput, wrong: dict[str, str]) -> Response:
    from dialer.web.plan_form import make_plan  # noqa: PLC0415 - the model's libraries take a second to load

    plan = make_plan(deps, form)
    return deps.page(
        request,
        "plan.html",
        {
            "typed": form,
            "wrong": wrong,
            "plan": plan,
            "wide": WIDE,
            "high": HIGH,
            **draw_curve(plan.calls),
        },
        status=422 if wrong else 200,
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

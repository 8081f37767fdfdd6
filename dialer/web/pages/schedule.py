"""The scheduled jobs' page: what Winback does by itself, what came of it, and when it comes next."""

from typing import Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from dialer.core.schedule import ScheduledJob
from dialer.services.schedule import process_restarts, schedule
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.routers import page_router

router = page_router()

ACTOR: Final = "manager's page"


@router.get("/schedule")
def show_schedule(request: Request, deps: AtFront) -> Response:
    """Every scheduled job with its last end and its next time."""
    now = deps.now()
    cards = schedule.list_scheduled_jobs(deps.database, deps.settings, now)
    return deps.page(
        request,
        "schedule.html",
        {"scheduled_jobs": cards, "ended": process_restarts.process_restarts(deps.database, now)},
    )


@router.post("/schedule/{scheduled_job}/now")
def ask(scheduled_job: ScheduledJob, deps: AtFront, visitor: Asking) -> Response:
    """Let one be due at once; a worker takes it within a minute or so."""
    schedule.ask_for_job(deps.database, deps.settings, scheduled_job, deps.now(), visitor.actor(ACTOR))
    return RedirectResponse("/schedule", 303)

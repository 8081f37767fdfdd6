"""Live callers by day and queue, as JSON."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel

from dialer.core.calling.caller_story import SOON_S
from dialer.services.calls.inbound_report import inbound_report
from dialer.web.dependencies import AtFront
from dialer.web.pages.caller_report import From, Queue, Soon, To, days_asked_for

router = APIRouter(prefix="/reports", tags=["reports"])


class CallersAnswer(BaseModel):
    """One queue on one day: callers = served + gave_up + promised + left_otherwise + waiting; seconds."""

    day: date
    queue: str
    callers: int
    served: int
    gave_up: int
    promised: int
    left_otherwise: int
    waiting: int
    service_level: float | None
    wait_mean_s: float | None
    wait_p95_s: float | None
    talk_mean_s: float | None

    model_config = {"from_attributes": True}


@router.get("/inbound")
def report_callers(
    deps: AtFront, first: From = None, last: To = None, queue: Queue = None, soon: Soon = SOON_S
) -> list[CallersAnswer]:
    """Callers by day and queue, the oldest day first; `service_level` is the share served within `soon`."""
    since, until = days_asked_for(deps, first, last)
    lines = inbound_report(
        deps.database, deps.settings.queues.zone, since, until, queue=queue or None, soon_s=soon
    )
    return [CallersAnswer.model_validate(line) for line in lines]

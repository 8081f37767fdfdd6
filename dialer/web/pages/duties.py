"""The duties' page: what the house does by itself, what came of it, and when it comes next."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.timetable import Duty
from dialer.services import timetable, upkeep
from dialer.web.front import AtFront

router = APIRouter()

ACTOR: Final = "manager's page"


@router.get("/duties")
def show_duties(request: Request, front: AtFront) -> Response:
    """Every duty with its last end and its next time."""
    now = front.now()
    cards = timetable.list_duties(front.book, front.settings, now)
    return front.page(request, "duties.html", {"duties": cards, "ended": upkeep.upkeep_of(front.book, now)})


@router.post("/duties/{duty}/now")
def ask(duty: Duty, front: AtFront) -> Response:
    """Let one be due at once; a worker takes it within a minute or so."""
    timetable.ask_for_duty(front.book, front.settings, duty, front.now(), ACTOR)
    return RedirectResponse("/duties", 303)

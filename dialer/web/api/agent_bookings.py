"""Calls that an agent promises in a talk, as JSON."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from dialer.services.promises.agent_bookings import book_call, booking_form
from dialer.web.chosen_hours import BookingInput, FreeHour, free_hours, in_utc
from dialer.web.dependencies import AtFront
from dialer.web.errors import passed
from dialer.web.routers import api_router
from dialer.web.schemas import AgentId, ChannelId

router = api_router(tag="agents", prefix="/agents/{agent}/calls/{call}")


class BookingAnswer(BaseModel):
    """The promise, as the customer is told of it."""

    promise: int
    reference: str


@router.get("/slots")
def list_slots(
    agent: Annotated[AgentId, Path()], call: Annotated[ChannelId, Path()], deps: AtFront
) -> list[FreeHour]:
    """The hours that can be promised to the customer of this talk; none where one was already."""
    queue = deps.settings.queues.inbound
    return free_hours(passed(booking_form(deps.database, agent, call, deps.now(), queue=queue)).slots)


@router.post("/booking")
def book(
    agent: Annotated[AgentId, Path()],
    call: Annotated[ChannelId, Path()],
    form: BookingInput,
    deps: AtFront,
) -> BookingAnswer:
    """Promise a call in a free hour: by this agent ("me"), or by whoever is free ("anyone")."""
    made = passed(
        book_call(
            deps.database,
            agent,
            call,
            in_utc(form.wanted_from),
            deps.now(),
            mine=form.whom == "me",
            queue=deps.settings.queues.inbound,
        )
    )
    return BookingAnswer(promise=made.id, reference=made.reference)

"""The agent's form that promises the customer on the line a call at a chosen time."""

from typing import Annotated

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from callbacks.refusals import Refusal
from dialer.services.promises.agent_bookings import BookingForm, book_call, booking_form
from dialer.web.chosen_hours import BookingInput, choices, in_utc, say_hour
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError, passed, refuse
from dialer.web.form_faults import shown_again
from dialer.web.languages import spoken
from dialer.web.routers import page_router
from dialer.web.schemas import AgentId, ChannelId

router = page_router()


class BookingFormInput(BookingInput):
    """The same from the form, which names the talk in a hidden field."""

    call: ChannelId


@router.get("/agents/{agent}/booking")
def show_booking(
    request: Request, agent: AgentId, call: Annotated[ChannelId, Query()], deps: AtFront
) -> Response:
    """The hours to choose from, or what was promised in this talk already."""
    return _page(request, deps, agent, call)


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    fault = RequestError("input.invalid", next(iter(wrong.values())), status=422)
    return _page(request, deps, request.path_params["agent"], typed.get("call", ""), fault=fault)


@router.post("/agents/{agent}/booking")
@shown_again(_again)
def book(
    request: Request, agent: AgentId, form: Annotated[BookingFormInput, Form()], deps: AtFront
) -> Response:
    """Promise it; the page then says what was promised, to be told to the customer."""
    made = book_call(
        deps.database,
        agent,
        form.call,
        in_utc(form.wanted_from),
        deps.now(),
        mine=form.whom == "me",
        queue=deps.settings.queues.inbound,
    )
    if isinstance(made, Refusal):
        return _page(request, deps, agent, form.call, fault=refuse(made))
    return RedirectResponse(f"/agents/{agent}/booking?call={form.call}", 303)


def _page(
    request: Request, deps: Dependencies, agent: str, call: str, *, fault: RequestError | None = None
) -> Response:
    queue = deps.settings.queues.inbound
    found: BookingForm = passed(booking_form(deps.database, agent, call, deps.now(), queue=queue))
    said = found.booked
    return deps.page(
        request,
        "agent_booking.html",
        {
            "agent": agent,
            "form": found,
            "choices": choices(found.slots, found.zone, spoken()),
            "booked": say_hour(said.start, said.end, found.zone, spoken()) if said is not None else "",
            "fault": fault,
        },
        status=fault.status if fault else 200,
    )

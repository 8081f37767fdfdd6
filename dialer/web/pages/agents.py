"""An agent's page: the customer, why this call, what may be offered, and what came of it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Form, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.membership import DID_NOT_ANSWER, DID_NOT_START
from dialer.core.agents.state import AgentState
from dialer.core.dashboard.view import EngineCondition
from dialer.core.organisation.house_words import label_of, word_buttons
from dialer.core.retention.contact_reason import ContactReason
from dialer.services.agents import agents
from dialer.services.agents.agents import AgentCard, CallSeen, CustomerSeen, PreviewSeen
from dialer.services.agents.call_again import JudgedTime, judged_times
from dialer.services.agents.contacts import agent_words
from dialer.services.agents.live_calls import LiveCallSeen, words_of
from dialer.services.agents.person_history import PersonHistory, history_of_call
from dialer.services.customers.persons import FoundCustomer
from dialer.services.retention.allowances import OfferOnCard, offers_on_card
from dialer.web import agent_actions
from dialer.web.dashboard_stream import as_event
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError, not_found
from dialer.web.form_faults import shown_again
from dialer.web.languages import say, say_number, to_say, translate
from dialer.web.page_phone import agent_of, phone_fault, phone_headers
from dialer.web.pages.dashboard import stream_events
from dialer.web.routers import page_router
from dialer.web.schemas import (
    AgentId,
    ClosingForm,
    DispositionFields,
    DispositionForm,
    DraftForm,
    LeaveInput,
    PreviewInput,
    UndoForm,
    WishInput,
)
from dialer.web.templating import (
    write_cell,
    write_hour,
    write_language,
    write_length,
    write_share,
    write_words,
)
from telephony.asterisk.config.dialplan import CODE_LOG_IN

router = page_router()

SKIPS: Final = (
    to_say("not now"),
    to_say("spoken to lately"),
    to_say("data is wrong"),
    to_say("another reason"),
)
ATTRIBUTES_SHOWN: Final = 12  # the rest of a wide file is no help while talking
#: what the page says in each state while there is no customer on it
NEXT_ONE: Final = to_say("The next customer appears here by itself.")
WAITING_TEXTS: Final = {
    AgentState.PAUSED: to_say("You are paused; no call comes until you go on."),
    AgentState.OFFLINE: to_say("You are not logged in; no call comes."),
    AgentState.TALKING: to_say("You have a live caller."),
    AgentState.RINGING: to_say("Your phone rings."),
    AgentState.RESERVED: to_say("A customer's phone rings for you."),
    AgentState.WRAPPING_UP: to_say("Nothing to write down. Go on when you are ready."),
}
UNDO_FOR: Final = timedelta(seconds=8)  # the strip stands long enough to be read and answered


@router.get("/agents/{agent}")
def show_agent(request: Request, agent: AgentId, deps: AtFront) -> Response:
    """The whole page."""
    return agent_page(request, deps, agent)


@router.get("/agents/{agent}/card")
def show_card(request: Request, agent: AgentId, deps: AtFront) -> Response:
    """Only what changes: the page fetches this when a call arrives."""
    return agent_page(request, deps, agent, template="agent_card.html")


@router.get("/agents/{agent}/events")
async def send_marks(request: Request, agent: AgentId, deps: AtFront) -> Response:
    """Once a second, a mark that changes when the agent's facts do."""
    return stream_events(request, deps, _marks(deps, agent))


class AgentMark(BaseModel):
    """What an agent's page is told once a second; it reads itself anew when `mark` changes."""

    now: datetime
    engine: EngineCondition
    label: str
    mark: str


async def _marks(deps: Dependencies, agent: str) -> AsyncIterator[str]:
    async for dashboard, text in deps.dashboards.dashboards():
        if dashboard is None:
            yield as_event(text)
            continue
        engine = dashboard.engine
        mark = next((seen.mark for seen in dashboard.agents if seen.id == agent), "")
        said = AgentMark(now=dashboard.now, engine=engine.state, label=translate(engine.label), mark=mark)
        yield as_event(said.model_dump_json())


@router.post("/agents/{agent}/wish")
def wish(agent: AgentId, form: Annotated[WishInput, Form()], deps: AtFront) -> Response:
    """Ask to go on, to have longer, or to log in."""
    agent_actions.take_wish(deps, agent, form)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/leave")
def leave(request: Request, agent: AgentId, form: Annotated[LeaveInput, Form()], deps: AtFront) -> Response:
    """Plan a pause or the end of work; a customer who is being talked with is not cut off."""
    try:
        agent_actions.take_leave(deps, agent, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/preview")
def preview(
    request: Request, agent: AgentId, form: Annotated[PreviewInput, Form()], deps: AtFront
) -> Response:
    """Call the customer on the page, or skip them with a reason."""
    try:
        agent_actions.take_preview(deps, agent, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/closing")
def close(request: Request, agent: AgentId, form: Annotated[ClosingForm, Form()], deps: AtFront) -> Response:
    """Say that the talk, or the wrap-up, is about to end."""
    try:
        agent_actions.take_closing(deps, agent, form.attempt)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


def words_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    """The page once more where a field of a form was not understood, with what was typed."""
    fault = RequestError("input.invalid", next(iter(wrong.values())), status=422)
    kept = {"note": typed.get("note", ""), "call_again_at": typed.get("call_again_at", "")}
    return agent_page(
        request, deps, request.path_params["agent"], fault=fault, typed={typed.get("attempt", ""): kept}
    )


@router.post("/agents/{agent}/disposition")
@shown_again(words_again)
def dispose(
    request: Request, agent: AgentId, form: Annotated[DispositionForm, Form()], deps: AtFront
) -> Response:
    """Write down what came of the call; a refusal shows the page again with the rule and what was typed."""
    must_be_known(deps, agent)
    try:
        agent_actions.take_disposition(deps, agent, form.attempt, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault, typed={form.attempt: typed_in(form)})
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/correction")
@shown_again(words_again)
def correct(
    request: Request, agent: AgentId, form: Annotated[DispositionForm, Form()], deps: AtFront
) -> Response:
    """Say another word instead; a refusal shows the page again with the rule and what was typed."""
    must_be_known(deps, agent)
    try:
        agent_actions.take_correction(deps, agent, form.attempt, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault, typed={form.attempt: typed_in(form)})
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/undo")
def undo(request: Request, agent: AgentId, form: Annotated[UndoForm, Form()], deps: AtFront) -> Response:
    """Take back what was said of a call."""
    try:
        agent_actions.take_undo(deps, agent, form.attempt)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/draft", status_code=204)
def draft(agent: AgentId, form: Annotated[DraftForm, Form()], deps: AtFront) -> Response:
    """Keep what is being typed; the page sends it after a pause."""
    agent_actions.take_draft(deps, agent, form)
    return Response(status_code=204)


def must_be_known(deps: Dependencies, agent: str) -> None:
    """Raises `RequestError` for an agent nobody knows."""
    if agents.agent_card(deps.database, agent) is None:
        raise not_found("agent")


def typed_in(form: DispositionFields) -> dict[str, str]:
    """What a form said beside its word, as its fields show it again."""
    at = form.call_again_at
    return {"note": form.note, "call_again_at": f"{at:%Y-%m-%dT%H:%M}" if at else ""}


def agent_page(
    request: Request,
    deps: Dependencies,
    agent: str,
    *,
    template: str = "agent.html",
    fault: RequestError | None = None,
    typed: dict[str, dict[str, str]] | None = None,
    found: tuple[str, tuple[FoundCustomer, ...]] | None = None,
) -> Response:
    """An agent's page, or the part of it that changes; `found`: who was looked for, and who it may be."""
    card = agents.agent_card(deps.database, agent, language=deps.reading(agent))
    if card is None and any(line.id == agent for line in deps.organisation.agents):
        said = to_say("No engine has told of this agent yet: this page is there once one leads the PBX.")
        raise RequestError("not-found", said, status=404)
    if card is None:
        raise not_found("agent")
    call = card.call if card.call is not None and card.call.at_hand else None
    live = card.live if call is None else None
    subject = call or live or card.preview
    zone, now = deps.settings.queues.zone, deps.now()
    words = agent_words(deps.database, agent, now)
    at_hand = {call.attempt if call is not None else None, live.caller if live is not None else None}
    last = words.said[0] if words.said else None
    may_undo = last is not None and last.recorded_at is not None and now < last.recorded_at + UNDO_FOR
    settings, house_words = deps.settings, deps.organisation.dispositions
    in_page = agent_of(settings, agent) is not None
    page = deps.page(
        request,
        template,
        {
            "card": card,
            "state": write_state(card.state, card.reason),
            "leave": write_leave(card.leave, now, zone),
            "call": call,
            "live": live,
            "live_choices": {
                known: word_buttons(house_words, words_of(known=known)) for known in (True, False)
            },
            "subject": subject,
            "customer": card.customer if subject is not None else None,
            "facts": _facts(subject, card.customer) if subject is not None else (),
            "zone": subject.zones[0] if subject is not None and subject.zones else None,
            "waiting_text": _waiting_text(card),
            "log_in": _way_in(deps, agent),
            "offers": _offers(deps, agent, call, live),
            "history": _history(deps, agent, call, live),
            "times": _times(deps, agent, call, live),
            "reasons": tuple(ContactReason),
            "choices": word_buttons(house_words),
            "label": partial(label_of, house_words),
            "pauses": deps.settings.pause_reasons,
            "skips": SKIPS,
            "due": [talk for talk in words.due if talk.attempt not in at_hand],
            "said": words.said,
            "just_said": last if may_undo else None,
            "undo_for": UNDO_FOR,
            "typed": typed or {},
            "found": found,
            "fault": fault,
            "in_page": in_page,
            "reasons_language": deps.reading(agent),
            "phone_fault": phone_fault(settings) if in_page else "",
        },
        status=fault.status if fault else 200,
    )
    if in_page and settings.web.phone.address:
        page.headers.update(phone_headers(settings.web.phone))
    return page


def _history(
    deps: Dependencies, agent: str, call: CallSeen | None, live: LiveCallSeen | None
) -> PersonHistory | None:
    """What is known of whoever is on the card."""
    if live is not None:
        return history_of_call(deps.database, live.caller, agent, rang_in=True)
    if call is not None:
        return history_of_call(deps.database, call.attempt, agent, rang_in=False)
    return None


def _times(
    deps: Dependencies, agent: str, call: CallSeen | None, live: LiveCallSeen | None
) -> tuple[JudgedTime, ...]:
    """When the customer on the card may be called again, while it is still to be said."""
    if live is not None and not live.ringing:
        return judged_times(deps.database, agent, live.caller, deps.now(), rang_in=True)
    if call is not None and call.disposition_due:
        return judged_times(deps.database, agent, call.attempt, deps.now())
    return ()


def _offers(
    deps: Dependencies, agent: str, call: CallSeen | None, live: LiveCallSeen | None
) -> tuple[OfferOnCard, ...]:
    """What the agent may give to whoever is on the line, or was a moment ago."""
    if live is not None and not live.ringing:
        return offers_on_card(deps.database, agent, live.caller, deps.now(), rang_in=True)
    if call is not None and call.connected_at is not None:
        return offers_on_card(deps.database, agent, call.attempt, deps.now())
    return ()


def _way_in(deps: Dependencies, agent: str) -> str:
    """How this agent logs in: by "phone" or "headset" on the page, by digits to dial, or we do not know."""
    line = next((line for line in deps.settings.agents if line.id == agent), None)
    if line is None:
        return ""
    if line.phone or line.headset:
        return "phone" if line.phone else "headset"
    return f"{CODE_LOG_IN}{line.code}" if line.code else ""


def _facts(
    subject: CallSeen | LiveCallSeen | PreviewSeen, customer: CustomerSeen | None
) -> tuple[tuple[str, Any], ...]:
    """What an agent may want to say or to check, most useful first."""
    facts: list[tuple[str, Any]] = [(say("Number"), subject.number or say("withheld"))]
    if isinstance(subject, LiveCallSeen):
        facts += [(say("Queue"), subject.queue), (say("Waited"), write_length(subject.waited_s))]
    if isinstance(subject, PreviewSeen) and subject.attempts_made:
        times = say_number("%(num)s time", "%(num)s times", subject.attempts_made)
        facts.append((say("Tried before"), times))
    if isinstance(subject, CallSeen) and subject.promise_reference:
        facts.append((say("Promise"), subject.promise_reference))
    if customer is not None:
        facts += [
            (say("Customer"), customer.external_id),
            (say("Language"), write_language(customer.language)),
        ]
        if customer.risk is not None:
            facts.append((say("Risk of leaving"), write_share(customer.risk)))
        facts += [
            (name.replace("_", " "), write_cell(value))
            for name, value in list(customer.attributes.items())[:ATTRIBUTES_SHOWN]
            if value is not None
        ]
    return tuple(facts)


def _waiting_text(card: AgentCard) -> str:
    """What the page says while there is no customer on it."""
    if card.state is AgentState.PAUSED and card.reason == DID_NOT_ANSWER:
        return say_number(
            "Your phone rang once and nobody picked up, so no call comes until you go on.",
            "Your phone rang %(num)s times and nobody picked up, so no call comes until you go on.",
            card.missed,
        )
    if card.state is AgentState.PAUSED and card.reason == DID_NOT_START:
        return say(
            "A customer waited on this page, and you neither called nor skipped. Go on when you are back."
        )
    return translate(WAITING_TEXTS.get(card.state, NEXT_ONE))


def write_state(state: AgentState, reason: str, missed: int = 0) -> str:
    """A state as people say it: with a pause's reason, and rings that were missed."""
    said = write_words(state.value)
    if state is AgentState.PAUSED and reason:
        said += f": {write_words(reason)}"
    if missed:
        said += say_number(", missed %(num)s ring", ", missed %(num)s rings", missed)
    return said


def write_leave(leave: Leave | None, now: datetime, zone: str) -> str:
    """A planned leave as a sentence; empty where there is none."""
    if leave is None:
        return ""
    what = say("End of work") if leave.kind is LeaveKind.LOG_OUT else write_words(leave.reason).capitalize()
    if leave.is_due(now):
        return say("%(what)s as soon as no customer is there.", what=what)
    return say("%(what)s at %(hour)s.", what=what, hour=write_hour(leave.at, zone))

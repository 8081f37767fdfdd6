"""An agent's page: the customer, why this call, what may be offered, and what came of it."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.agent import AgentState
from dialer.core.disposition import Disposition
from dialer.services import agents
from dialer.services.agents import AgentCard, CallSeen, CustomerSeen
from dialer.services.dispositions import record_disposition
from dialer.web.faults import Fault, not_found, passed
from dialer.web.front import AtFront, Front
from dialer.web.inputs import AgentId, DispositionForm, WishInput, on_customers_clock
from dialer.web.pages.live import stream_events
from dialer.web.stream import as_event
from dialer.web.templating import write_share

router = APIRouter()

# the word, its key, and what the button says; in the order in which calls mostly end
CHOICES: Final = (
    (Disposition.SAVED, "1", "Saved"),
    (Disposition.OFFER_MADE, "2", "Offer made"),
    (Disposition.LOST, "3", "Lost"),
    (Disposition.CALL_AGAIN, "4", "Call again"),
    (Disposition.SERVED, "5", "Served"),
    (Disposition.OPT_OUT, "6", "Never call"),
    (Disposition.WRONG_NUMBER, "7", "Wrong number"),
)
PAUSES: Final = ("break", "lunch", "meeting", "training")
ATTRIBUTES_SHOWN: Final = 12  # the rest of a wide file is no help while talking
NOTHING_TYPED: Final = {"note": "", "call_again_at": ""}


@router.get("/agents")
def show_agents(request: Request, front: AtFront) -> Response:
    """Every agent seen; each chooses their own page."""
    return front.page(request, "agents.html", {"agents": agents.list_agents(front.book)})


@router.get("/agents/{agent}")
def show_agent(
    request: Request, agent: AgentId, front: AtFront, said: Annotated[Disposition | None, Query()] = None
) -> Response:
    """The whole page."""
    told = f"Written down: {said.value.replace('_', ' ')}." if said is not None else None
    return _page(request, front, agent, told=told)


@router.get("/agents/{agent}/card")
def show_card(request: Request, agent: AgentId, front: AtFront) -> Response:
    """Only what changes: the page fetches this when a call arrives."""
    return _page(request, front, agent, template="agent_card.html")


@router.get("/agents/{agent}/events")
async def send_marks(agent: AgentId, front: AtFront) -> Response:
    """Once a second, a mark that changes when the agent's facts do."""
    return stream_events(front.live, _marks(front, agent))


async def _marks(front: Front, agent: str) -> AsyncIterator[str]:
    async for view, text in front.live.views():
        if "fault" in view:
            yield as_event(text)
            continue
        mine = next((seen for seen in view["agents"] if seen["id"] == agent), None)
        said = {
            "now": view["now"],
            "engine": view["engine"]["state"],
            "label": view["engine"]["label"],
            "mark": make_mark(mine["state"], mine["since"], mine["attempt"], mine["machine_suspected"])
            if mine
            else "",
        }
        yield as_event(json.dumps(said))


@router.post("/agents/{agent}/wish")
def wish(agent: AgentId, form: Annotated[WishInput, Form()], front: AtFront) -> Response:
    """Ask for a pause, or to go on; the engine does it as soon as no call is at hand."""
    if not agents.wish(front.book, agent, form.wish, form.reason):
        raise not_found("agent")
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/disposition")
def dispose(
    request: Request, agent: AgentId, form: Annotated[DispositionForm, Form()], front: AtFront
) -> Response:
    """Write down what came of the call; a refusal shows the page again with the rule and what was typed."""
    card = agents.agent_card(front.book, agent, front.now())
    if card is None:
        raise not_found("agent")
    zones = card.call.zones if card.call is not None and card.call.attempt == form.attempt else ()
    try:
        passed(
            record_disposition(
                front.book,
                agent,
                form.attempt,
                form.disposition,
                form.note,
                on_customers_clock(form.call_again_at, zones),
                front.now(),
            )
        )
    except Fault as fault:
        at = form.call_again_at
        typed = {"note": form.note, "call_again_at": at.strftime("%Y-%m-%dT%H:%M") if at else ""}
        return _page(request, front, agent, fault=fault, typed=typed)
    front.live.ring()
    return RedirectResponse(f"/agents/{agent}?said={form.disposition.value}", 303)


def make_mark(state: str, since: str, attempt: str | None, machine_suspected: bool) -> str:  # noqa: FBT001 - a fact
    """What a page compares to see whether it is out of date."""
    return f"{state} {since} {attempt or '-'}{' machine' if machine_suspected else ''}"


def call_at_hand(card: AgentCard) -> CallSeen | None:
    """The call to show: one that is not over, or one whose disposition is due.

    A call that never reached the agent and is over, and one that is dealt with, make room.
    """
    call = card.call
    if call is None or not (call.ended_at is None or call.disposition_due):
        return None
    return call


def _page(
    request: Request,
    front: Front,
    agent: str,
    *,
    template: str = "agent.html",
    fault: Fault | None = None,
    told: str | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    card = agents.agent_card(front.book, agent, front.now(), language=front.language(agent))
    if card is None:
        raise not_found("agent")
    call = call_at_hand(card)
    attempt = card.call.attempt if card.call is not None else None
    suspected = card.call.machine_suspected if card.call is not None else False
    return front.page(
        request,
        template,
        {
            "card": card,
            "card_mark": make_mark(card.state.value, card.since.isoformat(), attempt, suspected),
            "call": call,
            "customer": card.customer if call is not None else None,
            "facts": _facts(call, card.customer) if call is not None else (),
            "zone": call.zones[0] if call is not None and call.zones else None,
            "waiting_text": _waiting_text(card.state),
            "choices": CHOICES,
            "pauses": PAUSES,
            "typed": typed or NOTHING_TYPED,
            "fault": fault,
            "told": told,
        },
        status=fault.status if fault else 200,
    )


def _facts(call: CallSeen, customer: CustomerSeen | None) -> tuple[tuple[str, Any], ...]:
    """What an agent may want to say or to check, most useful first."""
    facts: list[tuple[str, Any]] = [("Number", call.number)]
    if call.promise_reference:
        facts.append(("Promise", call.promise_reference))
    if customer is not None:
        facts += [("Customer", customer.external_id), ("Language", customer.language)]
        if customer.risk is not None:
            facts.append(("Risk of leaving", write_share(customer.risk)))
        facts += [
            (name.replace("_", " "), value)
            for name, value in list(customer.attributes.items())[:ATTRIBUTES_SHOWN]
            if value is not None
        ]
    return tuple(facts)


def _waiting_text(state: AgentState) -> str:
    """What the page says while there is no customer on it."""
    texts = {
        AgentState.PAUSED: "You are paused; no call comes until you go on.",
        AgentState.OFFLINE: "The PBX does not see you. Log in on your phone.",
        AgentState.TALKING: "You have a live caller.",
        AgentState.RINGING: "Your phone rings.",
        AgentState.WRAPPING_UP: "Nothing to write down. Go on when you are ready.",
    }
    return texts.get(state, "The next customer appears here by itself.")

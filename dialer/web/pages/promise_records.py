"""Pages on what became of promises: one with its history, and the sums by day and queue."""

from datetime import date, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Rule
from dialer.services.agents.agents import list_agents
from dialer.services.promises import promises
from dialer.services.promises.ledger_audit import audit_promises
from dialer.services.promises.one_promise import call_now, promise_card
from dialer.services.promises.owners import NoSuchAgent, assign_promise
from dialer.services.promises.wait_learning import wait_report
from dialer.web.access.asked import Asking, shown_to
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError, not_found, refuse
from dialer.web.routers import page_router
from dialer.web.schemas import AssignInput

router = page_router()

ACTOR: Final = "manager's page"
DAYS_SHOWN: Final = 14  # of the ledger, where nothing is asked for


@router.get("/promises/ledger")
def show_ledger(
    request: Request,
    deps: AtFront,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    queue: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    """The sums by day and queue, each promise that is at fault, and how good each way of telling waits is."""
    zone = deps.settings.queues.zone
    until = last or deps.now().astimezone(ZoneInfo(zone)).date()
    since = first or until - timedelta(days=DAYS_SHOWN - 1)
    audit = audit_promises(deps.database, zone, first=since, last=until, queue=queue or None)
    waits = wait_report(deps.database, queue or deps.settings.queues.inbound)
    return deps.page(
        request,
        "promise_ledger.html",
        {
            "audit": audit,
            "first": since,
            "last": until,
            "queue": queue or "",
            "queues": deps.settings.queues.callers(),
            "waits": waits,
        },
    )


@router.get("/promises/{promise}")
def show_promise(request: Request, promise: Id, deps: AtFront) -> Response:
    """One promise: where it stands, what comes next, and every step of its life."""
    card = promise_card(deps.database, promise, deps.now())
    if card is None:
        raise RequestError(Rule.PROMISE_UNKNOWN.value, "There is no such promise.", status=404)
    waits = card.state is PromiseState.WAITING
    visitor = shown_to(request)
    seen = list_agents(deps.database, deps.now()) if waits else ()
    return deps.page(
        request,
        "promise.html",
        {
            "promise": card,
            "waits": waits,
            "history": promises.promise_history(deps.database, promise),
            "agents": [agent for agent in seen if visitor.may_see(agent.id)],
        },
    )


@router.post("/promises/{promise}/assign")
def assign(promise: Id, form: Annotated[AssignInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Have one agent keep it, or whoever is free."""
    give_to(deps, promise, form, visitor.actor(ACTOR))
    return RedirectResponse(f"/promises/{promise}", 303)


def give_to(deps: Dependencies, promise: int, form: AssignInput, actor: str) -> None:
    """Assign it; raises `RequestError` where that cannot be."""
    refused = assign_promise(deps.database, promise, form.agent, actor, deps.now())
    if isinstance(refused, NoSuchAgent):
        raise not_found("agent")
    if refused is not None:
        raise refuse(refused)


@router.post("/promises/{promise}/call-now")
def call(promise: Id, deps: AtFront, visitor: Asking) -> Response:
    """Let it be due at once, at the place it has."""
    refused = call_now(deps.database, promise, visitor.actor(ACTOR), deps.now())
    if refused is not None:
        raise refuse_call_now(refused.rule)
    return RedirectResponse(f"/promises/{promise}", 303)


def refuse_call_now(rule: Rule) -> RequestError:
    """It is not there, or not waiting."""
    return RequestError(
        rule.value,
        "There is no such promise to call now: it is over, being kept, or its caller is on the line.",
    )

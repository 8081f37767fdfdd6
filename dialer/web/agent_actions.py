"""What agents and supervisors ask for, from the form and the API alike."""

from dialer.core.agents.leave import Leave, LeaveKind, next_moment
from dialer.services.agents import agents, leaves, previews
from dialer.services.agents.agents import AgentCard
from dialer.services.agents.closing_signals import SaidClosing, say_closing
from dialer.services.agents.dispositions import RecordedDisposition, record_disposition
from dialer.services.agents.leaves import Direction
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError, not_found, passed
from dialer.web.schemas import (
    DirectionInput,
    DispositionFields,
    LeaveInput,
    PreviewInput,
    WishInput,
    on_customers_clock,
)


def take_wish(deps: Dependencies, agent: str, form: WishInput) -> None:
    """Hand a wish to the engine. Raises `RequestError` for an agent nobody knows."""
    _known(agents.wish(deps.database, agent, form.wish, deps.now()))
    deps.dashboards.ring()


def take_leave(deps: Dependencies, agent: str, form: LeaveInput) -> None:
    """Plan a leave, or none. Raises `RequestError` for an unknown agent or reason."""
    leave = None
    if form.kind != "stay":
        now = deps.now()
        at = now if form.at is None else next_moment(form.at, now, deps.settings.queues.zone)
        kind = LeaveKind(form.kind)
        leave = Leave(at=at, kind=kind, reason=_reason(deps, form.reason) if kind is LeaveKind.PAUSE else "")
    _known(leaves.plan_leave(deps.database, agent, leave))
    deps.dashboards.ring()


def take_closing(deps: Dependencies, agent: str, attempt: str) -> SaidClosing:
    """Hand on that a talk or wrap-up is about to end. Raises `RequestError` where over or not theirs."""
    said = passed(say_closing(deps.database, agent, attempt, deps.now()))
    deps.dashboards.ring()
    return said


def take_disposition(
    deps: Dependencies, agent: str, attempt: str, form: DispositionFields, card: AgentCard | None
) -> RecordedDisposition:
    """Write down what came of a call. Raises `RequestError` where a rule refuses it.

    A moment without an offset is on the clock of the customer on the agent's `card`.
    """
    call = card.call if card is not None else None
    zones = call.zones if call is not None and call.attempt == attempt else ()
    recorded = passed(
        record_disposition(
            deps.database,
            agent,
            attempt,
            form.disposition,
            form.note,
            on_customers_clock(form.call_again_at, zones),
            deps.now(),
        )
    )
    deps.dashboards.ring()
    return recorded


def take_direction(deps: Dependencies, agent: str, form: DirectionInput, actor: str) -> None:
    """A supervisor's word. Raises `RequestError` for an unknown agent or reason."""
    reason = _reason(deps, form.reason) if form.act == "pause" else ""
    direction = Direction(act=form.act, why=form.why, reason=reason)
    _known(leaves.direct_agent(deps.database, agent, direction, deps.now(), actor))
    deps.dashboards.ring()


def take_preview(deps: Dependencies, agent: str, form: PreviewInput) -> None:
    """Call or skip the customer before the agent. Raises `RequestError` where that preview is over."""
    if form.act == "call":
        done = previews.ask_for_call(deps.database, agent, form.lead)
    else:
        done = previews.skip_preview(deps.database, agent, form.lead, form.reason, deps.now())
    if not done:
        raise RequestError("preview.over", "This customer is no longer yours to call: the time was over.")
    deps.dashboards.ring()


def _reason(deps: Dependencies, reason: str) -> str:
    known = deps.settings.pause_reasons
    if not reason:
        return known[0]
    if reason not in known:
        raise RequestError("pause.reason-unknown", f"A pause is for one of: {', '.join(known)}.")
    return reason


def _known(done: bool) -> None:  # noqa: FBT001 - the answer of a service, looked at once
    if not done:
        raise not_found("agent")

"""What agents and supervisors ask for, from the form and the API alike."""

from dialer.core.leave import Leave, LeaveKind, next_moment
from dialer.services import agents, leaves, previews
from dialer.services.closings import SaidClosing, say_closing
from dialer.services.leaves import Direction
from dialer.web.faults import Fault, not_found, passed
from dialer.web.front import Front
from dialer.web.inputs import DirectionInput, LeaveInput, PreviewInput, WishInput


def take_wish(front: Front, agent: str, form: WishInput) -> None:
    """Hand a wish to the engine. Raises `Fault` for an agent nobody knows."""
    _known(agents.wish(front.book, agent, form.wish, front.now()))
    front.live.ring()


def take_leave(front: Front, agent: str, form: LeaveInput) -> None:
    """Plan a leave, or none. Raises `Fault` for an unknown agent or reason."""
    leave = None
    if form.kind != "stay":
        now = front.now()
        at = now if form.at is None else next_moment(form.at, now, front.settings.queues.zone)
        kind = LeaveKind(form.kind)
        leave = Leave(at=at, kind=kind, reason=_reason(front, form.reason) if kind is LeaveKind.PAUSE else "")
    _known(leaves.plan_leave(front.book, agent, leave))
    front.live.ring()


def take_closing(front: Front, agent: str, attempt: str) -> SaidClosing:
    """Hand on that a talk or wrap-up is about to end. Raises `Fault` where it is over or not theirs."""
    said = passed(say_closing(front.book, agent, attempt, front.now()))
    front.live.ring()
    return said


def take_direction(front: Front, agent: str, form: DirectionInput, actor: str) -> None:
    """A supervisor's word. Raises `Fault` for an unknown agent or reason."""
    reason = _reason(front, form.reason) if form.act == "pause" else ""
    direction = Direction(act=form.act, why=form.why, reason=reason)
    _known(leaves.direct_agent(front.book, agent, direction, front.now(), actor))
    front.live.ring()


def take_preview(front: Front, agent: str, form: PreviewInput) -> None:
    """Call or skip the customer before the agent. Raises `Fault` where that preview is over."""
    if form.act == "call":
        done = previews.ask_for_call(front.book, agent, form.lead)
    else:
        done = previews.skip_preview(front.book, agent, form.lead, form.reason, front.now())
    if not done:
        raise Fault("preview.over", "This customer is no longer yours to call: the time was over.")
    front.live.ring()


def _reason(front: Front, reason: str) -> str:
    known = front.settings.pause_reasons
    if not reason:
        return known[0]
    if reason not in known:
        raise Fault("pause.reason-unknown", f"A pause is for one of: {', '.join(known)}.")
    return reason


def _known(done: bool) -> None:  # noqa: FBT001 - the answer of a service, looked at once
    if not done:
        raise not_found("agent")

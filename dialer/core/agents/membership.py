"""An agent's memberships of queues, as the PBX states them, read as one state."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from dialer.core.agents.state import AgentState
from telephony.calls.events import Device, MemberSeen

RESERVED: Final = "reserved"  # pause reason in the inbound queue: kept for an outbound call
DID_NOT_ANSWER: Final = "did_not_answer"  # pause reason after rings that nobody picked up
DID_NOT_START: Final = "did_not_start"  # pause reason after a preview that nobody called or skipped
WRAPPING_UP: Final = "wrapping_up"  # pause reason from the bridge until the disposition

DEVICE_STATES: Final = {
    Device.UNAVAILABLE: AgentState.OFFLINE,
    Device.UNKNOWN: AgentState.OFFLINE,
    Device.IN_USE: AgentState.TALKING,
    Device.RINGING: AgentState.RINGING,
}


def read_state(members: Iterable[MemberSeen], *, inbounds: Collection[str]) -> tuple[AgentState, str]:
    """An agent's state and pause reason from all its memberships; the newest device state holds."""
    seen: Sequence[MemberSeen] = sorted(members, key=lambda member: member.at)
    if not seen:
        return AgentState.OFFLINE, ""
    device = seen[-1].device
    if device in DEVICE_STATES:
        return DEVICE_STATES[device], ""
    if seen[-1].in_call:
        return AgentState.TALKING, ""
    outbound_first = sorted(seen, key=lambda member: member.queue in inbounds)
    paused = next((member for member in outbound_first if member.paused), None)
    if paused is None:
        return AgentState.READY, ""
    if paused.reason == RESERVED:
        return AgentState.RESERVED, paused.reason
    if paused.queue not in inbounds and paused.reason == WRAPPING_UP:
        return AgentState.WRAPPING_UP, paused.reason
    return AgentState.PAUSED, paused.reason

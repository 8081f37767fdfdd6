"""Whatever the PBX says in the middle of a turn, the turn goes on."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

from dialer.core.agents.floor import FloorState
from dialer.core.agents.pbx_commands import PbxCommand
from dialer.core.agents.state import AgentState
from dialer.engine.agent_allocation import AgentAllocator
from telephony.calls.events import Device, MemberSeen

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NAMES = ("amira", "ben", "chloe")


class PausedByTheSupervisor:
    """A roster that hears, while the first agent is released, what a supervisor did to the second."""

    def __init__(self, floor: FloorState) -> None:
        self.floor = floor
        self.told: list[str] = []

    async def tell(self, effects: tuple[PbxCommand, ...]) -> bool:
        self.told += [effect.interface for effect in effects]
        see(self.floor, "ben", paused=True, reason="coaching")
        return True


def see(floor: FloorState, agent: str, *, paused: bool = False, reason: str = "") -> None:
    for queue in ("support", "outbound"):
        floor.see(
            MemberSeen(
                at=NOON, queue=queue, agent=agent, interface=f"PJSIP/{agent}", device=Device.FREE,
                paused=paused, reason=reason, in_call=False,
            )
        )  # fmt: skip


def test_an_agent_whom_a_supervisor_paused_meanwhile_is_not_released_and_the_others_are() -> None:
    floor = FloorState(inbound="support")
    for name in NAMES:
        see(floor, name)
        floor.reserve(floor.agents[name], NOON)
    roster = PausedByTheSupervisor(floor)
    agents = AgentAllocator(SimpleNamespace(clock=lambda: NOON), floor, None, roster)

    asyncio.run(agents.let_go())

    assert ["PJSIP/amira", "PJSIP/chloe"] == roster.told
    assert AgentState.PAUSED is floor.agents["ben"].state

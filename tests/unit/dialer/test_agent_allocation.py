"""Whatever the PBX says in the middle of a turn, the turn goes on."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from callbacks.lead_time import CallingAhead
from dialer.core.agents.floor import FloorState
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.membership import WRAPPING_UP
from dialer.core.agents.on_floor import AgentOnFloor, CallOnFloor
from dialer.core.agents.pbx_commands import Pause, PbxCommand
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


TEN = CallingAhead(timedelta(seconds=10))


class WrapUps:
    """A roster whose agents' wrap-ups end ten seconds past noon, and which tells the PBX nothing."""

    def __init__(self, floor: FloorState) -> None:
        self.floor = floor

    def wrap_up_ends(self, agent: AgentOnFloor) -> datetime:
        return agent.since + timedelta(seconds=10)

    async def tell(self, effects: tuple[PbxCommand, ...]) -> bool:
        for effect in effects:
            name = effect.interface.removeprefix("PJSIP/")
            queues = ("support", "outbound") if effect.queue is None else (effect.queue,)
            for queue in queues:
                kept = isinstance(effect, Pause)
                seat = replace(
                    self.floor.agents[name].members[queue],
                    paused=kept,
                    reason=effect.reason if isinstance(effect, Pause) else "",
                )
                self.floor.see(seat)
        return True


def one_who_wraps_up() -> tuple[FloorState, AgentAllocator]:
    floor = FloorState(inbound="support")
    see(floor, "amira", paused=True, reason=WRAPPING_UP)
    policy = SimpleNamespace(ring_s=30)
    app = SimpleNamespace(clock=lambda: NOON, database=SimpleNamespace(policy=policy))
    pacers = SimpleNamespace(wrapped_up=lambda agent, at: None)
    return floor, AgentAllocator(app, floor, pacers, WrapUps(floor))


def called(floor: FloorState, attempt: str = "wb-12345678") -> CallOnFloor:
    call = CallOnFloor(attempt=attempt, placed_at=NOON, promise=1)
    floor.place(call)
    return call


def test_an_agent_is_soon_free_only_where_the_wrap_up_ends_within_the_lead_whatever_happens() -> None:
    floor, agents = one_who_wraps_up()

    assert agents.soon_free(CallingAhead(timedelta(seconds=9))) == []
    assert [agent.id for agent in agents.soon_free(TEN)] == ["amira"]
    leaves = Leave(kind=LeaveKind.PAUSE, reason="lunch", at=NOON + timedelta(seconds=20))
    floor.agents["amira"].leave = leaves
    assert agents.soon_free(TEN) == [], "who leaves while the phone may ring is not asked"


def test_an_agent_is_called_for_where_wrap_ups_that_lasted_so_long_are_as_good_as_over() -> None:
    floor, agents = one_who_wraps_up()
    amira = floor.agents["amira"]
    since = NOON - amira.since

    assert agents.soon_free(CallingAhead(start=since + timedelta(seconds=1))) == []
    assert agents.soon_free(CallingAhead(start=since)) == [amira]
    amira.longer = timedelta(seconds=60)
    assert agents.soon_free(CallingAhead(start=since)) == [], "who asked for longer takes longer"


def test_an_agent_for_whom_a_customer_is_called_is_kept_for_them_from_the_end_of_the_wrap_up() -> None:
    floor, agents = one_who_wraps_up()
    call = called(floor)
    agents.expect(floor.agents["amira"], call.attempt)
    assert agents.soon_free(TEN) == [], "one customer for one agent"

    asyncio.run(agents.free_again([floor.agents["amira"]], ()))
    assert floor.agents["amira"].state is AgentState.RESERVED
    asyncio.run(agents.let_go())
    assert floor.agents["amira"].state is AgentState.RESERVED, "the customer's phone still rings"

    floor.forget(call.attempt)
    asyncio.run(agents.let_go())
    assert floor.agents["amira"].state is AgentState.READY, "nobody picked up: everybody's again"


def test_a_call_for_one_who_wraps_up_takes_no_free_agent() -> None:
    floor, agents = one_who_wraps_up()
    call = called(floor)
    agents.expect(floor.agents["amira"], call.attempt)
    see(floor, "ben")

    secured = asyncio.run(agents.secure(2))

    assert secured == [floor.agents["ben"]]
    assert floor.agents["ben"].state is AgentState.RESERVED

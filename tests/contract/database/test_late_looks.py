"""A look at the PBX that is late: what it saw over a link that is lost by then hides nobody who went."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from databases.centre import PBX, Centre

from dialer.engine.leader import LeaderSession
from dialer.pbx_settings import AgentSettings, PbxSettings
from dialer.settings import Settings
from telephony.asterisk.config.model import AgentLine
from telephony.calls.events import Device, Fact, LinkLost, LinkUp, MemberSeen, PbxSnapshot

AGENTS = ("anna", "ben")


class RestartedPbx:
    """A link whose PBX forgets all agents at its second start."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.heard: asyncio.Queue[Fact] = asyncio.Queue()
        self.there: tuple[str, ...] = AGENTS
        self.put_back: set[str] = set()
        self.all_back = asyncio.Event()

    async def facts(self) -> AsyncIterator[Fact]:
        while True:
            yield await self.heard.get()

    async def snapshot(self) -> PbxSnapshot:
        members = tuple(
            MemberSeen(at=self.centre.now, queue="outbound", agent=name, interface=f"PJSIP/{name}",
                       device=Device.FREE, paused=False, reason="", in_call=False)
            for name in self.there
        )  # fmt: skip
        return PbxSnapshot(taken_at=self.centre.now, booted_at=None, channels=(), members=members, callers=())

    async def add_member(self, queue: str, line: AgentLine, *, reason: str | None = None) -> None:
        del queue, reason
        self.put_back.add(line.id)
        if self.put_back == set(AGENTS):
            self.all_back.set()


class HeldUpOnce:
    """The writing of facts: the first who waits for it waits until somebody else has come by."""

    def __init__(self) -> None:
        self.waits, self.goes_on = asyncio.Event(), asyncio.Event()

    async def join(self) -> None:
        if self.waits.is_set():
            self.goes_on.set()
        else:
            self.waits.set()
            await self.goes_on.wait()


async def restarted_during_a_look(
    session: LeaderSession, pbx: RestartedPbx, boot: datetime, *, is_over_first: bool
) -> None:
    hears = asyncio.create_task(session.hear())
    pbx.heard.put_nowait(LinkUp(at=boot, booted_at=boot))
    async with asyncio.timeout(20):
        await session.looked.wait()
        held_up = HeldUpOnce()
        session.facts = cast("Any", held_up)
        late = asyncio.create_task(session._look(after_gap=is_over_first))
        await held_up.waits.wait()
        pbx.there = ()
        again = boot + timedelta(seconds=3)
        pbx.heard.put_nowait(LinkLost(at=again, reason="killed"))
        if is_over_first:
            session.changed.clear()
            await session.changed.wait()
            held_up.goes_on.set()
            await late
        pbx.heard.put_nowait(LinkUp(at=again, booted_at=again))
        await late
        await pbx.all_back.wait()
    hears.cancel()


@pytest.mark.parametrize("is_over_first", [False, True], ids=["after it is back", "while it is away"])
def test_agents_are_put_back_though_a_look_from_before_the_restart_ends(
    centre: Centre, *, is_over_first: bool
) -> None:
    settings = Settings(
        pbx=PbxSettings(name=PBX), agents=[AgentSettings(id=name, phone=f"PJSIP/{name}") for name in AGENTS]
    )
    app: Any = SimpleNamespace(
        settings=settings, database=centre.database, clock=lambda: centre.now, redis_url=None
    )
    pbx = RestartedPbx(centre)
    boot = centre.now.replace(microsecond=0)
    session = LeaderSession(app, cast("Any", pbx), {}, {})

    asyncio.run(restarted_during_a_look(session, pbx, boot, is_over_first=is_over_first))

    assert set(AGENTS) == pbx.put_back

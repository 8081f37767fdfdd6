"""A reboot of the host ends engine and PBX together; whoever was at work minutes ago is at work again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from databases.centre import MONDAY, Centre

from dialer.bootstrap import App, open_app
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.membership import WRAPPING_UP
from dialer.core.agents.state import AgentState
from dialer.engine.engine import Engine
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings
from dialer.services.agents.agents import agent_card, wish
from dialer.services.agents.last_roster import RosterSeen, read_roster, save_roster
from dialer.services.agents.leaves import plan_leave
from dialer.services.calls.leadership import release_lease
from dialer.settings import PacingSettings, Settings
from telephony.simulator.behaviour import Behaviour, Reach, SimulatedAgent
from telephony.simulator.server import SimulatedPbx

SECRET = "winback-after-dark"  # noqa: S105 - a simulated PBX
WITHIN_S = 60.0
ANOTHER_START_S: Final = 3.0  # a PBX tells its start in whole seconds, and two of them may be the same start
PBX = "pbx"
READY, LUNCH, GONE, HEADSET, BREAK = "ready", "lunch", "gone", "headset", "break"
PHONES, HEADSETS = (READY, LUNCH, GONE), (HEADSET, BREAK)
PEOPLE = Behaviour(
    agents=(
        *(SimulatedAgent(id=name, reach=Reach.PHONE) for name in PHONES),
        *(SimulatedAgent(id=name) for name in HEADSETS),
    ),
    scripted=True, callers_per_hour=0, agent_answers_after_s=0.2,
)  # fmt: skip
ALL_OFFLINE = {(name, AgentState.OFFLINE, "") for name in (*PHONES, *HEADSETS)}


class Host:
    """A machine with a database that stays, and an engine and a PBX that come and go."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not met():  # noqa: ASYNC110 - the database sends no notification here
                await asyncio.sleep(0.02)

    async def sees(self, *expected: tuple[str, AgentState, str]) -> None:
        def shown() -> set[tuple[str, AgentState, str]]:
            cards = [agent_card(self.app.database, name) for name, _, _ in expected]
            return {(card.id, card.state, card.reason) for card in cards if card is not None}

        try:
            await self.until(lambda: shown() == set(expected))
        except TimeoutError:
            raise AssertionError(f"not {sorted(expected)} but {sorted(shown())}") from None

    @asynccontextmanager
    async def engine(self, pbx: SimulatedPbx) -> AsyncIterator[None]:
        engine = Engine(self.app)

        async def tell_pbx(agi: int) -> None:
            pbx.agi = (("127.0.0.1", agi),)

        running = asyncio.create_task(engine.run(on_agi=tell_pbx))
        try:
            yield
        finally:
            engine.stop()
            await asyncio.wait_for(running, WITHIN_S)

    async def works(self) -> None:
        """Log in, go to lunch, go home."""
        await self.sees(*ALL_OFFLINE)
        for name in (*PHONES, *HEADSETS):
            assert wish(self.app.database, name, "log_in")
        await self.sees(*((name, AgentState.READY, "") for name in (*PHONES, *HEADSETS)))
        for name, kind in ((LUNCH, LeaveKind.PAUSE), (BREAK, LeaveKind.PAUSE), (GONE, LeaveKind.LOG_OUT)):
            reason = "lunch" if kind is LeaveKind.PAUSE else ""
            leave = Leave(at=self.app.clock(), kind=kind, reason=reason)
            assert plan_leave(self.app.database, name, leave)
        await self.sees(
            (READY, AgentState.READY, ""), (LUNCH, AgentState.PAUSED, "lunch"),
            (GONE, AgentState.OFFLINE, ""), (HEADSET, AgentState.READY, ""),
            (BREAK, AgentState.PAUSED, "lunch"),
        )  # fmt: skip
        await self.until(lambda: self.kept() == {READY, LUNCH, HEADSET, BREAK})

    def kept(self) -> set[str]:
        """Who is at work, as the database has it."""
        seen = read_roster(self.app.database, PBX)
        return set(seen.at_work) if seen is not None else set()

    def remembered(self) -> RosterSeen:
        seen = read_roster(self.app.database, PBX)
        assert seen is not None
        return seen

    def passes(self, away: timedelta) -> None:
        """As if the PBX had been seen that much earlier."""
        seen = self.remembered()
        save_roster(self.app.database, PBX, replace(seen, seen_at=seen.seen_at - away))


async def boots(port: int = 0) -> tuple[SimulatedPbx, int]:
    """A PBX just started; nobody puts a headset on by themselves, so who is there was rung."""
    pbx = SimulatedPbx(PEOPLE, seed=5, username="winback", secret=SECRET)
    port = await pbx.start(port=port)
    pbx.restart()
    return pbx, port


def live(folder: Path, scene: Callable[[Host, SimulatedPbx, int], Awaitable[None]]) -> None:
    async def play() -> None:
        pbx, port = await boots()
        settings = Settings(
            data_dir=folder,
            clock_shift_s=(MONDAY - datetime.now(UTC)).total_seconds(),
            caller_id="+442079460999",
            pbx=PbxSettings(host="127.0.0.1", port=port, secret=SECRET),  # type: ignore[arg-type]
            agi=AgiSettings(port=0),
            agents=[
                *(AgentSettings(id=name, phone=f"PJSIP/{name}") for name in PHONES),
                *(AgentSettings(id=name, headset=f"PJSIP/{name}-set") for name in HEADSETS),
            ],
            pacing=PacingSettings(tick_s=0.05),
            log_level="error",
        )
        with open_app(settings) as app:
            release_lease(app.database, Centre(app.database).leadership_of_pbx)
            await scene(Host(app), pbx, port)

    asyncio.run(play())


async def booted_anew(
    pbx: SimulatedPbx, port: int, host: Host, meanwhile: Callable[[], Awaitable[None]] | None = None
) -> SimulatedPbx:
    """Another PBX at the same place; `meanwhile` is done while there is none."""
    kernel = pbx.exchange.kernel
    await host.until(lambda: kernel.unix_now - kernel.booted_at > ANOTHER_START_S)
    await pbx.stop()
    if meanwhile is not None:
        await meanwhile()
    return (await boots(port))[0]


def test_after_a_reboot_of_the_host_everybody_is_there_as_before(tmp_path: Path) -> None:
    async def scene(host: Host, pbx: SimulatedPbx, port: int) -> None:
        async with host.engine(pbx):
            await host.works()
        pbx = await booted_anew(pbx, port, host)
        async with host.engine(pbx):
            await host.sees(
                (READY, AgentState.READY, ""), (LUNCH, AgentState.PAUSED, "lunch"),
                (GONE, AgentState.OFFLINE, ""), (HEADSET, AgentState.READY, ""),
                (BREAK, AgentState.OFFLINE, ""),  # a headset on a break is rung when its agent asks for it
            )  # fmt: skip
            assert pbx.exchange.queue_system.members[GONE].paused == {}
        await pbx.stop()

    live(tmp_path, scene)


def test_after_a_quarter_of_an_hour_nobody_is_put_back(tmp_path: Path) -> None:
    async def scene(host: Host, pbx: SimulatedPbx, port: int) -> None:
        async with host.engine(pbx):
            await host.works()
        host.passes(timedelta(minutes=15))
        pbx = await booted_anew(pbx, port, host)
        async with host.engine(pbx):
            await host.until(lambda: host.kept() == set())  # the engine has looked
            await host.sees(*ALL_OFFLINE)
            members = pbx.exchange.queue_system.members
            assert not any(members[name].paused for name in PHONES)
            assert not any(members[name].headset for name in HEADSETS)
        await pbx.stop()

    live(tmp_path, scene)


def test_who_talked_when_the_host_went_down_wraps_up(tmp_path: Path) -> None:
    async def scene(host: Host, pbx: SimulatedPbx, port: int) -> None:
        async with host.engine(pbx):
            await host.works()
        seen = host.remembered()
        save_roster(host.app.database, PBX, replace(seen, at_work={READY: (AgentState.TALKING, "")}))
        pbx = await booted_anew(pbx, port, host)
        async with host.engine(pbx):
            await host.sees((READY, AgentState.WRAPPING_UP, WRAPPING_UP), (LUNCH, AgentState.OFFLINE, ""))
        await pbx.stop()

    live(tmp_path, scene)


def test_a_standby_that_takes_over_as_the_pbx_restarts_puts_everybody_back(tmp_path: Path) -> None:
    async def scene(host: Host, pbx: SimulatedPbx, port: int) -> None:
        async with AsyncExitStack() as first:
            await first.enter_async_context(host.engine(pbx))
            await host.works()
            async with host.engine(pbx):  # stands by
                pbx = await booted_anew(pbx, port, host, meanwhile=first.aclose)
                members = pbx.exchange.queue_system.members
                await host.until(lambda: bool(members[READY].paused and members[HEADSET].headset))
                await host.sees(
                    (READY, AgentState.READY, ""), (LUNCH, AgentState.PAUSED, "lunch"),
                    (GONE, AgentState.OFFLINE, ""), (HEADSET, AgentState.READY, ""),
                )  # fmt: skip
        await pbx.stop()

    live(tmp_path, scene)


def test_a_standby_that_takes_over_a_pbx_that_ran_on_puts_nobody_back(tmp_path: Path) -> None:
    async def scene(host: Host, pbx: SimulatedPbx, port: int) -> None:
        del port
        members = pbx.exchange.queue_system.members
        async with AsyncExitStack() as first:
            await first.enter_async_context(host.engine(pbx))
            await host.works()
            async with host.engine(pbx):  # stands by
                await first.aclose()
                assert members[READY].paused
                members[READY].paused.clear()  # went home while no engine led
                await host.until(lambda: host.kept() == {LUNCH, HEADSET, BREAK})
                await host.sees((READY, AgentState.OFFLINE, ""), (HEADSET, AgentState.READY, ""))
                assert members[READY].paused == {}
        await pbx.stop()

    live(tmp_path, scene)


def test_headsets_that_the_pbx_hung_up_before_it_restarted_are_rung_again(
    tmp_path: Path,
) -> None:
    async def scene(host: Host, pbx: SimulatedPbx, port: int) -> None:
        del port
        async with host.engine(pbx):
            await host.works()
            kernel = pbx.exchange.kernel
            await host.until(lambda: kernel.unix_now - kernel.booted_at > ANOTHER_START_S)
            await pbx.restart_in_order()
            assert not pbx.exchange.queue_system.members[HEADSET].headset
            await host.until(lambda: pbx.exchange.queue_system.members[HEADSET].headset is not None)
            await host.sees(
                (READY, AgentState.READY, ""), (LUNCH, AgentState.PAUSED, "lunch"),
                (HEADSET, AgentState.READY, ""), (BREAK, AgentState.OFFLINE, ""),
            )  # fmt: skip
        await pbx.stop()

    live(tmp_path, scene)

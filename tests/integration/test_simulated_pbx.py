"""The simulated PBX on its port: log-in as Asterisk asks for it, faults from a seed, a process of its own."""

import asyncio
import contextlib
import json
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from bench.testbed.raw_ami import RawAmi
from bench.testbed.server import wait_until

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.agi.server import AgiServer, AgiSession
from telephony.asterisk.ami.transport import LinkSettings, LoginWay
from telephony.calls.events import CallFact, Connected, Fact, Finished, LinkLost, LinkUp
from telephony.errors import ActionRefused, LinkDown, LoginRefused, OutcomeUnknown
from telephony.ports import CallOrder
from telephony.simulator.behaviour import Behaviour
from telephony.simulator.faults import FaultRates
from telephony.simulator.server import SimulatedPbx

SPEED = 40.0
STRIKES = 5
PATIENT_S = 3.0  # longer than the tracker waits for an end that it did not hear


@contextlib.asynccontextmanager
async def pbx_with_gate(
    behaviour: Behaviour, faults: FaultRates | None = None
) -> AsyncIterator[tuple[SimulatedPbx, int]]:
    async def permit(session: AgiSession) -> None:
        number = f"0770090{int(session.request.extension[-4:]):04d}"
        for name, value in (("NUMBER", number), ("TRUNK", "main"), ("RING", "25"), ("OK", "1")):
            await session.set_variable(f"WB_{name}", value)

    agi = AgiServer({"permit": permit}, "127.0.0.1")
    pbx = SimulatedPbx(behaviour, seed=5, agi=(("127.0.0.1", await agi.start()),), faults=faults)
    try:
        yield pbx, await pbx.start()
    finally:
        await pbx.stop()
        await agi.close()


def link(
    port: int,
    secret: str = "winback",  # noqa: S107 - a test
    login: LoginWay = LoginWay.CHALLENGE,
    backoff_first_s: float = 0.5,
) -> AmiPbx:
    settings = LinkSettings(
        host="127.0.0.1",
        port=port,
        username="winback",
        secret=secret,
        login=login,
        backoff_first_s=backoff_first_s,
    )
    return AmiPbx(settings, clock=lambda: datetime.now(UTC), rng=random.Random(1))  # noqa: S311 - spreads reconnects


@pytest.mark.parametrize("login", list(LoginWay))
def test_both_ways_to_log_in_are_accepted_with_the_right_secret_only(login: LoginWay) -> None:
    async def scenario() -> None:
        async with pbx_with_gate(Behaviour(callers_per_hour=0)) as (_, port):
            good, bad = link(port, login=login), link(port, "wrong", login)
            await good.start()
            await good.wait_ready(30)
            await good.close()
            await bad.start()
            with pytest.raises(LoginRefused):
                await bad.wait_ready(30)
            await bad.close()

    asyncio.run(scenario())


def test_nothing_is_done_for_strangers() -> None:
    async def scenario() -> None:
        async with pbx_with_gate(Behaviour(callers_per_hour=0)) as (pbx, port):

            def stranger() -> None:
                ami = RawAmi("127.0.0.1", port, "winback", "winback")
                with contextlib.closing(ami):
                    assert ami.ask("CoreShowChannels").get("Message") == "Permission denied"

            await asyncio.to_thread(stranger)
            assert pbx.truth().attempts == {}

    asyncio.run(scenario())


async def hear(pbx: AmiPbx, facts: list[Fact]) -> None:
    async for fact in pbx.facts():
        facts.append(fact)  # noqa: PERF401 - they are looked at while more come


@pytest.mark.parametrize(
    "rates",
    [
        FaultRates(),
        FaultRates(repeat=0.2),
        FaultRates(swap=0.2, delay=0.2, delay_s=0.2),
        FaultRates(lose=0.03, repeat=0.1, swap=0.1),
    ],
    ids=["none", "repeated", "out of order", "everything"],
)
def test_whatever_the_network_does_no_call_ends_twice_or_with_somebody_else(rates: FaultRates) -> None:
    calls = 60

    async def scenario() -> tuple[list[Fact], SimulatedPbx]:
        async with pbx_with_gate(Behaviour(speed=SPEED, callers_per_hour=0, talk_mean_s=30), rates) as (
            simulated,
            port,
        ):
            pbx, facts = link(port), []
            await pbx.start()
            await pbx.wait_ready(30)
            hearing = asyncio.create_task(hear(pbx, facts))
            for n in range(calls):
                await pbx.originate(CallOrder(attempt=f"wb-fault{n:04d}", queue="outbound", ring_s=25))
            attempts = simulated.exchange.truth.attempts.values()
            await asyncio.to_thread(
                wait_until, lambda: all(a.over for a in list(attempts)), 60, "all is over"
            )
            await asyncio.sleep(PATIENT_S)
            await pbx.close()
            await hearing
            return facts, simulated

    facts, simulated = asyncio.run(scenario())
    truth = simulated.truth().attempts
    assert len(truth) == calls
    assert all(each.dialed == 1 for each in truth.values())
    ends = [fact.attempt for fact in facts if isinstance(fact, Finished)]
    assert len(ends) == len(set(ends))
    if rates.lose == 0:
        assert set(ends) == set(truth)
        for fact in facts:
            if isinstance(fact, Finished):
                assert fact.agent == truth[fact.attempt].agent, [
                    f for f in facts if isinstance(f, CallFact) and f.attempt == fact.attempt
                ]
    for fact in facts:
        if isinstance(fact, Connected):
            assert fact.agent == truth[fact.attempt].agent


@pytest.mark.parametrize(
    "rates",
    [
        FaultRates(disconnect_every_s=0.5),
        FaultRates(restart_every_s=1.5),
        FaultRates(refuse_originate=0.3),
        FaultRates(stuck=0.3),
        FaultRates(disconnect_every_s=0.7, restart_every_s=3.0, refuse_originate=0.1, delay=0.1, repeat=0.1),
    ],
    ids=["disconnects", "restarts", "refusals", "stuck channels", "everything"],
)
def test_whatever_breaks_every_call_that_was_placed_is_dialled_once_and_ends_once(rates: FaultRates) -> None:
    calls = 60

    async def scenario() -> tuple[set[str], list[Fact], SimulatedPbx]:
        behaviour = Behaviour(speed=SPEED, callers_per_hour=0, talk_mean_s=30)
        async with pbx_with_gate(behaviour, rates) as (simulated, port):
            pbx, facts = link(port, backoff_first_s=0.02), []
            await pbx.start()
            await pbx.wait_ready(30)
            hearing = asyncio.create_task(hear(pbx, facts))
            placed = set()
            for n in range(calls):
                attempt = f"wb-broken{n:04d}"
                with contextlib.suppress(ActionRefused, LinkDown, OutcomeUnknown):
                    await pbx.originate(CallOrder(attempt=attempt, queue="outbound", ring_s=25))
                    placed.add(attempt)
                await asyncio.sleep(0.05)
            attempts = simulated.exchange.truth.attempts.values()
            await asyncio.to_thread(
                wait_until, lambda: all(a.over for a in list(attempts)), 60, "all is over"
            )
            stuck = set(simulated.exchange.kernel.stuck)

            def told() -> bool:
                return placed - stuck <= {fact.attempt for fact in facts if isinstance(fact, Finished)}

            await asyncio.to_thread(wait_until, told, 20, "every call's end is told")
            await pbx.close()
            await hearing
            return stuck, facts, simulated

    stuck, facts, simulated = asyncio.run(scenario())
    assert all(each.dialed <= 1 and each.originates <= 1 for each in simulated.truth().attempts.values())
    ends = [fact.attempt for fact in facts if isinstance(fact, Finished)]
    assert len(ends) == len(set(ends))
    assert bool(stuck) is (rates.stuck > 0)
    lost = sum(isinstance(fact, LinkLost) for fact in facts)
    assert (lost > 0) is (rates.disconnect_every_s + rates.restart_every_s > 0)
    boots = {fact.booted_at for fact in facts if isinstance(fact, LinkUp)}
    assert (len(boots) > 1) is (rates.restart_every_s > 0)


def test_the_same_seed_breaks_at_the_same_moments() -> None:
    async def moments() -> list[float]:
        struck: list[float] = []
        enough = asyncio.Event()
        began = asyncio.get_running_loop().time()
        pbx = SimulatedPbx(Behaviour(callers_per_hour=0), seed=9, faults=FaultRates(disconnect_every_s=0.05))

        def drop_links() -> None:
            struck.append(asyncio.get_running_loop().time() - began)
            if len(struck) == STRIKES:
                enough.set()

        pbx.drop_links = drop_links  # type: ignore[method-assign]
        await pbx.start()
        await asyncio.wait_for(enough.wait(), 20)
        await pbx.stop()
        return struck[:STRIKES]

    first, second = asyncio.run(moments()), asyncio.run(moments())
    assert first == pytest.approx(second, abs=0.15)


def test_a_refused_originate_is_told_to_whoever_asked() -> None:
    async def scenario() -> None:
        async with pbx_with_gate(Behaviour(callers_per_hour=0)) as (simulated, port):
            pbx = link(port)
            await pbx.start()
            await pbx.wait_ready(30)
            simulated.faults.refuse_next = 1
            with pytest.raises(ActionRefused):
                await pbx.originate(CallOrder(attempt="wb-refused0001", queue="outbound", ring_s=25))
            await pbx.originate(CallOrder(attempt="wb-refused0002", queue="outbound", ring_s=25))
            await pbx.close()
            assert set(simulated.truth().attempts) == {"wb-refused0002"}

    asyncio.run(scenario())


def test_it_runs_as_a_process_of_its_own_and_ends_when_told() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "telephony.simulator", "--agents", "2", "--speed", "10"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with RawAmi("127.0.0.1", told["port"], "winback", "winback") as ami:
            assert ami.wait_for(lambda frame: frame.event == "FullyBooted")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        process.stdout.close()

"""Runs every scenario once on every PBX and keeps what came of it; prints the table at the end."""

import asyncio
import random
import traceback
from typing import Any

import pytest
from contract import agent_first, legs, return_calls, scenarios, teams, transfers
from contract.agents_day import AGENTS_DAY
from contract.listener import Listener, now
from contract.scenarios import NO_AGI_FAILURE, NOTHING_OF_OTHERS, Scenario, Scene
from contract.venue import INBOUND, Venue
from contract.venues import (
    DEAF,
    LONELY,
    OUTBOUND,
    PHONE,
    SECRET,
    STANDING,
    USER,
    VENUES,
    open_venue,
    reaches_others,
)
from contract.wire_tap import WireTap

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.own_parts import OwnParts

TOGETHER = scenarios.TOGETHER | legs.TOGETHER | return_calls.TOGETHER
ONE_BY_ONE = (
    # first those with agents of their own: in others agents leave for good, on a busy machine several
    teams.ALONE
    | agent_first.ALONE
    | legs.ALONE
    | return_calls.ALONE
    | transfers.ALONE
    | scenarios.ALONE
    | AGENTS_DAY
)
EVERY_SCENARIO = (*TOGETHER, *ONE_BY_ONE, NO_AGI_FAILURE, NOTHING_OF_OTHERS)
#: scenarios that are played beside each other; all of them begin with a call, and fifty calls in one moment
#: are more than a busy machine connects within the time that the law gives each
AT_ONCE = 12
LONGEST_SCENARIO_S = 90
FACTS_TOLD = 40  # of all that was heard, before a scenario failed
Results = dict[str, str | None]  # scenario → what went wrong, None = nothing
RESULTS = pytest.StashKey[dict[str, Results]]()
HANDED_OVER = (
    "contract"  # under this name a worker of pytest-xdist hands its results to the process it serves
)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RESULTS] = {}


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_testnodedown(node: Any) -> None:
    """Puts the columns of the table together where each PBX was held by another worker."""
    node.config.stash[RESULTS].update(getattr(node, "workeroutput", {}).get(HANDED_OVER, {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    handed_over = getattr(session.config, "workeroutput", None)
    if handed_over is not None:
        handed_over[HANDED_OVER] = session.config.stash[RESULTS]


# one PBX is held by one worker, all scenarios of it
@pytest.fixture(
    scope="session", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in VENUES]
)
def results(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Results:
    """What came of every scenario on this PBX."""
    name: str = request.param
    if name != "simulated":
        request.getfixturevalue("asterisk")
    found = asyncio.run(hold_contract(name))
    pytestconfig.stash[RESULTS][name] = found
    return found


async def hold_contract(name: str) -> Results:
    """Every scenario on this PBX."""
    results: Results = {}
    async with open_venue(name) as venue, WireTap("127.0.0.1", venue.ami_port) as tap:
        settings = LinkSettings(
            host="127.0.0.1",
            port=tap.port,
            username=USER,
            secret=SECRET,
            action_timeout_s=30.0,  # two hundred calls at once on a machine that does other things too
            backoff_first_s=0.1,
            backoff_max_s=0.5,
            ring_slack_s=legs.ORDER_SLACK_S,
        )
        own = OwnParts(map(venue.line, (*STANDING, DEAF, PHONE)), (INBOUND, OUTBOUND, LONELY))
        pbx = AmiPbx(settings, clock=now, own=own, rng=random.Random(1))  # noqa: S311 - spreads reconnects
        ear = Listener(pbx)
        await pbx.start()
        await pbx.wait_ready()
        scene = Scene(venue, ear, tap)
        await _seat(scene, venue)
        places = asyncio.Semaphore(AT_ONCE)

        async def hold_in_place(what: str, play: Scenario) -> None:
            async with places:
                await _hold(results, what, play, scene)

        await asyncio.gather(*(hold_in_place(what, play) for what, play in TOGETHER.items()))
        for what, play in ONE_BY_ONE.items():
            await _hold(results, what, play, scene)
        await ear.close()
        others = [str(frame.pairs) for frame in tap.sent if reaches_others(frame, venue)]
        results[NOTHING_OF_OTHERS] = "\n".join(others) or None
        results[NO_AGI_FAILURE] = repr(venue.agi.failures) if venue.agi.failures else None
    return results


async def _seat(scene: Scene, venue: Venue) -> None:
    """Nobody serves the lonely queue, and the deaf phone rings nowhere unless a scenario wants it."""
    for agent in STANDING:
        await scene.ear.pbx.pause(venue.interface(agent), reason="contract", queue=LONELY)
    for queue in (OUTBOUND, LONELY, INBOUND):
        await scene.ear.pbx.add_member(queue, venue.line(DEAF), reason="contract")


async def _hold(results: Results, what: str, play: Scenario, scene: Scene) -> None:
    try:
        async with asyncio.timeout(LONGEST_SCENARIO_S):
            await play(scene)
    except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001 - becomes one cell of the table
        heard = [f"{fact}\n" for fact in scene.ear.facts[-FACTS_TOLD:]]
        told = [f"{failure!r}\n", *traceback.format_exception(failure), *heard, scene.venue.told()]
        results[what] = "".join(told)
    else:
        results[what] = None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    held = {name: config.stash[RESULTS][name] for name in VENUES if name in config.stash[RESULTS]}
    if not held:
        return
    terminalreporter.section("contract: scenario by PBX")
    width = max(len(what) for what in EVERY_SCENARIO)
    terminalreporter.write_line(" " * width + "  " + "  ".join(f"{name:>11}" for name in held))
    for what in EVERY_SCENARIO:
        cells = ("ok" if found.get(what, "?") is None else "FAILED" for found in held.values())
        terminalreporter.write_line(f"{what:<{width}}  " + "  ".join(f"{cell:>11}" for cell in cells))

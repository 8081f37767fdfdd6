"""Several engines on one database, each with a PBX and agents of its own, beside one alone.

They share a campaign, so what is measured is whether they get in each other's way: attempts that are opened
and then refused, and what an attempt costs each of them. Attempts a second of the processor say how many
engines' worth several are on as many processors, whatever this machine has.
"""

import asyncio
import json
import subprocess
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from dialer.bootstrap import App, open_app
from dialer.cli.bench_floor import (
    BUSY,
    WARM_UP_LIVES_S,
    FloorLoad,
    centre,
    engine_process,
    free_port,
    hear,
    simulated,
    tell,
)
from dialer.cli.console_output import say
from dialer.db.queries.attempts import count_opened
from dialer.lab.demo_agents import SampleAgents
from dialer.pbx_settings import AgentSettings
from dialer.settings import Settings
from telephony.bench.figures import Bar, at_least, at_most

REFUSED_SHARE: Final = 0.01
OF_THEIR_NUMBER: Final = 0.9  # four engines do 3.6 times what one does

Engine = subprocess.Popen[str]


def measure_engines(load: FloorLoad, count: int) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """One engine's figures with `load.agents` agents, those of all of them together, and the bars."""
    say(f"{count} engines of {load.agents} agents each, {load.speed:g} times as fast as life")
    with tempfile.TemporaryDirectory(prefix="winback-bench-") as folder, ExitStack() as stack:
        shared = centre(load, Path(folder))
        app = stack.enter_context(open_app(shared))
        places = [pbx_of(shared, load.agents, index) for index in range(count)]
        engines = Engines(app, load, stack)
        return asyncio.run(engines.measure(places))


def pbx_of(shared: Settings, agents: int, index: int) -> Settings:
    """The settings of one engine's process: a PBX and a port of its own, and agents whom only it reaches."""
    name, first = f"pbx{index + 1}", index * agents + 1
    own = [AgentSettings(id=f"a{number}", pbx=name) for number in range(first, first + agents)]
    return shared.model_copy(
        update={
            "pbx": shared.pbx.model_copy(update={"name": name}),
            "agi": shared.agi.model_copy(update={"port": free_port()}),
            "agents": own,
        }
    )


class Engines:
    """Engines that work, and the people they call for."""

    def __init__(self, app: App, load: FloorLoad, stack: ExitStack) -> None:
        self._app, self._load, self._stack = app, load, stack
        self._working: list[Engine] = []

    async def measure(self, places: list[Settings]) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
        """A window with the first of them alone, then one with all."""
        people = asyncio.create_task(SampleAgents(self._app, speed=self._load.speed, seed=1).work())
        try:
            await self._start(places[:1])
            alone = await self._window()
            await self._start(places[1:])
            together = await self._window()
        finally:
            people.cancel()
            with suppress(asyncio.CancelledError):
                await people
        return judged(alone, together, len(places))

    async def _start(self, places: list[Settings]) -> None:
        for place in places:
            first = int(place.agents[0].id.removeprefix("a"))
            port = self._stack.enter_context(simulated(place, self._load, first_agent=first))
            at = place.model_copy(update={"pbx": place.pbx.model_copy(update={"port": port})})
            self._working.append(self._stack.enter_context(engine_process(at)))
        await asyncio.sleep(WARM_UP_LIVES_S / self._load.speed)

    async def _window(self) -> dict[str, Any]:
        opened, refused = await asyncio.to_thread(self._opened)
        for engine in self._working:
            tell(engine, "begin")
        await asyncio.sleep(self._load.seconds)
        for engine in self._working:
            tell(engine, "figures")
        said = [json.loads(await asyncio.to_thread(hear, engine)) for engine in self._working]
        opened_then, refused_then = await asyncio.to_thread(self._opened)
        return summed(said) | {
            "opened": opened_then - opened,
            "refused_share": round((refused_then - refused) / max(1, opened_then - opened), 4),
        }

    def _opened(self) -> tuple[int, int]:
        with self._app.database.read() as tx:
            return count_opened(tx)


def summed(said: list[dict[str, Any]]) -> dict[str, Any]:
    """Several engines' figures as one."""
    attempts = sum(each["attempts"] for each in said)
    cpu_s = sum(each["cpu_share"] * each["seconds"] for each in said)
    return {
        "engines": len(said),
        "attempts": attempts,
        "attempts_of_each": [each["attempts"] for each in said],
        "utilisation": round(sum(each["utilisation"] for each in said) / len(said), 4),
        "attempts_a_processor_second": round(attempts / max(0.001, cpu_s), 2),
        "statements_an_attempt": round(
            sum(each["statements_a_second"] * each["seconds"] for each in said) / max(1, attempts), 2
        ),
        "machine_share": round(sum(each["machine_share"] for each in said) / len(said), 3),
    }


def judged(
    alone: dict[str, Any], together: dict[str, Any], count: int
) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """Both windows, and whether several engines are as good as their number, where that can be told.

    An engine that is kept from its processor does several attempts' work in one go, and each of its attempts
    then costs less: the ratio says something only where none of them stood in line.
    """
    worth = count * together["attempts_a_processor_second"] / max(0.001, alone["attempts_a_processor_second"])
    together = together | {"worth_engines": round(worth, 2)}
    bars = [
        at_most(f"{count} engines: refused, of attempts opened", together["refused_share"], REFUSED_SHARE)
    ]
    few = [
        name for name, each in (("one engine", alone), (f"{count} engines", together)) if not each["attempts"]
    ]
    if few or max(alone["machine_share"], together["machine_share"]) > BUSY:
        why = f"{' and '.join(few)} made no attempt" if few else "the machine was too busy"
        say(f"{count} engines: {why}; {worth:.2f} engines' worth by these figures, which is not judged.")
    else:
        bars.append(at_least(f"{count} engines, in engines' worth", round(worth, 2), OF_THEIR_NUMBER * count))
    return {"one engine": alone, f"{count} engines": together}, bars

"""The demo's people: the simulated customers, and sample agents who say what came of their calls."""

import asyncio
import random
from datetime import UTC, datetime, time, timedelta
from typing import Final

from dialer.bootstrap import App
from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose
from dialer.core.compliance.windows import LocalClock, next_opening
from dialer.services.agents.agents import list_agents, wish
from dialer.services.agents.dispositions import record_disposition
from telephony.simulator.behaviour import Behaviour, SimulatedAgent, lognormal

WRAP_UP_MEAN_S: Final = 20.0  # of the reference scenario (docs/pacing.md), before the demo's speed
WRAP_UP_CV: Final = 0.5
CALLERS_PER_HOUR: Final = 50.0  # about four in ten of eight agents' time, so that some have to wait
LOOK_EVERY_S: Final = 0.1
HOME: Final = "Europe/London"

# What comes of a good retention call. A word in ten saves and two in ten offers is what a sample agent
# says; no figure of the product rests on it.
SAID: Final = (
    (Disposition.SAVED, 0.35),
    (Disposition.OFFER_MADE, 0.25),
    (Disposition.LOST, 0.25),
    (Disposition.CALL_AGAIN, 0.1),
    (Disposition.OPT_OUT, 0.05),
)


def demo_behaviour(*, agents: int, speed: float, callers: tuple[str, ...]) -> Behaviour:
    """The demo's call centre: names for its agents, and customers who also ring in themselves."""
    return Behaviour(
        agents=tuple(SimulatedAgent(id=name) for name in agent_names(agents)),
        speed=speed,
        callers_per_hour=CALLERS_PER_HOUR,
        caller_numbers=callers,
    )


def agent_names(count: int) -> tuple[str, ...]:
    """Agent ids for a demo: readable, unique, any number of them."""
    first = ("anna", "bo", "carl", "dina", "erik", "frida", "gustav", "hedda", "ivar", "johanna")
    return tuple(
        first[index] if index < len(first) else f"{first[index % len(first)]}{index // len(first) + 1}"
        for index in range(count)
    )


def opening_time(now: datetime) -> datetime:
    """An hour into the next calling day of the demo's customers, who live in Great Britain."""
    rules = packaged_rulebook()
    clocks = [
        LocalClock(zone=HOME, hours=pack.hours[Purpose.MARKETING], calendar=rules.calendars.get("GB"))
        for pack in rules.packs_for("GB")
        if Purpose.MARKETING in pack.hours
    ]
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), tzinfo=UTC)
    opens = next_opening(clocks, tomorrow)
    if opens is None:
        raise RuntimeError("the rulebook never opens for Great Britain")
    return opens + timedelta(hours=1)


class SampleAgents:
    """Agents at their page: after each call they wait a while and say what came of it."""

    def __init__(self, app: App, *, speed: float, seed: int) -> None:
        self._app = app
        self._speed = speed
        self._chance = random.Random(seed)  # noqa: S311 - a demo repeats from its seed
        self._due: dict[str, datetime] = {}

    async def work(self) -> None:
        """Look at the floor again and again, until cancelled."""
        while True:
            await asyncio.to_thread(self._look)
            await asyncio.sleep(LOOK_EVERY_S)

    def _look(self) -> None:
        app, now = self._app, self._app.clock()
        wrapping = {
            agent.id: agent
            for agent in list_agents(app.database, app.clock())
            if agent.state is AgentState.WRAPPING_UP
        }
        for gone in self._due.keys() - wrapping.keys():
            del self._due[gone]
        for name, agent in wrapping.items():
            if name not in self._due:
                wait_s = lognormal(self._chance, WRAP_UP_MEAN_S, WRAP_UP_CV) / self._speed
                self._due[name] = agent.since + timedelta(seconds=wait_s)
            if now < self._due[name]:
                continue
            if agent.attempt is None:
                wish(app.database, name, "resume")
            else:
                self._say(name, agent.attempt, now)

    def _say(self, agent: str, attempt: str, now: datetime) -> None:
        words = [word for word, _share in SAID]
        shares = [share for _word, share in SAID]
        word = self._chance.choices(words, shares)[0]
        again = now + timedelta(hours=24) if word is Disposition.CALL_AGAIN else None
        record_disposition(self._app.database, agent, attempt, word, "", again, now)

"""An engine that is measured: `python -m dialer.cli.bench_floor_engine`, in a process of its own.

Settings come from the environment. Says on a line where it listens, and obeys the words it reads, a line
each: `begin` begins to measure, `figures` answers with a line of figures, `end` does the same and ends.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from dialer.bootstrap import open_app
from dialer.cli.unreachable_objects import look_seldom, pass_over_what_is_loaded
from dialer.core.agents.floor import FloorState
from dialer.core.agents.state import AgentState
from dialer.db.statement_count import StatementCount
from dialer.engine.engine import Engine
from dialer.settings import Settings

SEEN_EVERY_S: Final = 0.1  # how often agents' states are looked at
BUSY: Final = frozenset({AgentState.TALKING, AgentState.WRAPPING_UP})
STAT: Final = Path("/proc/stat")
KINDS: Final = (
    "user",
    "nice",
    "system",
    "idle",
    "iowait",
    "irq",
    "softirq",
    "steal",
)  # of time, in its order
AT_REST: Final = frozenset({"idle", "iowait"})
STATES: Final = (AgentState.READY, AgentState.RESERVED, AgentState.RINGING)


@dataclass(frozen=True, slots=True)
class UsedUp:
    """What the process had used up at one moment."""

    wall_s: float
    cpu_s: float
    machine_s: float  # of all its processors, by whoever
    statements: int
    commits: int

    def since(self, before: "UsedUp") -> "UsedUp":
        """What was used up from then on."""
        return UsedUp(
            self.wall_s - before.wall_s,
            self.cpu_s - before.cpu_s,
            self.machine_s - before.machine_s,
            self.statements - before.statements,
            self.commits - before.commits,
        )


class Watch:
    """What an engine uses up, and what its agents do meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._count = StatementCount(engine.app.database)
        self._seen: dict[AgentState, int] = {}
        self._late_s: list[float] = []

    def spent(self) -> UsedUp:
        """Everything so far."""
        return UsedUp(
            time.monotonic(),
            time.process_time(),
            machine_s(),
            self._count.statements,
            self._count.commits,
        )

    def begin(self) -> UsedUp:
        """Measure from here on."""
        self._seen, self._late_s = {}, []
        self._engine.load.clear()
        return self.spent()

    async def look(self) -> None:
        """Count the agents in each state, again and again, and how late the loop comes to it."""
        while True:
            view = self._engine.view()
            for agent in _floor_agents(view.floor if view is not None else None):
                self._seen[agent] = self._seen.get(agent, 0) + 1
            due = time.monotonic() + SEEN_EVERY_S
            await asyncio.sleep(SEEN_EVERY_S)
            self._late_s.append(time.monotonic() - due)

    def figures(self, before: UsedUp) -> dict[str, Any]:
        """What one window came to."""
        spent, load = self.spent().since(before), self._engine.load
        present = sum(seen for state, seen in self._seen.items() if state is not AgentState.OFFLINE)
        shares = {state: self._seen.get(state, 0) / max(1, present) for state in AgentState}
        turns, permits = list(load.turns_s), list(load.permits_s)
        calls = len(permits)  # the dialplan asks once for each attempt
        return {
            "seconds": round(spent.wall_s, 1),
            "attempts": calls,
            "attempts_a_second": round(calls / spent.wall_s, 2),
            "utilisation": round(sum(shares[state] for state in BUSY), 4),
            **{state.value: round(shares[state], 4) for state in STATES},
            "turns_a_second": round(len(turns) / spent.wall_s, 2),
            "turn_median_ms": milliseconds(turns, 50),
            "turn_p99_ms": milliseconds(turns, 99),
            "permit_median_ms": milliseconds(permits, 50),
            "permit_p99_ms": milliseconds(permits, 99),
            "permit_talk_p99_ms": milliseconds(list(load.talks_s), 99),
            "loop_late_p99_ms": milliseconds(self._late_s, 99),
            "cpu_share": round(spent.cpu_s / spent.wall_s, 4),
            "cpu_ms_an_attempt": each(1000 * spent.cpu_s, calls),
            "statements_an_attempt": each(spent.statements, calls),
            "commits_an_attempt": each(spent.commits, calls),
            "statements_a_second": round(spent.statements / spent.wall_s, 1),
            "machine_share": round(spent.machine_s / (spent.wall_s * (os.cpu_count() or 1)), 3),
        }


def _floor_agents(floor: FloorState | None) -> list[AgentState]:
    return [agent.state for agent in floor.agents.values()] if floor is not None else []


def each(amount: float, calls: int) -> float | None:
    """For one attempt; None where there was none."""
    return round(amount / calls, 2) if calls else None


def milliseconds(lengths_s: list[float], percent: int) -> float | None:
    """A percentile; None where nothing was measured."""
    if len(lengths_s) < len(("low", "high")):
        return round(1000 * lengths_s[0], 2) if lengths_s else None
    return round(1000 * quantiles(lengths_s, n=100)[percent - 1], 2)


def machine_s() -> float:
    """Seconds that all processors of this machine were at work, for whomever; 0 where nobody counts.

    By the first line of /proc/stat (proc_stat(5)): how long this process's threads stood in line says less.
    They hand work to one another, and each such moment is counted as if there had been no processor.
    """
    try:
        ticks = STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0
    at_work = (int(spent) for spent, kind in zip(ticks, KINDS, strict=False) if kind not in AT_REST)
    return sum(at_work) / os.sysconf("SC_CLK_TCK")


async def run() -> None:
    """Lead until told to end, by the rules of an engine's own process."""
    look_seldom()
    with open_app(Settings(), own_pbx=True) as app:
        engine = Engine(app)

        async def listens(port: int) -> None:
            say({"agi_port": port})

        pass_over_what_is_loaded()
        leading = asyncio.create_task(engine.run(on_agi=listens))
        watch = Watch(engine)
        looking = asyncio.create_task(watch.look())
        before = watch.begin()
        word = ""
        while word != "end":
            word = (await asyncio.to_thread(sys.stdin.readline)).strip() or "end"
            if word == "begin":
                before = watch.begin()
            else:
                say(watch.figures(before))
        looking.cancel()
        engine.stop()
        await leading


def say(line: dict[str, Any]) -> None:
    """One line for the process that started this one."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run())

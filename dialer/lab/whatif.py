"""A recorded day played again with other agents, another target or another mode, in a manager's words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dialer.core.pacing.facts import Mode
from dialer.core.pacing.trace import Record
from dialer.lab.comparison import Maker, Row, default_hours, play, rounded, summarise
from dialer.lab.policies import Progressive, Winback
from dialer.lab.replay import TraceUnusable, learn_scenario
from dialer.lab.scenario import Scenario
from dialer.lab.trace_stats import TraceStats, read_trace_stats

AGENTS: Final = re.compile(r"(?P<sign>[+-]?)(?P<count>\d{1,3})")
PLAYED: Final[tuple[Mode, ...]] = ("progressive", "predictive")
SMALL_WORDS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfChange:
    """How a floor is run: with so many agents, in this mode, aiming at this abandonment."""

    agents: int
    mode: Mode
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfAnswer:
    """What was recorded, what the lab makes of the same plan, and of the other one."""

    recorded: TraceStats
    was: WhatIfChange
    then: WhatIfChange
    as_it_was: Row
    what_if: Row

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "recorded": {
                "hours": round(self.recorded.seconds / 3600.0, 3),
                "utilisation": round(self.recorded.utilisation, 5),
                "abandonment": round(self.recorded.abandonment, 5),
                "idle_per_call_s": round(self.recorded.idle_per_call_s, 5),
                "answered": self.recorded.answered,
            },
            "as_it_was": {"agents": self.was.agents, "mode": self.was.mode, "target": self.was.target}
            | rounded(self.as_it_was),
            "what_if": {"agents": self.then.agents, "mode": self.then.mode, "target": self.then.target}
            | rounded(self.what_if),
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """The difference in one sentence."""
        old, new = self.as_it_was, self.what_if
        calls = [row.calls_per_agent_hour * plan.agents for row, plan in ((old, self.was), (new, self.then))]
        return (
            f"{self.change()}: an agent waits {new.idle_per_call_s:.0f} s for a call instead of "
            f"{old.idle_per_call_s:.0f} s and has {new.calls_per_agent_hour:.1f} calls an hour instead of "
            f"{old.calls_per_agent_hour:.1f}; the floor has {calls[1]:.0f} calls an hour instead of "
            f"{calls[0]:.0f}; of the customers who answer {new.abandonment:.1%} find no agent instead of "
            f"{old.abandonment:.1%}."
        )

    def change(self) -> str:
        """What is different, in words."""
        parts = []
        more = self.then.agents - self.was.agents
        if more:
            count = SMALL_WORDS[abs(more)] if abs(more) < len(SMALL_WORDS) else str(abs(more))
            who = "agent" if abs(more) == 1 else "agents"
            parts.append(f"{count} {who} {'more' if more > 0 else 'fewer'}")
        if self.then.mode != self.was.mode:
            parts.append(f"{self.then.mode} instead of {self.was.mode}")
        if self.then.target != self.was.target:
            parts.append(f"a target of {self.then.target:.1%} instead of {self.was.target:.1%}")
        words = " and ".join(parts) or "the same again"
        return words[0].upper() + words[1:]


def read_agents(text: str, recorded: int) -> int:
    """`10`, `+2` or `-2` as a number of agents. Raises ValueError on anything else, and below 1."""
    found = AGENTS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is neither a number of agents nor a change like +2 or -2")
    count = int(found["count"])
    agents = {"": count, "+": recorded + count, "-": recorded - count}[found["sign"]]
    if agents < 1:
        raise ValueError(f"{text} leaves {agents} of {recorded} agents")
    return agents


def ask(
    records: Sequence[Record],
    *,
    agents: str | None,
    target: float | None,
    mode: Mode | None,
    seeds: int,
    hours: float | None,
) -> WhatIfAnswer:
    """Play the recorded day as it was and as it would be.

    Raises TraceUnusable, or ValueError for a number of agents that is none.
    """
    scenario = learn_scenario(records)
    start = records[0]
    if start["kind"] != "start":
        raise TraceUnusable("a trace begins with a `start` record")
    was = WhatIfChange(
        agents=scenario.agents,
        mode=start["mode"] if start["mode"] in PLAYED else "progressive",
        target=float(start["settings"]["target"]),
    )
    then = WhatIfChange(
        agents=was.agents if agents is None else read_agents(agents, was.agents),
        mode=mode or was.mode,
        target=was.target if target is None else target,
    )
    rows = [play_change(scenario, plan, seeds=seeds, hours=hours) for plan in (was, then)]
    return WhatIfAnswer(
        recorded=read_trace_stats(records), was=was, then=then, as_it_was=rows[0], what_if=rows[1]
    )


def play_change(scenario: Scenario, plan: WhatIfChange, *, seeds: int, hours: float | None) -> Row:
    """The recorded customers under this plan."""
    maker: Maker = Progressive if plan.mode != "predictive" else (lambda: Winback(plan.target))
    here = replace(scenario, agents=plan.agents)
    measured = default_hours(plan.agents) if hours is None else hours
    return summarise(play(here, maker, seeds=range(seeds), hours=measured))

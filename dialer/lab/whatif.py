"""A recorded day played again with other agents, another target or another mode, in a manager's words.

First the day is played as it was. Only if what was recorded lies where the lab's own runs of it fall is a
change answered: a lab that cannot tell what happened cannot tell what would have.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from dialer.core.pacing.facts import Mode
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.trace import Record, read_event
from dialer.lab.comparison import Row, play, rounded, summarise
from dialer.lab.dialing_policy import DialingPolicy
from dialer.lab.intervals import MeanInterval, half_width
from dialer.lab.policies import Progressive, Winback
from dialer.lab.recorded import RecordedDay, TraceUnusable, read_day
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Tally
from dialer.lab.trace_stats import TraceStats

AGENTS: Final = re.compile(r"(?P<sign>[+-]?)(?P<count>\d{1,3})")
JOINTLY: Final = 1.0 - 0.05 / 3.0  # sure of each of three measures: 19 of 20 days lie within all of them
SMALL_WORDS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfChange:
    """How a floor is run: with so many agents, in this mode, aiming at this abandonment."""

    agents: int
    mode: Mode
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfAnswer:
    """What was recorded, what the lab makes of the same plan, and of the other one.

    `utilisation`, `abandonment` and `answered` say where one more run of the recorded day falls in the lab;
    `gain` is what the other plan adds to utilisation, run by run, and `gain_ci` half of its interval.
    """

    recorded: TraceStats
    was: WhatIfChange
    then: WhatIfChange
    as_it_was: Row
    utilisation: MeanInterval
    abandonment: MeanInterval
    answered: MeanInterval
    what_if: Row | None = None  # None: the recorded day could not be played again
    gain: float = 0.0
    gain_ci: float = 0.0
    parts: int = 1

    @property
    def reproduced(self) -> bool:
        """The recorded day is one that the lab would not be surprised by."""
        return not self.misfit()

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "recorded": {
                "hours": round(self.recorded.seconds / 3600.0, 3),
                "utilisation": round(self.recorded.utilisation, 5),
                "abandonment": round(self.recorded.abandonment, 5),
                "idle_per_call_s": round(self.recorded.idle_per_call_s, 5),
                "answered": self.recorded.answered,
                "parts": self.parts,
            },
            "reproduced": self.reproduced,
            "as_it_was": plan_as_json(self.was)
            | rounded(self.as_it_was)
            | {
                "utilisation_within": [round(self.utilisation.low, 5), round(self.utilisation.high, 5)],
                "abandonment_within": [round(self.abandonment.low, 5), round(self.abandonment.high, 5)],
                "answered_within": [round(self.answered.low, 1), round(self.answered.high, 1)],
            },
            "what_if": None
            if self.what_if is None
            else plan_as_json(self.then)
            | rounded(self.what_if)
            | {"gain": round(self.gain, 5), "gain_ci": round(self.gain_ci, 5)},
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """The difference in one sentence, or why there is none."""
        old, new = self.as_it_was, self.what_if
        if new is None:
            return f"The lab cannot play this day again and does not say what would differ: {self.misfit()}."
        calls = [row.calls_per_agent_hour * plan.agents for row, plan in ((old, self.was), (new, self.then))]
        return (
            f"{self.change()}: an agent waits {new.idle_per_call_s:.0f} s for a call instead of "
            f"{old.idle_per_call_s:.0f} s and has {new.calls_per_agent_hour:.1f} calls an hour instead of "
            f"{old.calls_per_agent_hour:.1f}; the floor has {calls[1]:.0f} calls an hour instead of "
            f"{calls[0]:.0f}; agents are busy {new.utilisation:.1%} of their time instead of "
            f"{old.utilisation:.1%} ({100 * self.gain:+.1f} ± {100 * self.gain_ci:.1f} points); of the "
            f"customers who answer {new.abandonment:.1%} find no agent instead of {old.abandonment:.1%}."
        )

    def misfit(self) -> str:
        """Where what was recorded and the lab's own runs of it part; nothing where they do not."""
        seen = self.recorded
        busy, lost, answered = self.utilisation, self.abandonment, self.answered
        parts = []
        if not busy.holds(seen.utilisation):
            parts.append(
                f"agents were busy {seen.utilisation:.1%} of their time, in the lab "
                f"{busy.low:.1%} to {busy.high:.1%}"
            )
        if not lost.holds(seen.abandonment):
            parts.append(
                f"{seen.abandonment:.1%} of the customers who answered found no agent, in the lab "
                f"{lost.low:.1%} to {lost.high:.1%}"
            )
        if not answered.holds(seen.answered):
            parts.append(
                f"{seen.answered} customers answered, in the lab {answered.low:.0f} to {answered.high:.0f}"
            )
        return " and ".join(parts)

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


def plan_as_json(plan: WhatIfChange) -> dict[str, Any]:
    """The plan as plain values."""
    return {"agents": plan.agents, "mode": plan.mode, "target": plan.target}


def ask(
    records: Iterable[Record],
    *,
    agents: str | None,
    target: float | None,
    mode: Mode | None,
    seeds: int,
    hours: float | None,
) -> WhatIfAnswer:
    """Play the recorded day, or its first `hours`, as it was, and if that succeeds as it would be.

    Raises TraceUnusable, or ValueError for a number of agents that is none, or fewer than two seeds.
    """
    if seeds < 2:  # noqa: PLR2004 - the fewest that differ
        raise ValueError("one run says nothing of how days differ: at least two seeds are needed")
    day = read_day(records, until_s=None if hours is None else 3600.0 * hours)
    settings = day.start["settings"]
    if day.start["mode"] == "preview":
        raise TraceUnusable("agents started these calls themselves: there is no pacing to play again")
    was = WhatIfChange(
        agents=max(1, round(day.agents)),
        mode="predictive" if day.start["mode"] == "predictive" else "progressive",
        target=float(settings["target"]),
    )
    then = WhatIfChange(
        agents=was.agents if agents is None else read_agents(agents, was.agents),
        mode=mode or was.mode,
        target=was.target if target is None else target,
    )
    before = play_change(day, was, more=0, seeds=seeds)
    answer = WhatIfAnswer(
        recorded=day.realised,
        was=was,
        then=then,
        as_it_was=summarise(before),
        utilisation=MeanInterval.of([tally.utilisation for tally in before], sure=JOINTLY),
        abandonment=MeanInterval.of([tally.abandonment for tally in before], sure=JOINTLY),
        answered=MeanInterval.of([tally.answered for tally in before], sure=JOINTLY, most=math.inf),
        parts=day.parts,
    )
    if not answer.reproduced:
        return answer
    after = play_change(day, then, more=then.agents - was.agents, seeds=seeds)
    gains = [new.utilisation - old.utilisation for new, old in zip(after, before, strict=True)]
    return replace(answer, what_if=summarise(after), gain=sum(gains) / len(gains), gain_ci=half_width(gains))


def play_change(day: RecordedDay, plan: WhatIfChange, *, more: int, seeds: int) -> list[Tally]:
    """The recorded day under this plan, with so many agents more (or fewer) at each moment."""

    def make() -> DialingPolicy:
        if plan.mode != "predictive":
            return Progressive()
        return Winback(plan.target, knowing=recorded_pacer(day, plan.target))

    return play(
        with_more(day.scenario, more), make, seeds=range(seeds), hours=day.seconds / 3600.0, warm_up_s=0.0
    )


def recorded_pacer(day: RecordedDay, target: float) -> PredictivePacer:
    """A pacer that begins where the recorded one did: settings, limit, beliefs, the day's calls so far."""
    settings = replace(PacerSettings(**day.start["settings"]), target=target)
    pacer = PredictivePacer(settings, PacingPrior(**day.start["prior"]))
    for lesson in day.lessons:
        pacer.observe(read_event(lesson))
    pacer.budget.resume(answered=day.answered_today, abandoned=day.abandoned_today)
    return pacer


def with_more(scenario: Scenario, more: int) -> Scenario:
    """The same day with so many agents more, or fewer, at every moment at which anybody was there."""

    def count(agents: int) -> int:
        return max(0, agents + more) if agents else 0

    phases = tuple(
        phase if phase.agents is None else replace(phase, agents=count(phase.agents))
        for phase in scenario.phases
    )
    return replace(scenario, agents=count(scenario.agents), phases=phases)

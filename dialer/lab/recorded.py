"""A recorded day as the engine's trace tells it, and the scenario in which the lab plays it again.

What is taken over: how long calls ring, talks and wrap-ups last (drawn again at random from those seen),
the answer rate and the callers of each hour, who was logged in and who was on a break when, the promises
and when they were rung, the lines, and when no lead could be rung. What the pacer was told before its first
call comes with it, so that it begins where the recorded one did.

Where the engine began anew in the course of the day, by a restart or because somebody changed the settings,
the longest stretch between two beginnings is the day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dialer.core.pacing.trace import Record
from dialer.lab.scenario import Break, RecordedTimes, Scenario, ScenarioPhase
from dialer.lab.trace_stats import SILENT_S, Measure, TraceStats

LEAST_CALLS: Final = 100  # a day, or an hour of it, with fewer calls says too little to play it again
HOUR_S: Final = 3600.0
CLOSED_S: Final = 10.0  # without a lead to ring for as long, the list was empty or the hour forbade it
NOT_TOLD: Final = (
    0.02  # share of the talks that may have no call of the trace before chance does not explain it
)
UNLIMITED: Final = 10_000  # lines that are no limit


class TraceUnusable(ValueError):
    """The file is no trace, or too little happened in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDay:
    """What was recorded: its figures, its world (whose time begins with it), and where its pacer began."""

    start: Record
    lessons: tuple[Record, ...]  # events that the pacer was told before its first decision
    answered_today: int  # as the database had it then
    abandoned_today: int
    realised: TraceStats
    scenario: Scenario
    parts: int = 1  # stretches that the trace holds, of which this is the longest

    @property
    def seconds(self) -> float:
        """From the first decision to the last."""
        return self.realised.seconds

    @property
    def agents(self) -> float:
        """Agents at work, on average."""
        return self.realised.logged_in_s / max(1.0, self.seconds)


def read_day(records: Iterable[Record], *, until_s: float | None = None) -> RecordedDay:
    """The day of a trace, at most so many seconds of it. Raises TraceUnusable if it says too little."""
    parts: list[_Part] = []
    for record in records:
        if record["kind"] == "start":
            parts.append(_Part(record))
        elif not parts:
            raise TraceUnusable("a trace begins with a `start` record")
        else:
            parts[-1].see(record, until_s)
    if not parts:
        raise TraceUnusable("there is nothing in this trace")
    longest = max(parts, key=lambda part: part.seconds)
    return replace(longest.day(), parts=len(parts))


@dataclass(slots=True)
class _Hour:
    """What was counted in an hour, or a few."""

    from_s: float
    talking: int = 0  # agents at its beginning
    answered: int = 0  # calls of leads
    failed: int = 0
    for_promises: int = 0  # promises whose customer answered
    abandoned: int = 0
    talks: int = 0  # that ended

    @property
    def calls(self) -> int:
        return self.answered + self.failed

    def add(self, other: "_Hour") -> None:
        """Take the next hour to this one."""
        for name in ("answered", "failed", "for_promises", "abandoned", "talks"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class _Away:
    """An agent's pause as it is seen to go on."""

    since_s: float
    announced_s: float | None  # when the plan to leave was first seen


@dataclass(slots=True)
class _Lengths:
    """Lengths that were seen."""

    answers: list[float] = field(default_factory=list)
    failures: list[float] = field(default_factory=list)
    talks: list[float] = field(default_factory=list)
    wraps: list[float] = field(default_factory=list)
    talks_said: list[float] = field(default_factory=list)  # from the agent's word to the end
    wraps_said: list[float] = field(default_factory=list)


class _Part:
    """A stretch of a trace with one pacer, as it is read."""

    def __init__(self, start: Record) -> None:
        self._start = start
        self._measure = Measure()
        self._lessons: list[Record] = []
        self._first: Record | None = None
        self._began_s = self._last_s = 0.0
        self._lengths = _Lengths()
        self._hours: list[_Hour] = []
        self._staff: list[ScenarioPhase] = []
        self._open: list[ScenarioPhase] = []
        self._is_open = True
        self._empty_since_s: float | None = None
        self._away: dict[str, _Away] = {}
        self._plans: dict[str, float] = {}  # who is to leave, and since when that is known
        self._breaks: list[Break] = []
        self._promises: list[float] = []
        self._promises_failed = 0
        self._agents = self._talking = 0
        self._lines = self._burst = 0

    @property
    def seconds(self) -> float:
        """From its first decision to its last."""
        return self._last_s

    def see(self, record: Record, until_s: float | None) -> None:
        """Take in one record."""
        decided = record["kind"] == "decide"
        if self._first is None and not decided:
            self._lessons.append(record)
            return
        if self._first is None:
            self._first, self._began_s = record, float(record["facts"]["now_s"])
        at_s = float(record["facts"]["now_s"] if decided else record["at_s"]) - self._began_s
        if until_s is not None and at_s > until_s:
            return
        self._measure.see(record)
        if decided:
            self._decision(record["facts"], at_s)
        else:
            self._event(record, max(0.0, at_s))

    def _hour(self, at_s: float) -> _Hour:
        while len(self._hours) <= at_s / HOUR_S:
            self._hours.append(_Hour(from_s=HOUR_S * len(self._hours), talking=self._talking))
        return self._hours[int(at_s / HOUR_S)]

    def _event(self, record: Record, at_s: float) -> None:
        hour, lengths, kind = self._hour(at_s), self._lengths, record["kind"]
        promised = record.get("for_promise", False)
        said_s = record.get("closing_s")
        if kind == "dialed" and promised:
            self._promises.append(at_s)
        elif kind == "answered" and promised:
            hour.for_promises += 1
        elif kind == "failed" and promised:
            self._promises_failed += 1
        elif kind == "answered":
            hour.answered += 1
            lengths.answers.append(float(record["ring_s"]))
        elif kind == "failed":
            hour.failed += 1
            lengths.failures.append(float(record["ring_s"]))
        elif kind == "abandoned":
            hour.abandoned += 1
        elif kind == "talk_ended":
            hour.talks += 1
            lengths.talks.append(float(record["talk_s"]))
            lengths.talks_said += [] if said_s is None else [float(said_s)]
        elif kind == "wrap_up_ended":
            lengths.wraps.append(float(record["wrap_s"]))
            lengths.wraps_said += [] if said_s is None else [float(said_s)]

    def _decision(self, facts: dict[str, Any], at_s: float) -> None:
        self._hour(at_s)
        agents = facts["agents"]
        self._talking = sum(agent["state"] == "talking" for agent in agents)
        if len(agents) != self._agents:
            self._agents = len(agents)
            self._staff.append(ScenarioPhase(start_s=at_s, agents=len(agents)))
        self._see_breaks(agents, at_s)
        self._see_room(facts, at_s)
        self._last_s = at_s

    def _see_breaks(self, agents: Sequence[dict[str, Any]], at_s: float) -> None:
        for agent in agents:
            name = agent["agent"]
            if agent["state"] != "paused":
                if agent.get("leaves_s") is not None:
                    self._plans.setdefault(name, at_s)
                if name in self._away:
                    self._came_back(name, at_s)
            elif name not in self._away:
                since_s = max(0.0, float(agent["since_s"]) - self._began_s)
                self._away[name] = _Away(since_s=since_s, announced_s=self._plans.pop(name, None))
        for name in self._away.keys() - {agent["agent"] for agent in agents}:
            self._came_back(name, at_s)

    def _came_back(self, name: str, at_s: float) -> None:
        away = self._away.pop(name)
        self._breaks.append(
            Break(
                start_s=away.since_s,
                length_s=max(0.0, at_s - away.since_s),
                agents=1,
                announced=away.announced_s is not None,
                notice_s=0.0 if away.announced_s is None else max(0.0, away.since_s - away.announced_s),
            )
        )

    def _see_room(self, facts: dict[str, Any], at_s: float) -> None:
        """When leads could be rung, and over how many lines at most."""
        if at_s - self._last_s > SILENT_S:
            self._turn(is_open=False, at_s=self._last_s)
            self._turn(is_open=True, at_s=at_s)
        if facts.get("candidates"):
            self._empty_since_s = None
            self._turn(is_open=True, at_s=at_s)
        elif self._empty_since_s is None:
            self._empty_since_s = at_s
        elif at_s - self._empty_since_s >= CLOSED_S:
            self._turn(is_open=False, at_s=self._empty_since_s)
        free = int(facts.get("lines_free", UNLIMITED))
        in_use = len(facts.get("calls", ())) + self._talking
        self._lines = max(self._lines, free + in_use)
        self._burst = max(self._burst, free)

    def _turn(self, *, is_open: bool, at_s: float) -> None:
        if is_open != self._is_open:
            self._is_open = is_open
            self._open.append(ScenarioPhase(start_s=at_s, dialling=is_open))

    def day(self) -> RecordedDay:
        """What came of it."""
        lengths = self._lengths
        calls = len(lengths.answers) + len(lengths.failures)
        seen = (lengths.answers, lengths.failures, lengths.talks, lengths.wraps, self._staff)
        if self._first is None or calls < LEAST_CALLS or not all(seen):
            raise TraceUnusable(
                f"only {calls} calls and {len(lengths.talks)} conversations ended in this trace"
            )
        for name in list(self._away):
            self._came_back(name, self._last_s)
        budget = self._first["facts"].get("budget", {})
        return RecordedDay(
            start=self._start,
            lessons=tuple(self._lessons),
            answered_today=budget.get("answered_today", 0),
            abandoned_today=budget.get("abandoned_today", 0),
            realised=self._measure.result(),
            scenario=self._world(),
        )

    def _world(self) -> Scenario:
        lengths = self._lengths
        talks, wraps = lengths.talks, lengths.wraps
        answered = sum(hour.for_promises for hour in self._hours)
        promises = answered + self._promises_failed
        none = [0.0] * max(
            0, len(talks) - len(wraps) - self._agents
        )  # talks after which nothing was to be done
        return Scenario(
            agents=self._staff[0].agents or 0,
            answer_rate=len(lengths.answers) / (len(lengths.answers) + len(lengths.failures)),
            talk_mean_s=_mean(talks),
            wrap_mean_s=_mean(wraps),
            patience_s=float(self._start["settings"].get("patience_s", 2.0)),
            sign_share=len(lengths.talks_said) / len(talks),
            sign_ahead_s=_mean(lengths.talks_said),
            wrap_sign_share=len(lengths.wraps_said) / len(wraps),
            wrap_sign_ahead_s=_mean(lengths.wraps_said),
            promise_answer_rate=answered / promises if promises else 1.0,
            lines=self._lines if self._lines < UNLIMITED else None,
            calls_per_s=self._burst if self._burst < UNLIMITED else None,
            breaks=tuple(self._breaks),
            phases=tuple(sorted(self._phases(), key=lambda phase: phase.start_s)),
            recorded=RecordedTimes(
                answers=tuple(lengths.answers),
                failures=tuple(lengths.failures),
                talks=tuple(talks),
                wraps=(*wraps, *none),
                promises=tuple(self._promises),
            ),
        )

    def _phases(self) -> Iterable[ScenarioPhase]:
        yield from self._staff[1:]
        yield from self._open
        hours: list[_Hour] = []
        for hour in self._hours:
            if hours and min(hours[-1].calls, hour.calls) < LEAST_CALLS:
                hours[-1].add(hour)
            else:
                hours.append(replace(hour))
        ends = [*((hour.from_s, hour.talking) for hour in hours[1:]), (self._last_s, self._talking)]
        others = [
            hour.talks + talking - hour.talking - (hour.answered + hour.for_promises - hour.abandoned)
            for hour, (_, talking) in zip(hours, ends, strict=True)
        ]
        told = sum(others) > NOT_TOLD * len(self._lengths.talks)
        for hour, other, (until_s, _) in zip(hours, others, ends, strict=True):
            yield ScenarioPhase(
                start_s=hour.from_s,
                answer_rate=hour.answered / hour.calls if hour.calls else None,
                inbound_per_hour=max(0.0, HOUR_S * other / max(1.0, until_s - hour.from_s)) if told else None,
            )


def _mean(lengths: Sequence[float]) -> float:
    """Their mean; 0 where there are none."""
    return sum(lengths) / max(1, len(lengths))

"""The floor as a supervisor looks at it: squares by team, who needs somebody first, and what changed.

A state is judged by how long it lasts: near its limit that is said, over it the agent is on the
list of those who need somebody. Only what changed is sent on, so that 300 agents cost a page little.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from dialer.core.agents.membership import DID_NOT_ANSWER
from dialer.core.agents.state import AgentState
from dialer.core.dashboard.view import AgentOnDashboard, EngineCondition, OfferRequestOnDashboard
from dialer.core.sentence import Said

NEAR: Final = 0.8  # of a limit: from here on it is said, so that somebody looks before it is reached
NO_TEAM: Final = ""

#: whole seconds since 1970: a third as long as a moment in words, and a page has 300 of them
Seconds = Annotated[datetime, PlainSerializer(lambda at: int(at.timestamp()), return_type=int)]


class Level(IntEnum):
    """How near something is to its limit."""

    FINE = 0
    NEAR = 1
    OVER = 2


class NeedKind(StrEnum):
    """Why somebody needs a supervisor; the most pressing first."""

    OFFER = "offer"  # asks for a yes, with the customer on the line
    PROMISE = "promise"  # not called by the time the caller was told
    WAIT = "wait"  # callers who wait for long
    MISSED = "missed"  # the phone rang and nobody picked up
    WRAP_UP = "wrap_up"
    WORDS = "words"  # talks of which nothing was written down
    TALK = "talk"
    PAUSE = "pause"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorLimits:
    """How long each state, and a caller's wait, may last, seconds, and how many words may be due."""

    seconds: Mapping[AgentState, float]
    wait_s: float
    words_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCalls:
    """Today's calls of a team's campaigns: answered by a person, left alone, and the share aimed at."""

    answered: int = 0
    abandoned: int = 0
    target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorFacts:
    """What is on the floor beside the dashboard: looked up more rarely."""

    teams: Mapping[str, str] = field(default_factory=dict)  # by id, what people call them
    team_of: Mapping[str, str] = field(default_factory=dict)  # the team under which an agent stands
    words_due: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)  # and since when the oldest
    late_promises: Sequence[tuple[int, str, datetime]] = ()  # id, reference, by when it was to be
    waiting: Sequence[tuple[str, int, datetime]] = ()  # by queue: callers in it, and when the first joined
    calls: Mapping[str, TeamCalls] = field(default_factory=dict)


NeedFacts = Mapping[str, str | int]  # what the words of a need are filled with


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FloorSquare(_Part):
    """One agent: `what` is their state as people say it, and the fields after `mark` what that is made of."""

    id: str
    name: str
    team: str
    state: AgentState
    what: str
    since: Seconds
    level: Level
    mark: str  # changes when anything in their panel does
    reason: str = Field("", exclude=True)
    missed: int = Field(0, exclude=True)
    too_long: bool = Field(default=False, exclude=True)


class FloorNeed(_Part):
    """Who or what needs somebody; `to` is where to go, `words` are `message` with its `facts`."""

    kind: NeedKind
    agent: str
    to: str
    words: str
    since: Seconds
    message: str = Field("", exclude=True)
    facts: NeedFacts = Field({}, exclude=True)


class TeamOnFloor(_Part):
    """A team's line: who is there, and today's calls against what is aimed at."""

    id: str
    name: str
    agents: int
    at_work: int
    talking: int
    ready: int
    answered: int
    abandoned: int
    share: float | None
    level: Level


class Floor(_Part):
    """The whole, of one moment."""

    engine: EngineCondition
    label: Said
    squares: tuple[FloorSquare, ...]
    needs: tuple[FloorNeed, ...]
    teams: tuple[TeamOnFloor, ...]


class FloorChanges(_Part):
    """What is another than before; `whole`: everything is there, and what is not is gone."""

    now: Seconds
    engine: EngineCondition
    label: Said
    whole: bool = False
    squares: tuple[FloorSquare, ...] = ()
    gone: tuple[str, ...] = ()
    needs: tuple[FloorNeed, ...] | None = None
    teams: tuple[TeamOnFloor, ...] | None = None


def level_of(value: float, limit: float | None) -> Level:
    """How near a value is to its limit; without one everything is fine."""
    if limit is None or value < limit * NEAR:
        return Level.FINE
    return Level.NEAR if value <= limit else Level.OVER


def floor_of(
    agents: Sequence[AgentOnDashboard],
    requests: Sequence[OfferRequestOnDashboard],
    facts: FloorFacts,
    limits: FloorLimits,
    now: datetime,
    *,
    engine: EngineCondition,
    label: str,
) -> Floor:
    """The floor from what is known of it; agents in the order of team and name."""
    squares = sorted(
        (_square(agent, facts, limits, now) for agent in agents),
        key=lambda each: (facts.teams.get(each.team, "\uffff"), each.name.casefold(), each.id),
    )
    by_id = {agent.id: agent for agent in agents}
    needs = [
        *_of_requests(requests),
        *_of_promises(facts),
        *_of_waits(facts, limits, now),
        *_of_agents(squares, by_id, facts, limits),
    ]
    order = list(NeedKind)
    return Floor(
        engine=engine,
        label=label,
        squares=tuple(squares),
        needs=tuple(sorted(needs, key=lambda need: (order.index(need.kind), need.since, need.agent))),
        teams=tuple(_team(team, squares, facts) for team in _teams_shown(squares, facts)),
    )


def within_reach(floor: Floor, agents: frozenset[str] | None, teams: frozenset[str] | None) -> Floor:
    """The floor as somebody sees it who is for some teams only; None: for all of them.

    Late promises and callers who wait are said to everybody: whoever is free may keep one.
    """
    if agents is None:
        return floor
    return floor.model_copy(
        update={
            "squares": tuple(each for each in floor.squares if each.id in agents),
            "needs": tuple(each for each in floor.needs if not each.agent or each.agent in agents),
            "teams": tuple(each for each in floor.teams if teams is None or each.id in teams),
        }
    )


def changes_between(before: Floor | None, after: Floor, now: datetime) -> FloorChanges:
    """What to send to a page that shows `before`; None: it shows nothing that is known here."""
    if before is None:
        return FloorChanges(
            now=now,
            engine=after.engine,
            label=after.label,
            whole=True,
            squares=after.squares,
            needs=after.needs,
            teams=after.teams,
        )
    shown = {each.id: each for each in before.squares}
    there = {each.id for each in after.squares}
    return FloorChanges(
        now=now,
        engine=after.engine,
        label=after.label,
        squares=tuple(each for each in after.squares if shown.get(each.id) != each),
        gone=tuple(each for each in shown if each not in there),
        needs=None if before.needs == after.needs else after.needs,
        teams=None if before.teams == after.teams else after.teams,
    )


def _square(agent: AgentOnDashboard, facts: FloorFacts, limits: FloorLimits, now: datetime) -> FloorSquare:
    paused_by_us = agent.state is AgentState.PAUSED and agent.reason == DID_NOT_ANSWER
    level = level_of((now - agent.since).total_seconds(), limits.seconds.get(agent.state))
    return FloorSquare(
        id=agent.id,
        name=agent.name or agent.id,
        team=facts.team_of.get(agent.id, NO_TEAM),
        state=agent.state,
        what=_what(agent, too_long=level is Level.OVER),
        since=agent.since,
        level=Level.OVER if paused_by_us else level,
        mark=agent.mark,
        reason=agent.reason if agent.state is AgentState.PAUSED else "",
        missed=agent.missed,
        too_long=level is Level.OVER,
    )


def _what(agent: AgentOnDashboard, *, too_long: bool) -> str:
    said = agent.state.value.replace("_", " ")
    if agent.state is AgentState.PAUSED and agent.reason:
        said += f": {agent.reason.replace('_', ' ')}"
    if agent.missed:
        said += f", missed {agent.missed}"
    return f"{said}, long" if too_long else said


def _of_requests(requests: Iterable[OfferRequestOnDashboard]) -> Iterable[FloorNeed]:
    for each in requests:
        facts = {"name": each.agent_name, "offer": each.offer, "cost": f"{each.cost:.2f}"}
        yield _need(NeedKind.OFFER, each.agent, ASKS, facts, each.asked_at)


def _of_promises(facts: FloorFacts) -> Iterable[FloorNeed]:
    for promise, reference, by in facts.late_promises:
        to = f"/promises/{promise}"
        yield _need(NeedKind.PROMISE, "", LATE, {"reference": reference}, by, to=to)


def _of_waits(facts: FloorFacts, limits: FloorLimits, now: datetime) -> Iterable[FloorNeed]:
    for queue, callers, since in facts.waiting:
        level = level_of((now - since).total_seconds(), limits.wait_s)
        if level is not Level.FINE:
            message = WAITS[callers == 1, level is Level.OVER]
            told: NeedFacts = {"callers": callers, "queue": queue}
            yield _need(NeedKind.WAIT, "", message, told, since, to="/callers")


#: what is said of who needs somebody, by its facts; of several forms the first key is whether it is one alone
ASKS: Final = "%(name)s asks for your OK: %(offer)s (%(cost)s)"
LATE: Final = "Promise %(reference)s is late"
MISSED: Final = {True: "%(name)s missed a ring", False: "%(name)s missed %(rings)s rings"}
OWES: Final = {True: "%(name)s: 1 call to write down", False: "%(name)s: %(calls)s calls to write down"}
WAITS: Final = {
    (True, True): "A caller waits in %(queue)s, over the limit",
    (True, False): "A caller waits in %(queue)s, near the limit",
    (False, True): "%(callers)s callers wait in %(queue)s, over the limit",
    (False, False): "%(callers)s callers wait in %(queue)s, near the limit",
}
#: what a state that lasts too long is called on the list
_LASTS: Final[Mapping[AgentState, tuple[NeedKind, str]]] = {
    AgentState.WRAPPING_UP: (NeedKind.WRAP_UP, "%(name)s still wraps up"),
    AgentState.TALKING: (NeedKind.TALK, "%(name)s talks for long"),
    AgentState.PAUSED: (NeedKind.PAUSE, "%(name)s is paused for long"),
    AgentState.READY: (NeedKind.READY, "%(name)s has had no call for long"),
}


def need_messages() -> tuple[str, ...]:
    """Everything that is said of a need, without its facts."""
    return (
        ASKS,
        LATE,
        *MISSED.values(),
        *OWES.values(),
        *WAITS.values(),
        *(each for _, each in _LASTS.values()),
    )


def _of_agents(
    squares: Iterable[FloorSquare],
    agents: Mapping[str, AgentOnDashboard],
    facts: FloorFacts,
    limits: FloorLimits,
) -> Iterable[FloorNeed]:
    for square in squares:
        agent = agents[square.id]
        due, oldest = facts.words_due.get(square.id, (0, agent.since))
        due -= agent.state is AgentState.WRAPPING_UP  # the call just over is being written down
        if agent.state is not AgentState.OFFLINE and agent.missed:
            missed: NeedFacts = {"name": square.name, "rings": agent.missed}
            yield _need(NeedKind.MISSED, square.id, MISSED[agent.missed == 1], missed, agent.since)
        elif square.level is Level.OVER and agent.state in _LASTS:
            kind, message = _LASTS[agent.state]
            yield _need(kind, square.id, message, {"name": square.name}, agent.since)
        if due >= limits.words_due:
            owed: NeedFacts = {"name": square.name, "calls": due}
            yield _need(NeedKind.WORDS, square.id, OWES[due == 1], owed, oldest)


def _need(
    kind: NeedKind,
    agent: str,
    message: str,
    facts: NeedFacts,
    since: datetime,
    *,
    to: str = "",
) -> FloorNeed:
    words = message % facts
    return FloorNeed(kind=kind, agent=agent, to=to, words=words, since=since, message=message, facts=facts)


def _teams_shown(squares: Iterable[FloorSquare], facts: FloorFacts) -> list[str]:
    """Every team, and whoever is in none where somebody is."""
    teams = sorted(facts.teams, key=lambda team: facts.teams[team].casefold())
    return [*teams, NO_TEAM] if any(each.team == NO_TEAM for each in squares) or not teams else teams


def _team(team: str, squares: Iterable[FloorSquare], facts: FloorFacts) -> TeamOnFloor:
    own = [each.state for each in squares if each.team == team]
    calls = facts.calls.get(team, TeamCalls())
    share = calls.abandoned / calls.answered if calls.answered else None
    return TeamOnFloor(
        id=team,
        name=facts.teams.get(team, "No team" if facts.teams else "Everybody"),
        agents=len(own),
        at_work=sum(state is not AgentState.OFFLINE for state in own),
        talking=own.count(AgentState.TALKING),
        ready=own.count(AgentState.READY),
        answered=calls.answered,
        abandoned=calls.abandoned,
        share=share,
        level=Level.FINE if share is None else level_of(share, calls.target),
    )

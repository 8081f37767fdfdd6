"""Which agents are whose: people who wait for one team do not wait for another, and shared agents are shared.

Two questions. *Who has an agent?* People on the line, due promises and calls on their way each need an agent
of one team, or of the whole house; an agent of several teams can be anybody's of them, once. Everybody who is
taken has an agent of their own at the same time, so what is left for the next is never counted twice, and
nobody of another team stands in the way.

*Whose call next?* Campaigns of several teams ask for the same agents. Each agent is seated with one team at
a time, by the weights stated and what they did lately; a campaign is paced by the agents who are seated with
its team, and by nobody else. A seat is a plan: who is there answers whichever of their customers comes.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

#: a team's id; None is the whole house, which every agent serves
TeamId = str | None

HOUSE: Final[TeamId] = None
HOUSE_WEIGHT: Final = 1.0  # of the whole house's own campaigns, beside those of an agent's teams
#: of what an agent did counts after the next call: a dozen calls, half an hour, are remembered
KEPT: Final = 0.92
#: calls that a seat is worth which is as it was: a plan that turns at each call would be none
INERTIA: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMembers:
    """Who is in which team, and for how much of their time beside other teams."""

    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by team, then agent

    def serves(self, agent: str, team: TeamId) -> bool:
        """Whether customers of this team may reach this agent."""
        return team is None or agent in self.weights.get(team, {})

    def weight(self, agent: str, team: TeamId) -> float:
        """How much of this agent's time is this team's, where several ask for it."""
        return HOUSE_WEIGHT if team is None else self.weights.get(team, {}).get(agent, 0.0)

    def served_by(self, agent: str, teams: Iterable[TeamId]) -> frozenset[TeamId]:
        """Those of these teams that this agent serves."""
        return frozenset(team for team in teams if self.serves(agent, team))

    def share_agents(self, one: TeamId, other: TeamId) -> bool:
        """Whether somebody serves both."""
        if one == other or one is None or other is None:
            return True
        return not self.weights.get(one, {}).keys().isdisjoint(self.weights.get(other, {}))


class AgentsLeft:
    """Free agents by the teams they serve, and who was taken on: each of those has one, all at once."""

    __slots__ = ("_free", "_taken")

    def __init__(self, agents: Iterable[frozenset[TeamId]]) -> None:
        """`agents`: of each free agent the teams they serve."""
        self._free: Counter[frozenset[TeamId]] = Counter(agents)
        self._taken: dict[tuple[TeamId, frozenset[TeamId]], int] = {}

    def take(self, team: TeamId) -> bool:
        """Take one more of this team on, those before keeping an agent; False where there is none."""
        way = self._way_to_a_free_one(team)
        if way is None:
            return False
        # along the way, each moves to the kind of agent that the next one held
        for mover, kind, after in way:
            if kind is not None:
                self._taken[mover, kind] -= 1
            self._taken[mover, after] = self._taken.get((mover, after), 0) + 1
        self._free[way[0][2]] -= 1
        return True

    def give_up(self, kind: frozenset[TeamId]) -> bool:
        """Take an agent of this kind whom nobody has out; False where none is left over."""
        if self._free[kind] <= 0:
            return False
        self._free[kind] -= 1
        return True

    def room(self, team: TeamId, most: int) -> int:
        """How many more of this team, `most` of them, would have an agent; takes nobody on."""
        free, taken = self._free.copy(), self._taken.copy()
        found = 0
        while found < most and self.take(team):
            found += 1
        self._free, self._taken = free, taken
        return found

    def _way_to_a_free_one(
        self, team: TeamId
    ) -> list[tuple[TeamId, frozenset[TeamId] | None, frozenset[TeamId]]] | None:
        """Who moves from which kind of agent to which, the last mover first; None: none is free."""
        came: dict[frozenset[TeamId], tuple[TeamId, frozenset[TeamId] | None]] = {}
        open_to: deque[tuple[TeamId, frozenset[TeamId] | None]] = deque([(team, None)])
        while open_to:
            mover, held = open_to.popleft()
            for kind in sorted(self._free, key=len):  # the least useful to others first
                if mover not in kind or kind in came:
                    continue
                came[kind] = mover, held
                if self._free[kind] > 0:
                    return _steps(came, kind)
                open_to.extend(
                    (other, on) for (other, on), count in self._taken.items() if on == kind and count
                )
        return None


def _steps(
    came: Mapping[frozenset[TeamId], tuple[TeamId, frozenset[TeamId] | None]], last: frozenset[TeamId]
) -> list[tuple[TeamId, frozenset[TeamId] | None, frozenset[TeamId]]]:
    steps: list[tuple[TeamId, frozenset[TeamId] | None, frozenset[TeamId]]] = []
    after: frozenset[TeamId] | None = last
    while after is not None:
        mover, held = came[after]
        steps.append((mover, held, after))
        after = held
    return steps


class TeamSeats:
    """With which team each agent is seated, by weights and by what they did lately."""

    __slots__ = ("_done", "_seats")

    def __init__(self) -> None:
        self._done: dict[str, dict[TeamId, float]] = {}  # calls by agent and team, older ones counting less
        self._seats: dict[str, TeamId] = {}

    def talked(self, agent: str, team: TeamId) -> None:
        """This agent had a call of this team."""
        done = self._done.setdefault(agent, {})
        for each in done:
            done[each] *= KEPT
        done[team] = done.get(team, 0.0) + 1.0

    def seat(
        self,
        agents: Iterable[str],
        members: TeamMembers,
        asking: Collection[TeamId],
        pinned: Mapping[str, TeamId],
    ) -> Mapping[str, TeamId]:
        """Every agent with one of the teams that ask for agents; who serves none of them has no seat.

        `pinned`: who is kept for a call of a team sits there. Over all agents a team has about the seats that
        its weights make; over time each agent has about the calls.
        """
        seats: dict[str, TeamId] = {}
        owed: dict[TeamId, float] = dict.fromkeys(asking, 0.0)  # seats, by the agents so far
        for agent in sorted(agents):
            weights = {team: members.weight(agent, team) for team in asking if members.serves(agent, team)}
            if agent in pinned and pinned[agent] not in weights:
                seats[agent] = pinned[agent]
                continue
            if not weights:
                continue
            total = sum(weights.values())
            parts = {team: weight / total for team, weight in weights.items()}
            for team, part in parts.items():
                owed[team] += part
            seats[agent] = pinned[agent] if agent in pinned else self._best(agent, parts, owed)
            owed[seats[agent]] -= 1.0
        self._seats = seats
        return seats

    def _best(self, agent: str, parts: Mapping[TeamId, float], owed: Mapping[TeamId, float]) -> TeamId:
        done = self._done.get(agent, {})
        calls = sum(done.get(team, 0.0) for team in parts)

        def wanted(team: TeamId) -> tuple[float, float, str]:
            stays = INERTIA if agent in self._seats and self._seats[agent] == team else 0.0
            behind = parts[team] * calls - done.get(team, 0.0)
            return owed[team] + behind + stays, parts[team], team or ""

        return max(parts, key=wanted)

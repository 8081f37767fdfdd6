"""Teams as a file declares them, and what has to be done for them to be so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTeam:
    """A team by its id, what people call it, and its agents."""

    id: str
    name: str = ""
    agents: frozenset[str] = frozenset()


class TeamAct(StrEnum):
    """What happens to a team; the value ends the action's name in the audit."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamChange:
    """One team that is not as it was declared; `words` say what is done about it."""

    act: TeamAct
    team: DeclaredTeam
    words: str


def team_changes(there: Sequence[DeclaredTeam], wanted: Sequence[DeclaredTeam]) -> tuple[TeamChange, ...]:
    """What makes the teams there are those that are wanted, by id."""
    now, then = ({team.id: team for team in teams} for teams in (there, wanted))
    return tuple(
        change
        for team in sorted(now.keys() | then.keys())
        if (change := _change(now.get(team), then.get(team))) is not None
    )


def unknown_agents(wanted: Sequence[DeclaredTeam], known: Mapping[str, object]) -> tuple[str, ...]:
    """The agents that a team names and nobody knows: a slip of the pen would leave somebody out of sight."""
    return tuple(sorted({agent for team in wanted for agent in team.agents} - known.keys()))


def _change(there: DeclaredTeam | None, wanted: DeclaredTeam | None) -> TeamChange | None:
    if wanted is None:
        if there is None:
            return None
        return TeamChange(act=TeamAct.REMOVED, team=there, words=f"team {there.id} is removed")
    if there is None:
        who = ", ".join(sorted(wanted.agents)) or "nobody"
        return TeamChange(act=TeamAct.ADDED, team=wanted, words=f"team {wanted.id} is added with {who}")
    said = [
        *(f"{agent} joins" for agent in sorted(wanted.agents - there.agents)),
        *(f"{agent} leaves" for agent in sorted(there.agents - wanted.agents)),
        *([f"it is called {wanted.name or wanted.id}"] if wanted.name != there.name else []),
    ]
    if not said:
        return None
    return TeamChange(act=TeamAct.CHANGED, team=wanted, words=f"team {wanted.id}: {', '.join(said)}")

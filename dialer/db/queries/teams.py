"""Teams and their agents."""

from sqlalchemy import delete, select

from dialer.core.organisation.declared_teams import DeclaredTeam
from dialer.db.models import Team, TeamAgent, UserAccount, UserTeam
from dialer.db.session import Transaction


def all_teams(tx: Transaction) -> tuple[DeclaredTeam, ...]:
    """Every team with its agents, by id."""
    agents: dict[str, set[str]] = {}
    for team, agent in tx.execute(select(TeamAgent.team_id, TeamAgent.agent_id)):
        agents.setdefault(team, set()).add(agent)
    return tuple(
        DeclaredTeam(id=team.id, name=team.name, agents=frozenset(agents.get(team.id, ())))
        for team in tx.scalars(select(Team).order_by(Team.id))
    )


def keep(tx: Transaction, team: DeclaredTeam) -> None:
    """Make a team what this says."""
    row = tx.get(Team, team.id)
    if row is None:
        tx.add(Team(id=team.id, name=team.name))
    else:
        row.name = team.name
    tx.flush()
    tx.execute(delete(TeamAgent).where(TeamAgent.team_id == team.id))
    tx.add_all(TeamAgent(team_id=team.id, agent_id=agent) for agent in sorted(team.agents))
    tx.flush()


def remove(tx: Transaction, team: str) -> None:
    """Take a team out, with who was in it."""
    tx.execute(delete(TeamAgent).where(TeamAgent.team_id == team))
    tx.execute(delete(Team).where(Team.id == team))


def users_for(tx: Transaction, team: str) -> tuple[str, ...]:
    """The users who are for a team, by log-in name."""
    chosen = (
        select(UserAccount.name)
        .join(UserTeam, UserTeam.user_id == UserAccount.id)
        .where(UserTeam.team_id == team)
        .order_by(UserAccount.name)
    )
    return tuple(tx.scalars(chosen))

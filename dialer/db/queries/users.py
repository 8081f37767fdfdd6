"""Users, the teams they are for, and whom a team has."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, func, select

from dialer.core.access.rights import UserRole
from dialer.db.models import Team, TeamAgent, UserAccount, UserTeam
from dialer.db.session import Transaction


def find(tx: Transaction, name: str) -> UserAccount | None:
    """The user of this log-in name."""
    return tx.scalar(select(UserAccount).where(UserAccount.name == name))


def of_subject(tx: Transaction, issuer: str, subject: str) -> UserAccount | None:
    """The user who is this at their OpenID provider."""
    return tx.scalar(select(UserAccount).where(UserAccount.issuer == issuer, UserAccount.subject == subject))


def by_id(tx: Transaction, user: int) -> UserAccount | None:
    """The user of this id."""
    return tx.get(UserAccount, user)


def of_agent(tx: Transaction, agent: str) -> UserAccount | None:
    """The user who is this agent."""
    return tx.scalar(select(UserAccount).where(UserAccount.agent_id == agent))


def invited(tx: Transaction, digest: str) -> UserAccount | None:
    """The user whose one-time link has this digest."""
    return tx.scalar(select(UserAccount).where(UserAccount.invitation == digest))


def all_users(tx: Transaction) -> Sequence[UserAccount]:
    """Everybody, by log-in name."""
    return tx.scalars(select(UserAccount).order_by(UserAccount.name)).all()


def add(tx: Transaction, user: UserAccount) -> UserAccount:
    """Write down a new user."""
    tx.add(user)
    tx.flush()
    return user


def other_admins(tx: Transaction, user: int) -> int:
    """How many administrators there are beside this one who have come in before and still may."""
    chosen = select(func.count()).where(
        UserAccount.role == UserRole.ADMIN,
        UserAccount.disabled_at.is_(None),
        UserAccount.logged_in_at.is_not(None),
        UserAccount.id != user,
    )
    return tx.scalar(chosen) or 0


def anybody_came_in(tx: Transaction) -> bool:
    """Whether anybody has ever logged in."""
    return tx.scalar(select(UserAccount.id).where(UserAccount.logged_in_at.is_not(None)).limit(1)) is not None


def teams_of(tx: Transaction, users: Collection[int]) -> Mapping[int, frozenset[str]]:
    """The teams of each of these users; those who are for all of them are left out."""
    found: dict[int, set[str]] = {}
    for user, team in tx.execute(
        select(UserTeam.user_id, UserTeam.team_id).where(UserTeam.user_id.in_(users))
    ):
        found.setdefault(user, set()).add(team)
    return {user: frozenset(teams) for user, teams in found.items()}


def agents_of(tx: Transaction, teams: Collection[str]) -> frozenset[str]:
    """The agents of these teams."""
    return frozenset(tx.scalars(select(TeamAgent.agent_id).where(TeamAgent.team_id.in_(teams))))


def known_teams(tx: Transaction) -> Mapping[str, str]:
    """Every team with its name, by id."""
    return {team.id: team.name for team in tx.scalars(select(Team).order_by(Team.id))}


def set_teams(tx: Transaction, user: int, teams: Collection[str]) -> None:
    """Make these a user's teams; none: all of them."""
    tx.execute(delete(UserTeam).where(UserTeam.user_id == user))
    tx.add_all(UserTeam(user_id=user, team_id=team) for team in sorted(teams))
    tx.flush()

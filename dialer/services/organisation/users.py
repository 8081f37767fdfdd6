"""Users: invited, given a role and teams, disabled; every change is audited."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from dialer.core.access.passwords import why_weak
from dialer.core.access.rights import UserRole
from dialer.db.models import UserAccount
from dialer.db.queries import access, audit, users
from dialer.db.session import Database, Transaction
from dialer.services.organisation.secrets_kept import digest_of, hash_password, new_secret

INVITED_FOR: Final = timedelta(days=3)  # a link that lies in a mailbox over a weekend
FIRST_ADMIN: Final = "admin"


class UserFault(StrEnum):
    """Why something about a user cannot be; the value is the code that pages and API give."""

    UNKNOWN = "user.unknown"
    NAME_TAKEN = "user.name-taken"
    AGENT_TAKEN = "user.agent-taken"
    TEAM_UNKNOWN = "team.unknown"
    LAST_ADMIN = "user.last-admin"
    LINK_OVER = "invitation.over"
    WEAK_PASSWORD = "password.weak"  # noqa: S105 - a code


USER_FAULTS: Final = {
    UserFault.UNKNOWN: "There is no such user.",
    UserFault.NAME_TAKEN: "Somebody has this log-in name already.",
    UserFault.AGENT_TAKEN: "Somebody else logs in as this agent already.",
    UserFault.TEAM_UNKNOWN: "There is no such team.",
    UserFault.LAST_ADMIN: "This is the only administrator; make another one first.",
    UserFault.LINK_OVER: "This link was used, or its time is over; ask for another one.",
    UserFault.WEAK_PASSWORD: "This password is too easy to guess.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCard:
    """A user as lists show them."""

    id: int
    name: str
    display: str
    role: UserRole
    agent: str | None
    teams: frozenset[str]
    disabled: bool
    invited_until: datetime | None
    logged_in_at: datetime | None
    second_step: bool
    has_password: bool
    language: str


def list_users(database: Database) -> tuple[UserCard, ...]:
    """Everybody, by log-in name."""
    with database.read() as tx:
        found = users.all_users(tx)
        teams = users.teams_of(tx, [user.id for user in found])
        return tuple(_card(user, teams.get(user.id, frozenset())) for user in found)


def user_card(database: Database, user: int) -> UserCard | None:
    """One of them."""
    with database.read() as tx:
        row = users.by_id(tx, user)
        return None if row is None else _card(row, users.teams_of(tx, [user]).get(user, frozenset()))


def list_teams(database: Database) -> dict[str, str]:
    """Every team's name by its id."""
    with database.read() as tx:
        return dict(users.known_teams(tx))


def add_user(
    database: Database,
    name: str,
    role: UserRole,
    *,
    now: datetime,
    actor: str,
    display: str = "",
    agent: str | None = None,
    teams: Collection[str] = (),
) -> UserCard | UserFault:
    """Write down somebody who may come in, by a link (`invite`) or a proxy."""
    with database.write() as tx:
        if users.find(tx, name) is not None:
            return UserFault.NAME_TAKEN
        fault = _fault_of(tx, agent, teams)
        if fault is not None:
            return fault
        row = users.add(
            tx, UserAccount(name=name, display=display, role=role, agent_id=agent, created_at=now)
        )
        users.set_teams(tx, row.id, teams)
        details = {"role": role.value, "agent": agent, "teams": sorted(teams)}
        audit.add(tx, now, actor, "user.added", name, details)
        return _card(row, frozenset(teams))


def invite(database: Database, name: str, *, now: datetime, actor: str) -> str | UserFault:
    """A one-time link's secret, by which a user chooses a password.

    A password that is forgotten and a second step that is lost are got over the same way: using the link
    replaces both.
    """
    with database.write() as tx:
        row = users.find(tx, name)
        if row is None:
            return UserFault.UNKNOWN
        audit.add(tx, now, actor, "user.invited", name, {})
        return _invite(row, now)


def invite_first_admin(database: Database, now: datetime) -> str | None:
    """The link's secret for the first administrator; None once anybody has come in."""
    with database.write() as tx:
        if users.anybody_came_in(tx):
            return None
        row = users.find(tx, FIRST_ADMIN) or users.add(
            tx, UserAccount(name=FIRST_ADMIN, role=UserRole.ADMIN, created_at=now)
        )
        row.role, row.disabled_at = UserRole.ADMIN, None
        audit.add(tx, now, "start", "user.invited", FIRST_ADMIN, {"first": True})
        return _invite(row, now)


def invited_user(database: Database, secret: str, now: datetime) -> UserCard | None:
    """Whom a one-time link is for; None where it was used, or its time is over."""
    with database.read() as tx:
        row = _invited(tx, secret, now)
        return None if row is None else _card(row, users.teams_of(tx, [row.id]).get(row.id, frozenset()))


def accept_invitation(
    database: Database, secret: str, password: str, display: str, *, now: datetime
) -> UserCard | UserFault:
    """Use a one-time link up: the password is set, and whatever was open before is closed."""
    known = invited_user(database, secret, now)
    if known is None:
        return UserFault.LINK_OVER
    if why_weak(password, known.name):
        return UserFault.WEAK_PASSWORD
    hashed = hash_password(password)  # takes a while, and holds no transaction
    with database.write() as tx:
        row = _invited(tx, secret, now)
        if row is None:
            return UserFault.LINK_OVER
        row.password_hash, row.totp_secret, row.totp_step = hashed, None, 0
        row.invitation = row.invited_until = None
        row.display = display or row.display
        access.end_sessions(tx, row.id)
        audit.add(tx, now, row.name, "user.password-set", row.name, {"by": "invitation"})
        return _card(row, users.teams_of(tx, [row.id]).get(row.id, frozenset()))


def change_user(
    database: Database,
    name: str,
    *,
    now: datetime,
    actor: str,
    role: UserRole,
    agent: str | None,
    teams: Collection[str],
) -> UserCard | UserFault:
    """Give a user another role, agent and teams; holds from their next request on."""
    with database.write() as tx:
        row = users.find(tx, name)
        if row is None:
            return UserFault.UNKNOWN
        fault = _fault_of(tx, agent, teams, user=row.id)
        if fault is None and role is not UserRole.ADMIN and _is_last_admin(tx, row):
            fault = UserFault.LAST_ADMIN
        if fault is not None:
            return fault
        row.role, row.agent_id = role, agent
        users.set_teams(tx, row.id, teams)
        details = {"role": role.value, "agent": agent, "teams": sorted(teams)}
        audit.add(tx, now, actor, "user.changed", name, details)
        return _card(row, frozenset(teams))


def choose_pages_language(database: Database, user: int, language: str, now: datetime) -> None:
    """Read pages in this language from now on; empty: in the house's, or the browser's."""
    with database.write() as tx:
        row = users.by_id(tx, user)
        if row is not None and row.language != language:
            row.language = language
            audit.add(tx, now, row.name, "user.language", row.name, {"language": language})


def disable_user(
    database: Database, name: str, *, now: datetime, actor: str, disabled: bool = True
) -> UserFault | None:
    """Shut a user out: sessions end at once and tokens are revoked; or let them in again."""
    with database.write() as tx:
        row = users.find(tx, name)
        if row is None:
            return UserFault.UNKNOWN
        if disabled and _is_last_admin(tx, row):
            return UserFault.LAST_ADMIN
        row.disabled_at = now if disabled else None
        if disabled:
            row.invitation = row.invited_until = None
            access.end_sessions(tx, row.id)
            access.revoke_tokens(tx, row.id, now)
        audit.add(tx, now, actor, "user.disabled" if disabled else "user.enabled", name, {})
        return None


def _invite(row: UserAccount, now: datetime) -> str:
    secret = new_secret()
    row.invitation, row.invited_until = digest_of(secret), now + INVITED_FOR
    return secret


def _invited(tx: Transaction, secret: str, now: datetime) -> UserAccount | None:
    row = users.invited(tx, digest_of(secret))
    if row is None or row.disabled_at is not None or row.invited_until is None or row.invited_until <= now:
        return None
    return row


def _fault_of(
    tx: Transaction, agent: str | None, teams: Collection[str], *, user: int | None = None
) -> UserFault | None:
    taken = users.of_agent(tx, agent) if agent else None
    if taken is not None and taken.id != user:
        return UserFault.AGENT_TAKEN
    return UserFault.TEAM_UNKNOWN if set(teams) - set(users.known_teams(tx)) else None


def _is_last_admin(tx: Transaction, row: UserAccount) -> bool:
    """Whether nobody could administer this any more without this user."""
    active = row.role is UserRole.ADMIN and row.disabled_at is None and row.logged_in_at is not None
    return active and not users.other_admins(tx, row.id)


def _card(row: UserAccount, teams: frozenset[str]) -> UserCard:
    return UserCard(
        id=row.id,
        name=row.name,
        display=row.display,
        role=row.role,
        agent=row.agent_id,
        teams=teams,
        disabled=row.disabled_at is not None,
        invited_until=row.invited_until,
        logged_in_at=row.logged_in_at,
        second_step=row.totp_secret is not None,
        has_password=row.password_hash is not None,
        language=row.language,
    )

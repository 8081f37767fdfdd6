"""How people come in: by password and second step, by a provider's or a proxy's word; and who they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.core.access.log_in_limits import LOOKED_BACK, TriedLogIn, locked_until, network_of
from dialer.core.access.passwords import why_weak
from dialer.core.access.rights import RIGHTS_OF, Right
from dialer.core.access.visitor import Visitor
from dialer.db.models import UserAccount, UserSession
from dialer.db.queries import access, audit, users
from dialer.db.session import Database, Transaction
from dialer.services.organisation.second_step import step_of
from dialer.services.organisation.secrets_kept import (
    digest_of,
    hash_password,
    is_outdated,
    new_secret,
    password_is,
)


class LogInFault(StrEnum):
    """Why somebody is not let in; the value is the code that pages and API give."""

    WRONG = "log-in.wrong"  # name, password or code: which one is nobody's business
    LOCKED = "log-in.locked"
    NOT_A_USER = "log-in.no-user"  # a provider or a proxy knows them, and here nobody does
    OTHER_PERSON = "log-in.other-person"  # the name is somebody's here who was another one there


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A new session's secret, for the cookie, and how long it holds, seconds."""

    secret: str
    seconds: int
    user: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLetIn:
    """Why not, and until when."""

    fault: LogInFault
    until: datetime | None = None


def log_in(
    database: Database,
    name: str,
    password: str,
    code: str,
    *,
    address: str,
    clock: Callable[[], datetime],
    lasts: timedelta,
) -> LoggedIn | NotLetIn:
    """Let somebody in by password, and by code where they have a second step.

    A try is counted before the password is looked at, so that many at once are counted too.
    """
    now, address = clock(), network_of(address)
    with database.write() as tx:
        tried = access.tries(tx, name, address, now - LOOKED_BACK)
        until = locked_until(tried, name, address, now)
        if until is not None:
            return NotLetIn(fault=LogInFault.LOCKED, until=until)
        access.add_try(tx, TriedLogIn(at=now, name=name, address=address), now - LOOKED_BACK)
        row = users.find(tx, name)
        kept = row.password_hash if row is not None and row.disabled_at is None else None
    right = password_is(kept, password)  # takes a while, and holds no transaction
    hashed = hash_password(password) if right and kept is not None and is_outdated(kept) else kept
    now = clock()
    with database.write() as tx:
        row = users.find(tx, name)
        # what changed meanwhile decides: a password that was replaced is not let in
        if not right or row is None or row.disabled_at is not None or row.password_hash != kept:
            return NotLetIn(fault=LogInFault.WRONG)
        if row.totp_secret is not None:
            step = step_of(row.totp_secret, code, now)
            if step is None or step <= row.totp_step:
                return NotLetIn(fault=LogInFault.WRONG)
            row.totp_step = step
        row.password_hash = hashed
        access.forget_tries(tx, name, address)
        return begin_session(tx, row, address=address, now=now, lasts=lasts, way="password")


def begin_session(
    tx: Transaction, row: UserAccount, *, address: str, now: datetime, lasts: timedelta, way: str
) -> LoggedIn:
    """A session of its own for each log-in, which nobody can have known before."""
    secret = new_secret()
    row.logged_in_at = now
    made = UserSession(
        digest=digest_of(secret), user_id=row.id, began_at=now, ends_at=now + lasts, address=address
    )
    access.begin_session(tx, made, now)
    audit.add(tx, now, row.name, "user.logged-in", row.name, {"way": way, "address": address})
    return LoggedIn(secret=secret, seconds=int(lasts.total_seconds()), user=row.id)


def log_in_known(
    database: Database, user: int, *, address: str, now: datetime, lasts: timedelta, way: str
) -> LoggedIn | NotLetIn:
    """Let somebody in whom a one-time link has just proven."""
    with database.write() as tx:
        row = users.by_id(tx, user)
        if row is None or row.disabled_at is not None:
            return NotLetIn(fault=LogInFault.NOT_A_USER)
        return begin_session(tx, row, address=network_of(address), now=now, lasts=lasts, way=way)


def log_out(database: Database, secret: str, *, name: str, now: datetime) -> None:
    """End one session; one that ended already stays ended."""
    with database.write() as tx:
        if access.end_session(tx, digest_of(secret)):
            audit.add(tx, now, name, "user.logged-out", name, {})


def visitor_by_session(database: Database, secret: str, now: datetime) -> Visitor | None:
    """Who this session is; None where it ended."""
    with database.read() as tx:
        row = access.session_user(tx, digest_of(secret), now)
        return None if row is None else _visitor(tx, row)


def visitor_by_name(database: Database, name: str, now: datetime) -> Visitor | None:
    """Who a trusted proxy says this is; None where nobody here is. The first visit is written down."""
    with database.read() as tx:
        row = users.find(tx, name)
        if row is None or row.disabled_at is not None:
            return None
        visitor, is_first = _visitor(tx, row), row.logged_in_at is None
    if is_first:
        with database.write() as tx:
            row = users.find(tx, name)
            if row is not None:
                row.logged_in_at = now
                audit.add(tx, now, name, "user.logged-in", name, {"way": "proxy"})
    return visitor


def visitor_by_token(database: Database, secret: str, now: datetime) -> Visitor | None:
    """Who a token speaks for: its user within its scopes, or a service with these alone."""
    with database.read() as tx:
        found = access.token(tx, digest_of(secret), now)
        if found is None:
            return None
        scopes = frozenset(Right(scope) for scope in found.scopes if scope in set(Right))
        if found.user_id is None:
            return Visitor(name=f"token {found.name}", rights=scopes)
        row = users.by_id(tx, found.user_id)
        if row is None or row.disabled_at is not None:
            return None
        return _visitor(tx, row, scopes=scopes, token=found.name)


def change_password(
    database: Database, user: int, old: str, new: str, *, session: str, now: datetime
) -> LogInFault | str | None:
    """Change one's own password; ends every other session. The fault, or why the new one is weak."""
    with database.read() as tx:
        row = users.by_id(tx, user)
        if row is None:
            return LogInFault.NOT_A_USER
        kept, name = row.password_hash, row.name
    if not password_is(kept, old):
        return LogInFault.WRONG
    weak = why_weak(new, name)
    if weak is not None:
        return weak
    hashed = hash_password(new)
    with database.write() as tx:
        row = users.by_id(tx, user)
        if row is None or row.password_hash != kept:
            return LogInFault.WRONG
        row.password_hash = hashed
        access.end_sessions(tx, user, but=digest_of(session))
        audit.add(tx, now, row.name, "user.password-set", row.name, {"by": "themselves"})
    return None


def _visitor(
    tx: Transaction, row: UserAccount, *, scopes: frozenset[Right] | None = None, token: str = ""
) -> Visitor:
    teams = users.teams_of(tx, [row.id]).get(row.id)
    rights = RIGHTS_OF[row.role]
    return Visitor(
        name=f"{row.name} (token {token})" if token else row.name,
        user=row.id,
        rights=rights if scopes is None else rights & scopes,
        agent=row.agent_id,
        teams=teams,
        agents=None if teams is None else users.agents_of(tx, teams),
        language=row.language,
    )

"""Sessions, tokens and tried passwords: found by digest, counted by name and address."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from dialer.core.access.log_in_limits import TriedLogIn
from dialer.db.models import AccessToken, PasswordTry, UserAccount, UserSession
from dialer.db.session import Transaction


def session_user(tx: Transaction, digest: str, now: datetime) -> UserAccount | None:
    """Who is logged in by this session; None where it ended, or its user may not any more."""
    chosen = (
        select(UserAccount)
        .join(UserSession, UserSession.user_id == UserAccount.id)
        .where(UserSession.digest == digest, UserSession.ends_at > now, UserAccount.disabled_at.is_(None))
    )
    return tx.scalar(chosen)


def begin_session(tx: Transaction, session: UserSession, now: datetime) -> None:
    """Write down a new one, and take out those that ended."""
    tx.execute(delete(UserSession).where(UserSession.ends_at <= now))
    tx.add(session)
    tx.flush()


def end_session(tx: Transaction, digest: str) -> bool:
    """End this one."""
    gone = delete(UserSession).where(UserSession.digest == digest).returning(UserSession.user_id)
    return tx.scalar(gone) is not None


def end_sessions(tx: Transaction, user: int, *, but: str = "") -> None:
    """End all of a user's sessions, but for one."""
    tx.execute(delete(UserSession).where(UserSession.user_id == user, UserSession.digest != but))


def token(tx: Transaction, digest: str, now: datetime) -> AccessToken | None:
    """The token of this digest that still holds."""
    chosen = select(AccessToken).where(
        AccessToken.digest == digest,
        AccessToken.revoked_at.is_(None),
        or_(AccessToken.ends_at.is_(None), AccessToken.ends_at > now),
    )
    return tx.scalar(chosen)


def add_token(tx: Transaction, made: AccessToken) -> AccessToken:
    """Write down a new token."""
    tx.add(made)
    tx.flush()
    return made


def tokens(tx: Transaction, user: int | None, *, everybody: bool = False) -> Sequence[AccessToken]:
    """The tokens of one user, of services (`user` None), or all; newest first, revoked ones left out."""
    chosen = select(AccessToken).where(AccessToken.revoked_at.is_(None)).order_by(AccessToken.id.desc())
    if not everybody:
        chosen = chosen.where(AccessToken.user_id == user)
    return tx.scalars(chosen).all()


def revoke_token(tx: Transaction, number: int, user: int | None, now: datetime) -> str | None:
    """Revoke a token of this user, or a service's; its name, or None where there is none such."""
    chosen = (
        update(AccessToken)
        .where(
            AccessToken.id == number,
            AccessToken.user_id == user if user is not None else AccessToken.user_id.is_(None),
            AccessToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(AccessToken.name)
    )
    return tx.scalar(chosen)


def revoke_tokens(tx: Transaction, user: int, now: datetime) -> None:
    """Revoke all of a user's tokens."""
    mine = update(AccessToken).where(AccessToken.user_id == user, AccessToken.revoked_at.is_(None))
    tx.execute(mine.values(revoked_at=now))


def tries(tx: Transaction, name: str, address: str, since: datetime) -> Sequence[TriedLogIn]:
    """Passwords tried of this name or from this address since then, oldest first."""
    chosen = (
        select(PasswordTry)
        .where(PasswordTry.at > since, or_(PasswordTry.name == name, PasswordTry.address == address))
        .order_by(PasswordTry.at, PasswordTry.id)
    )
    return [TriedLogIn(at=row.at, name=row.name, address=row.address) for row in tx.scalars(chosen)]


def add_try(tx: Transaction, tried: TriedLogIn, since: datetime) -> int:
    """Count one, and forget those before `since`; its number, to take it back by."""
    tx.execute(delete(PasswordTry).where(PasswordTry.at <= since))
    row = PasswordTry(at=tried.at, name=tried.name, address=tried.address)
    tx.add(row)
    tx.flush()
    return row.id


def forget_tries(tx: Transaction, name: str, address: str) -> None:
    """Whoever came in has no slips left from where they are."""
    tx.execute(delete(PasswordTry).where(PasswordTry.name == name, PasswordTry.address == address))

"""Tokens for programs: a person's own, or a service's; shown once, kept as a digest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.core.access.rights import RIGHTS_OF, SCOPES, Right
from dialer.db.models import AccessToken
from dialer.db.queries import access, audit, users
from dialer.db.session import Database
from dialer.services.organisation.secrets_kept import digest_of, new_secret
from dialer.services.organisation.users import UserFault

BEGINS: Final = "wbk_"  # so that scanners of code and mail know one when they see it


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCard:
    """A token as lists show it: never its secret."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    ends_at: datetime | None


def list_tokens(database: Database, user: int | None) -> tuple[TokenCard, ...]:
    """The tokens of a user, or those of services (None); newest first."""
    with database.read() as tx:
        return tuple(
            TokenCard(
                id=row.id,
                name=row.name,
                scopes=tuple(row.scopes),
                created_at=row.created_at,
                ends_at=row.ends_at,
            )
            for row in access.tokens(tx, user)
        )


def make_token(
    database: Database,
    name: str,
    scopes: Collection[Right],
    *,
    user: int | None,
    now: datetime,
    actor: str,
    ends_at: datetime | None = None,
) -> str | UserFault:
    """A new token's secret, which nobody can read again.

    A person's token may do what the scopes say and the person may; a service's what the scopes say.
    """
    secret = BEGINS + new_secret()
    with database.write() as tx:
        row = users.by_id(tx, user) if user is not None else None
        if user is not None and row is None:
            return UserFault.UNKNOWN
        allowed = set(SCOPES) if row is None else set(SCOPES) & RIGHTS_OF[row.role]
        granted = sorted(scope.value for scope in set(scopes) & allowed)
        made = AccessToken(
            digest=digest_of(secret),
            name=name,
            user_id=user,
            scopes=granted,
            created_at=now,
            ends_at=ends_at,
        )
        access.add_token(tx, made)
        owner = row.name if row is not None else "service"
        audit.add(tx, now, actor, "token.made", name, {"for": owner, "scopes": granted})
    return secret


def revoke_token(database: Database, token: int, *, user: int | None, now: datetime, actor: str) -> bool:
    """End a token of this user, or a service's (None); False where there is none such."""
    with database.write() as tx:
        name = access.revoke_token(tx, token, user, now)
        if name is not None:
            audit.add(tx, now, actor, "token.revoked", name, {})
        return name is not None

"""How people come in by the house's OpenID provider: what is asked of it, and whom it proves."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dialer.core.access.log_in_limits import network_of
from dialer.db.queries import users
from dialer.db.session import Database
from dialer.services.organisation.log_in import LoggedIn, LogInFault, NotLetIn, begin_session


class ProviderFault(Exception):
    """The provider cannot be asked, or what it says does not hold; the text is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLogIn:
    """One log-in on its way: what only the browser that began it knows."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenPerson:
    """Who an OpenID provider says somebody is; `subject` is theirs for ever, `name` is not."""

    issuer: str
    subject: str
    name: str


class LogInProvider(Protocol):
    """Whoever proves people: asked by sending the browser there, heard when it comes back to `back`."""

    def address(self, asked: AskedLogIn, back: str) -> str:
        """Where the browser is sent. Raises ProviderFault."""

    def who(self, asked: AskedLogIn, answer: str, back: str) -> ProvenPerson:
        """Who came back with `answer`, the whole address the browser was sent to. Raises ProviderFault."""


def new_log_in() -> AskedLogIn:
    """Three secrets that nobody can have known before."""
    return AskedLogIn(
        state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48)
    )


def log_in_proven(
    database: Database, who: ProvenPerson, *, address: str, now: datetime, lasts: timedelta
) -> LoggedIn | NotLetIn:
    """Let somebody in whom the house's provider has just proven.

    The first time they are found by name, and from then on by what the provider never gives to another:
    whoever gets a name that somebody left is not let in as that somebody. A new provider begins anew.
    """
    with database.write() as tx:
        row = users.of_subject(tx, who.issuer, who.subject) or users.find(tx, who.name)
        if row is None or row.disabled_at is not None:
            return NotLetIn(fault=LogInFault.NOT_A_USER)
        if row.issuer == who.issuer and row.subject != who.subject:
            return NotLetIn(fault=LogInFault.OTHER_PERSON)
        row.issuer, row.subject = who.issuer, who.subject
        return begin_session(tx, row, address=network_of(address), now=now, lasts=lasts, way="oidc")

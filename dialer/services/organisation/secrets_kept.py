"""How secrets are kept: passwords by argon2id, links, sessions and tokens as digests alone."""

import hashlib
import secrets
import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dialer.core.access.passwords import LONGEST, normal

SECRET_BYTES: Final = 32  # of a session, a link or a token: nothing that can be tried
#: each hash takes 64 MiB and a tenth of a second: a crowd at the door must not take the machine
_AT_ONCE: Final = threading.BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # the library's defaults are RFC 9106's for machines with little memory


@cache
def _nobodys() -> str:
    """What the password of a name that there is not is compared with, so that both take as long."""
    return _hasher().hash(secrets.token_urlsafe(SECRET_BYTES))


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _hasher().hash(normal(password))


def password_is(kept: str | None, password: str) -> bool:
    """Whether this is the password; takes as long where none is kept, and is false then."""
    with _AT_ONCE:
        try:
            _hasher().verify(kept or _nobodys(), normal(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether this library would hash harder today."""
    return _hasher().check_needs_rehash(kept)


def new_secret() -> str:
    """A secret for a link, a session or a token."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> str:
    """What is kept of such a secret; it is long enough to need no salt and no work."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Which passwords and log-in names there may be; how a password is kept is the services' affair."""

import re
import unicodedata
from typing import Final

SHORTEST: Final = 12  # characters: tries are counted, so this is beyond guessing
LONGEST: Final = 200  # hashing more costs time and adds nothing
LEAST_DIFFERENT: Final = 5  # characters, against a line of one letter
USER_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,59}", re.ASCII)


def user_name(text: str) -> str | None:
    """A log-in name as it is kept, lower case; None for what is none."""
    name = text.strip().lower()
    return name if USER_NAME.fullmatch(name) else None


def why_weak(password: str, name: str) -> str | None:
    """What is wrong with a password that somebody chooses, as a sentence; None: nothing."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters; three or four words are easy to keep."
    if len(set(password.lower())) < LEAST_DIFFERENT:
        return f"A password has at least {LEAST_DIFFERENT} different characters."
    if name and name in password.lower():
        return "A password does not contain the log-in name."
    return None


def normal(password: str) -> str:
    """The same text for the same keys, whichever keyboard sends them (NFKC)."""
    return unicodedata.normalize("NFKC", password)

"""The shape of an attempt's id, which is also its channel's id on the PBX."""

import hashlib
import re
from functools import cache
from typing import Final

#: bounded, and of characters that mean nothing in a header, a dialplan or a file name (invariant 9)
ATTEMPT_ID: Final = re.compile(r"wb-[0-9a-z]{8,40}", re.ASCII)

#: digits that no attempt id has where its characters were drawn (they are a-z and 2-7)
_MARKS: Final = "0189"
_MARK_LENGTH: Final = 9  # 18 bits: no two prefixes on one PBX will meet
_MARKED: Final = re.compile(rf"wb-9[{_MARKS}]{{{_MARK_LENGTH}}}", re.ASCII)


@cache
def mark_of(prefix: str) -> str:
    """What the attempts of a Winback with this prefix begin with after `wb-`; nothing for the usual one.

    Two Winbacks on one PBX hear each other's calls, and each must know its own at once.
    """
    if prefix == "winback":
        return ""
    digest = hashlib.sha256(prefix.encode()).digest()
    return "9" + "".join(_MARKS[byte % len(_MARKS)] for byte in digest[:_MARK_LENGTH])


def is_from(attempt: str, prefix: str) -> bool:
    """Whether this attempt id was given by the Winback with this prefix."""
    mark = mark_of(prefix)
    return attempt.startswith(f"wb-{mark}") if mark else _MARKED.match(attempt) is None

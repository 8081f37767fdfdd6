"""How long a text from outside may be: what the PBX and whoever rings can put into it has no end of its own.

The limits are the widths of the columns that the texts go into, so that nothing is heard that cannot be
written. A name that is too long is no name: cut short it could be somebody else's. Words may be cut.
"""

import re
from typing import Final

#: characters each
MOST_AGENT: Final = 60  # a queue member's name is an agent's id
MOST_QUEUE: Final = 60
MOST_INTERFACE: Final = 120
MOST_CHANNEL_ID: Final = 150  # also AST_MAX_UNIQUEID: Asterisk's own are no longer
MOST_REASON: Final = 60  # of a pause
MOST_NUMBER: Final = 60  # as shown, with whatever a network adds; E.164 has 16, and is read from this

MOST_LANGUAGE: Final = 16  # as a folder of sounds is named

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{1,10}){0,2}", re.ASCII)
_NUL: Final = "\0"  # PostgreSQL keeps it in no text


def name_within(text: str, most: int) -> str:
    """The same name, or none at all where it is longer or holds a NUL."""
    return text if len(text) <= most and _NUL not in text else ""


def words_within(text: str, most: int) -> str:
    """The beginning of these words, as far as there is room."""
    return text.replace(_NUL, "")[:most]


def language_within(text: str) -> str:
    """A channel's language as Asterisk names folders of sounds (`sv`, `en_GB`); none where it is not one."""
    return text if len(text) <= MOST_LANGUAGE and _LANGUAGE.fullmatch(text) else ""

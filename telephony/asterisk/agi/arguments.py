"""What parts the arguments of an application that a talk has the PBX execute: a comma, or a bar.

With `res_agi = 1.4` in `[compat]` of its asterisk.conf, Asterisk takes a comma in what `EXEC` is given for
text, and a bar for what parts (`handle_exec` of res_agi.c). It tells nobody so; what comes of a list does.
"""

import time
from collections.abc import Callable
from typing import Final

COMMA: Final = ","
BAR: Final = "|"
#: the list that is tried: its first variable takes the second in where a comma is text
FIRST: Final = "WB_COMMA"
TRIED: Final = "WB_COMMA=1,WB_PARTED=1"
#: seconds; the setting changes with a restart of Asterisk alone, and costs two commands to see
TRIED_EVERY_S: Final = 60.0


class ArgumentParting:
    """What a PBX was last seen to part arguments by."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen = COMMA
        self._until: float | None = None

    @property
    def known(self) -> str | None:
        """The character; None where it is to be tried, for the first time or again."""
        fresh = self._until is not None and self._monotonic() < self._until
        return self._seen if fresh else None

    def see(self, first: str) -> str:
        """The character, by what the first variable of the list that was tried holds."""
        self._seen = BAR if COMMA in first else COMMA
        self._until = self._monotonic() + TRIED_EVERY_S
        return self._seen

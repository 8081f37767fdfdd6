"""Numbers for customers whose file has none: reserved for fiction, so that nobody real can be rung."""

import hashlib
from collections.abc import Mapping
from typing import Final

from telephony.numbers import FICTIONAL_COUNT, fictional_numbers


class FictionUsedUp(ValueError):
    """There are more customers than numbers reserved for fiction."""


class Fiction:
    """Gives each customer one fictional number, and the same customer always the same.

    `known` are the customers who already have one (identifier to E.164): they keep it, and nobody else
    gets it. The place in the fixed order of fictional numbers comes from the identifier's own hash, the
    next free one if that is taken, so that a file read again gives what it gave before.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self._taken = set(self._known.values())

    def number_for(self, external_id: str) -> str:
        """The customer's number, E.164. Raises `FictionUsedUp` when there is none left."""
        known = self._known.get(external_id)
        if known is not None:
            return known
        if len(self._taken) >= FICTIONAL_COUNT:
            raise FictionUsedUp(
                f"there are {FICTIONAL_COUNT:,} fictional numbers and more customers than that. Name the "
                "column with real ones by --phone, or import a part of the file."
            )
        index = int.from_bytes(hashlib.sha256(external_id.encode()).digest()[:8]) % FICTIONAL_COUNT
        while _ALL[index] in self._taken:
            index = (index + 1) % FICTIONAL_COUNT
        number = _ALL[index]
        self._known[external_id] = number
        self._taken.add(number)
        return number


_ALL: Final = tuple(number.e164 for number in fictional_numbers(FICTIONAL_COUNT))

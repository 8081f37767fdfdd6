"""Headings that can be told apart: a column without a name, or with that of another, gets one of its own."""

import re
from collections.abc import Iterable
from typing import Final

_NAMELESS: Final = re.compile(r"\(column \d+\)")
#: `(Do Not Modify) Contact` in the languages that it is exported in
SYSTEM_MARK: Final = re.compile(
    r"^\((?:Do Not Modify|Nicht ändern|Nicht bearbeiten|Ikke endre|Må ikke endres|Ändra inte|Får ej ändras"
    r"|Må ikke ændres|Må ikke redigeres|Älä muokkaa|Ei saa muokata|Ne pas modifier|Niet wijzigen)\)\s*",
    re.IGNORECASE,
)
_GROUP: Final = re.compile(
    r"^(?:person|contact|kontakt|lead|henkilö|contactpersoon)\s+[-:\N{EN DASH}]\s+", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r" \(\d+\)$")


def told_apart(headings: Iterable[str]) -> tuple[str, ...]:
    """The headings in their order: blanks made single, the nameless by their place, doubles numbered.

    Two columns `Telefon` are `Telefon` and `Telefon (2)`; a third one without a name is `(column 3)`.
    """
    names: list[str] = []
    for place, heading in enumerate(headings, start=1):
        name = " ".join(heading.split()) or f"(column {place})"
        unique, number = name, 1
        while unique in names:
            number += 1
            unique = f"{name} ({number})"
        names.append(unique)
    return tuple(names)


def is_nameless(heading: str) -> bool:
    """Whether the file has no name for this column."""
    return _NAMELESS.fullmatch(heading) is not None


def without_group(heading: str) -> str:
    """The heading without the kind of record that it is a field of, as in Pipedrive: `Person - Name`."""
    return _GROUP.sub("", heading)


def has_system_mark(heading: str) -> bool:
    """Whether Dynamics keeps this column for itself: its key, a check sum, the time of a change."""
    return SYSTEM_MARK.match(heading) is not None


def as_written(heading: str) -> str:
    """The heading without the number that tells it from another."""
    return _NUMBERED.sub("", heading)

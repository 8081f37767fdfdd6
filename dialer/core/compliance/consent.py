"""Consent to marketing by telephone, as a customer file has it: a yes, its day, and until when it holds.

What cannot be read is no consent: the law asks the caller to prove it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from churnmodel.data.words import (
    HEADINGS,
    MISSING_WORDS,
    NO_WORDS,
    REFUSING_WORDS,
    WITHDRAWN,
    YES_WORDS,
    folded,
    folded_heading,
)


def has_consent(attributes: Mapping[str, Any], now: datetime) -> bool:
    """Whether a customer's attributes show a consent that holds at `now`.

    A column of consent says yes or the day it was given; where two say so, both must. A day still to come is
    no consent yet, and after the last day of a column of expiry (UTC) there is none any more. A column for
    the day alone is enough where no other column speaks of consent; an empty one says nothing beside a yes.
    """
    today = now.astimezone(UTC).date()
    said = list(_cells(attributes, "consent"))
    given = [cell for cell in _cells(attributes, "consent_date") if folded(cell) not in MISSING_WORDS]
    until = [cell for cell in _cells(attributes, "consent_until") if folded(cell) not in MISSING_WORDS]
    return (
        bool(said or given)
        and all(folded(cell) in YES_WORDS or _is_past(cell, today) for cell in said)
        and all(_is_past(cell, today) for cell in given)
        and all((last := _day(cell)) is not None and today <= last for cell in until)
    )


def refuses_consent(attributes: Mapping[str, Any]) -> bool:
    """Whether a customer's attributes have a no to marketing, or a consent that was taken back.

    An empty cell, and one that cannot be read, is no answer: where the law asks for a yes there is none.
    """
    cells = (*_cells(attributes, "consent"), *_cells(attributes, "marketing"))
    return any(
        (said := folded(cell.removesuffix(".0"))) in NO_WORDS
        or said in REFUSING_WORDS
        or said.startswith(WITHDRAWN)
        for cell in cells
    )


def says_yes(attributes: Mapping[str, Any], column: str) -> bool:
    """Whether a customer's column of this name says yes, in whatever language; anything else is no yes."""
    said = [str(value) for name, value in attributes.items() if folded(name) == folded(column)]
    return bool(said) and all(folded(cell) in YES_WORDS for cell in said)


def _cells(attributes: Mapping[str, Any], heading: str) -> Iterator[str]:
    return (str(value) for name, value in attributes.items() if folded_heading(name) in HEADINGS[heading])


def _is_past(cell: str, today: date) -> bool:
    day = _day(cell)
    return day is not None and day <= today


def _day(cell: str) -> date | None:
    """The day of a cell, which the import has written as ISO 8601."""
    try:
        return datetime.fromisoformat(cell.strip()).date()
    except ValueError:
        return None

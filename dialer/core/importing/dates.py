"""Days and times as people write them, read only where the whole column leaves no doubt of their order.

ISO 8601 is read as it stands. 03/04/2026 is a day in March or in April: it is read if every other cell of its
column can be read that way and not the other.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from churnmodel.data.words import BEFORE_A_DAY, MISSING_WORDS, MONTHS, folded

STYLES: Final = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d",
    "%d/%m-%Y", "%d/%m-%y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d %b %Y",
    "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
NAMED: Final = re.compile(
    r"(?:[^\W\d_]+[.,]* )*?(?P<day>\d{1,2})[. -]*(?P<month>[^\W\d_]+)[. ,-]*(?P<year>\d{4}|\d\d)"
)
CENTURY: Final = 100  # years
#: a year of two digits is of this century up to here, as `strptime` has it
LAST_OF_TWO_DIGITS: Final = 68
#: what stands between a day and an hour, and says nothing
AT: Final = re.compile(r"(?<=\d) (?:klo?\.?|um) (?=\d)")
TAILS: Final = ("", " %H:%M", " %H:%M:%S", " %H.%M", " %I:%M %p", " %I:%M:%S %p")


class DatesUnclear(ValueError):
    """The column can be read in two orders of day and month; the message shows a cell."""


def read_dates(cells: Iterable[str]) -> Mapping[str, datetime | None]:
    """Give the moment each distinct cell names, UTC where no zone is said; None for an empty one.

    A cell that is no date is not in the mapping.

    Raises:
        DatesUnclear: two orders of day and month read as many cells, and differently.
    """
    return dates_in_style(cells)[0]


def dates_in_style(cells: Iterable[str]) -> tuple[Mapping[str, datetime | None], str]:
    """The same, and the style in which those are written that are not ISO 8601; empty where all are.

    A cell that is no date is not in the mapping.

    Raises:
        DatesUnclear: two orders of day and month read as many cells, and differently.
    """
    texts = {cell.strip() for cell in cells}
    read: dict[str, datetime | None] = {text: None for text in texts if folded(text) in MISSING_WORDS}
    others: list[str] = []
    for text in texts - read.keys():
        moment = _iso(text)
        if moment is None:
            others.append(text)
        else:
            read[text] = moment
    styled, style = _styled(others)
    named = {text: moment for text in others if (moment := _named(text)) is not None}
    return {**read, **named, **styled}, style


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _named(text: str) -> datetime | None:
    """The day of a text that names the month in any of the dictionary's languages."""
    found = NAMED.fullmatch(text)
    month = MONTHS.get(folded(found["month"])) if found is not None else None
    if found is None or month is None:
        return None
    before = text[: found.start("day")].split()
    if not all(folded(word) in BEFORE_A_DAY for word in before):
        return None
    year = int(found["year"])
    if year < CENTURY:
        year += 2000 if year <= LAST_OF_TWO_DIGITS else 1900
    try:
        return datetime(year, month, int(found["day"]), tzinfo=UTC)
    except ValueError:  # as the 30th of February
        return None


def _styled(texts: list[str]) -> tuple[dict[str, datetime], str]:
    """The cells as the one style reads them that reads most; a style is an order of day, month and year."""
    readings = {style: found for style in STYLES if (found := _in_style(texts, style))}
    most = max(map(len, readings.values()), default=0)
    styles = [style for style, found in readings.items() if len(found) == most]
    best = [readings[style] for style in styles]
    if not best:
        return {}, ""
    for other in best[1:]:
        doubtful = next((text for text in sorted(best[0]) if other.get(text) != best[0][text]), None)
        if doubtful is not None:
            raise DatesUnclear(
                f"{doubtful!r} may be read in two ways, {best[0][doubtful]:%d %B %Y} or "
                f"{_other_reading(other, doubtful)}; write dates as YYYY-MM-DD, for example 2026-11-28"
            )
    return best[0], styles[0]


def _other_reading(other: Mapping[str, datetime], text: str) -> str:
    return f"{other[text]:%d %B %Y}" if text in other else "no date"


def read_in_style(text: str, style: str) -> datetime | None:
    """The moment of one cell in the style of its column, with an hour or without; None if it has another."""
    plain = AT.sub(" ", text)
    for tail in TAILS:
        try:
            return datetime.strptime(plain, style + tail).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _in_style(texts: list[str], style: str) -> dict[str, datetime]:
    return {text: moment for text in texts if (moment := read_in_style(text, style)) is not None}

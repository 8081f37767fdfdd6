"""Days and times as people write them, read only where the whole column leaves no doubt of their order.

ISO 8601 is read as it stands. 03/04/2026 is a day in March or in April: it is read if every other cell of its
column can be read that way and not the other.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from churnmodel.data.words import BEFORE_A_DAY, MISSING_WORDS, MONTHS, folded
from dialer.core.importing.readings import Reading

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
    """The column can be read in two orders of day and month; the message shows a cell, `text`."""

    def __init__(self, text: str, readings: Mapping[Reading, str]) -> None:
        either = " or ".join(said or "no date" for said in readings.values())
        super().__init__(
            f"{text!r} may be read in two ways, {either}; write dates as YYYY-MM-DD, for example 2026-11-28"
        )
        self.text = text
        self.readings = readings


def read_dates(cells: Iterable[str]) -> Mapping[str, datetime | None]:
    """Give the moment each distinct cell names, UTC where no zone is said; None for an empty one.

    A cell that is no date is not in the mapping.

    Raises:
        DatesUnclear: two orders of day and month read as many cells, and differently.
    """
    return dates_in_style(cells)[0]


def dates_in_style(
    cells: Iterable[str], order: Reading | None = None
) -> tuple[Mapping[str, datetime | None], str]:
    """The same, and the style in which those are written that are not ISO 8601; empty where all are.

    A cell that is no date is not in the mapping. `order`: somebody says which of day and month comes first.

    Raises:
        DatesUnclear: two orders of day and month read as many cells, and differently.
    """
    texts = {cell.strip() for cell in cells}
    read: dict[str, datetime | None] = {text: None for text in texts if folded(text) in MISSING_WORDS}
    others: list[str] = []
    for text in texts - read.keys():
        moment = read_iso(text)
        if moment is None:
            others.append(text)
        else:
            read[text] = moment
    styled, style = _styled(others) if order is None else _ordered(others, order)
    named = {text: moment for text in others if (moment := _named(text)) is not None}
    return {**read, **named, **styled}, style


def read_iso(text: str) -> datetime | None:
    """The moment of a text in ISO 8601, UTC where no zone is said; None of any other."""
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
            raise DatesUnclear(doubtful, day_readings(doubtful))
    return best[0], styles[0]


def _ordered(texts: list[str], order: Reading) -> tuple[dict[str, datetime], str]:
    """The cells in every style of an order, and the style that reads most of them."""
    readings = {style: _in_style(texts, style) for style in STYLES if order_of(style) in {order, None}}
    style = max(readings, key=lambda one: len(readings[one]))
    return {text: day for found in readings.values() for text, day in found.items()}, (
        style if readings[style] else ""
    )


def order_of(style: str) -> Reading | None:
    """Which of day and month a style has first, where both are figures before a year; else None."""
    if "%b" in style or "%B" in style:
        return None
    return {"%d": Reading.DAY_FIRST, "%m": Reading.MONTH_FIRST}.get(style[:2])


def day_readings(text: str) -> dict[Reading, str]:
    """What a cell is in each order of day and month, in words; empty where it is no date."""
    found = {}
    for order in (Reading.DAY_FIRST, Reading.MONTH_FIRST):
        days = (read_in_style(text, style) for style in STYLES if order_of(style) is order)
        found[order] = next((f"{day:%d %B %Y}" for day in days if day is not None), "")
    return found


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

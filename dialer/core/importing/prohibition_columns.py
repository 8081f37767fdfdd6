"""Columns that say whom not to call, by their heading.

A heading alone is not enough: `Blocked calls` holds counts. So the cells must be answers, days,
or a few words.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from churnmodel.data.words import HEADINGS, MISSING_WORDS, NO_WORDS, YES_WORDS, folded, folded_heading
from dialer.core.importing.heading_phrases import (
    forbids,
    gives_reason,
    permits,
    tells_of_death,
)
from dialer.core.importing.headings import has_system_mark
from dialer.core.importing.rows import TICKED, UNTICKED

Value = TypeVar("Value")

BEARING_SHARE: Final = 0.5  # of the sampled values that must look the part; exports hold a lot of blanks
MOST_FLAG_WORDS: Final = 12  # different words in the sample of a column that says yes or no in some way

PROHIBITION_WORDS: Final = re.compile(
    r"donot(call|phone|contact|solicit|disturb)|dncl?(flag|status|list|register|date)|optedout|optout|objecti(on|ng)to"
    r"|reservertmot|reservasjon(mot|telefon|sregister)|ikkering|ringikke|soittokielto|markkinointikielto"
    r"|werbesperre|werbewiderspruch|anrufsperre|nixtelefon|nixregist|robinson|reklamsparr|ringej"
)
"""What a column's name has in it that puts a person off."""

OTHER_CHANNEL: Final = re.compile(
    r"e?mail|epost|sms|mejl|newsletter|nyhetsbrev|letter|sahkoposti|brief|fax|web"
)
"""A prohibition of another channel says nothing about calls."""

ANY_CHANNEL: Final = re.compile(r"call|phone|ring|telefon|tlf|anruf|soit|puhelin|opkald|samtal")
"""One that names the telephone beside other channels does."""

#: a day, or the noughts that a program writes where it has none
DAY: Final = re.compile(
    r"\d{1,4}[-./]\d|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$|0+$",
)
AMOUNT: Final = re.compile(r"(?:[2-9]|[+(]?\d[\d .,()/-]+)")


def prohibitions(columns: Sequence[str], values: Callable[[str], list[str]], meaning: str) -> tuple[str, ...]:
    """The columns that put a person off: named so, and holding yes and no, dates or a few words."""
    said = tells_of_death if meaning == "deceased" else forbids

    def is_one(column: str) -> bool:
        if has_system_mark(column):  # "do not modify" forbids no call
            return False
        name = folded_heading(column)
        if name in HEADINGS[meaning]:
            return is_flag(values(column))
        if meaning == "do_not_call" and gives_reason(column) and forbids(column):
            return True
        in_name = meaning == "do_not_call" and PROHIBITION_WORDS.search(name) is not None
        if not (in_name or said(column)) or (OTHER_CHANNEL.search(name) and not ANY_CHANNEL.search(name)):
            return False
        return is_flag(values(column)) and not any(map(_is_amount, values(column)))

    return tuple(filter(is_one, columns))


def is_flag(cells: Sequence[str]) -> bool:
    """Whether cells say yes or no in some way: by words, by few of them, or by the day it was said."""
    others = {cell for cell in cells if not DAY.match(cell)}
    return len(others) <= MOST_FLAG_WORDS


def _is_amount(cell: str) -> bool:
    """Whether a cell is a count, or a telephone number, and so no answer."""
    return AMOUNT.fullmatch(cell) is not None and not DAY.match(cell)


def says_who_may_be_called(column: str, cells: Sequence[str]) -> bool:
    """Whether a column asks who may be called, and has answers."""
    return permits(column) and _answers(cells)


def _answers(cells: Sequence[str]) -> bool:
    """Whether cells are answers to a question, nearly all of them a plain yes or no."""
    said = [
        cell for cell in cells if cell.strip() in {*TICKED, *UNTICKED} or folded(cell) not in MISSING_WORDS
    ]
    return bears(
        said,
        lambda cell: (
            cell.strip() in {*TICKED, *UNTICKED} or folded(cell) in YES_WORDS or folded(cell) in NO_WORDS
        ),
    )


def bears(values: Sequence[Value], fits: Callable[[Value], bool]) -> bool:
    """Whether enough of a sample's cells, or rows, look the part."""
    return bool(values) and sum(map(fits, values)) >= BEARING_SHARE * len(values)

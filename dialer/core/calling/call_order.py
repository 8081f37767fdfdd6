"""Whom of a list is called first, by a campaign's own order, and where those whom a coin added stand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from dialer.core.sentence import Sentence

Entry = TypeVar("Entry")


class CalledFirst(StrEnum):
    """What puts customers first."""

    GAIN = "gain"  # the most expected gain
    OLDEST_CONTACT = "oldest_contact"  # never talked with, then the longest ago
    RANDOM = "random"  # by a draw that stays
    BY_DAY = "by_day"  # the earliest day in a column of theirs; without one, last


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrder:
    """An order, and the column of the customers' own where it is by its days."""

    by: CalledFirst = CalledFirst.GAIN
    column: str = ""

    def in_words(self) -> Sentence:
        """What stands after "called first:"."""
        words = {
            CalledFirst.GAIN: Sentence("the most expected gain"),
            CalledFirst.OLDEST_CONTACT: Sentence("the longest without a talk"),
            CalledFirst.RANDOM: Sentence("by chance"),
            CalledFirst.BY_DAY: Sentence("the earliest %(column)s", column=self.column),
        }
        return words[self.by]


def interleave(ordered: Sequence[Entry], added: Iterable[tuple[float, Entry]]) -> Iterator[Entry]:
    """Those in order, with others spread among them by numbers from 0 to 1.

    At the end, where the order would put them, they would be called last or never, and tell nothing.
    """
    following = iter(sorted(added, key=lambda each: each[0]))
    waiting = next(following, None)
    for position, entry in enumerate(ordered):
        while waiting is not None and waiting[0] * len(ordered) < position:
            yield waiting[1]
            waiting = next(following, None)
        yield entry
    if waiting is not None:
        yield waiting[1]
    for _, entry in following:
        yield entry

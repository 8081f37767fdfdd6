"""What came of an offer, in figures."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

REPORTED: Final = timedelta(days=90)  # longer ago says nothing of today's offers


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSaves:
    """Customers who stayed, of those given an offer, beyond the hold-out's share; a 95 % interval."""

    given: int  # customers of whom it is known
    held_out: int
    saves: float
    low: float
    high: float
    money: float  # what these saves are worth, the cost of the offers that were taken left out


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferReport:
    """One offer in these days."""

    offer: int
    name: str
    given: int
    taken: int  # the word was *saved*
    turned_down: int  # the word was *lost*
    asked: int  # above a limit; those among the given ones that were allowed, too
    refused: int
    spent: float  # cost of those taken
    saves: OfferSaves | None  # None: too few, or the horizon of their campaigns is not over

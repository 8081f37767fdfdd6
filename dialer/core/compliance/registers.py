"""The public registers of people who want no marketing calls: whom each is about, and how long a copy holds.

A register comes as a file. A copy that is older than its rule allows says nothing of whoever joined since,
so marketing calls to its countries stop until a newer one is imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class RegisterSource(StrEnum):
    """Where a file of numbers comes from."""

    TPS = "tps"
    NIX = "nix"
    RESERVASJON = "reservasjon"
    ROBINSON = "robinson"
    FTC = "ftc"
    OWN = "own"  # the house's own objections: they are added, and no file takes one back


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRule:
    """Whose numbers a register holds, and how old its copy may be."""

    countries: tuple[str, ...]  # ISO 3166, the first for numbers without a country code; empty: to be said
    most_days: int
    because: str  # where that number of days is from


MONTH_DAYS: Final = 31
#: of a register's numbers that a newer file may be without; in a month a hundredth leave one, so a file
#: that is without more is most likely a part of a file
MOST_LOST_SHARE: Final = 0.1
OURS: Final = "our own bound; the register's own rules allow longer, or could not be read"

#: the registers' own rules as they were read on 2026-11-29
RULES: Final[Mapping[RegisterSource, RegisterRule]] = {
    RegisterSource.TPS: RegisterRule(
        countries=("GB", "GG", "IM", "JE"),
        most_days=28,
        because="PECR 2003 reg. 21(3): a number binds once it is 28 days on the register",
    ),
    RegisterSource.NIX: RegisterRule(countries=("SE",), most_days=MONTH_DAYS, because=OURS),
    RegisterSource.RESERVASJON: RegisterRule(
        countries=("NO", "SJ"),
        most_days=MONTH_DAYS,
        because="markedsføringsloven §12: before the first use, and every month",
    ),
    RegisterSource.ROBINSON: RegisterRule(countries=(), most_days=MONTH_DAYS, because=OURS),
    RegisterSource.FTC: RegisterRule(
        countries=("US", "PR", "VI", "GU", "AS", "MP"),
        most_days=MONTH_DAYS,
        because="16 CFR 310.4(b)(3)(iv): a version obtained no more than 31 days before",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCopy:
    """One register as it was last imported."""

    name: str  # the source; of a Robinson list with its country: robinson-es
    countries: tuple[str, ...]
    dated: datetime  # when the file was taken from the register
    most_days: int

    @property
    def stale_from(self) -> datetime:
        """The moment from which the copy is too old."""
        return self.dated + timedelta(days=self.most_days)

    def is_stale(self, now: datetime) -> bool:
        """Whether a newer copy is needed before anybody of its countries is called for marketing."""
        return now >= self.stale_from


def register_name(source: RegisterSource, country: str) -> str:
    """What a register is called: Robinson lists are kept by country, and the others have one."""
    return source.value if RULES[source].countries else f"{source.value}-{country.lower()}"


def loses_too_many(known: int, gone: int) -> bool:
    """Whether a file without `gone` of a register's `known` numbers must be confirmed by somebody."""
    return gone > MOST_LOST_SHARE * known


def stale_countries(copies: tuple[RegisterCopy, ...], now: datetime) -> frozenset[str]:
    """Countries whose register has become too old; one that was never imported binds nobody."""
    return frozenset(country for copy in copies if copy.is_stale(now) for country in copy.countries)

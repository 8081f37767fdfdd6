"""Where a person lives, as their address tells: which clocks count, and which states' rules.

A residence is a set of ISO 3166 codes: a part of a country (`US-CA`), or a country alone (`NO`) where no more
is known. There is more than one where an address contradicts itself; then each of them counts.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from telephony.numbers import CARRIED_ALONG

COUNTRY_LETTERS: Final = 2
ZONE_COLUMN: Final = 2  # of the IANA database's zone.tab, behind country and coordinates
PART: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")  # ISO 3166-2


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A part of a country: its names, every zone it is in, and how its postcodes begin."""

    code: str
    names: tuple[str, ...]
    zones: tuple[str, ...]
    postcodes: frozenset[str]


@lru_cache
def known_states() -> Mapping[str, State]:
    """Every part of a country that is known, by its code."""
    table = tomllib.loads(
        resources.files("dialer.core.compliance").joinpath("states.toml").read_text("utf-8")
    )
    return {
        code: State(
            code=code,
            names=tuple(name.strip() for name in told["names"].split(",")),
            zones=tuple(told["zones"].split()),
            postcodes=frozenset(start for part in told["postcodes"].split() for start in _starts(part)),
        )
        for code, told in table["states"].items()
    }


def country_of(code: str) -> str:
    """The country of a residence's code."""
    return code[:COUNTRY_LETTERS]


def beyond(country: str | None, residence: Sequence[str]) -> tuple[str, ...]:
    """What of a residence says more than that the person lives in this country."""
    return tuple(code for code in residence if code != country)


def possible_zones(
    country: str | None, by_number: tuple[str, ...], stated: str | None, residence: Sequence[str]
) -> tuple[str, ...]:
    """Every zone a person may be in, by what a number of this country leaves open and what else is said.

    A stated zone settles it, and so does an address in the number's country. Where they contradict each
    other, or the address is abroad, each of them counts.
    """
    told = beyond(country, residence)
    if not told:
        return (stated,) if stated is not None else by_number
    at_home = all(country_of(code) == country for code in told)
    found = {zone for code in told for zone in zones_of(code)}
    if stated is not None:
        return (stated,) if stated in found else tuple(sorted({stated, *found}))
    return tuple(sorted(found if at_home else {*found, *by_number}))


@lru_cache(maxsize=1024)
def zones_of(code: str) -> tuple[str, ...]:
    """The zones of a part of a country, or of a whole country; none where the code is not known."""
    state = known_states().get(code)
    if state is not None:
        return state.zones
    return CARRIED_ALONG.get(country_of(code)) or _zones_of_countries().get(country_of(code), ())


@lru_cache
def _zones_of_countries() -> Mapping[str, tuple[str, ...]]:
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in table.splitlines():
        if not line.startswith("#"):
            cells = line.split("\t")
            found[cells[0]].append(cells[ZONE_COLUMN])
    return {country: tuple(sorted(zones)) for country, zones in found.items()}


def _starts(part: str) -> Iterator[str]:
    """How the postcodes of a range begin: `060-069`, `K-N`, `X0A-X0C`; only the end of it counts up."""
    first, _, last = part.partition("-")
    if not last:
        yield first
    elif first.isdigit():
        yield from (f"{number:0{len(first)}d}" for number in range(int(first), int(last) + 1))
    else:
        yield from (first[:-1] + chr(letter) for letter in range(ord(first[-1]), ord(last[-1]) + 1))

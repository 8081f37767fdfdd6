"""The rule files that come with the package, found by listing their folder and read once.

A country's file that is there is in force. One that cannot be read stops the start: a rule that somebody
believes to hold and that nobody applies is worse than a centre that does not call.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, Literal, TypeVar

from dialer.core.compliance.rulebook import Pack, Rulebook, RulebookError, read_calendars, read_pack
from dialer.core.compliance.windows import Calendar, Observed

RulebookName = Literal["strict", "country"]
STRICT: Final = "strict.toml"
HOLIDAYS: Final = "holidays.toml"

ReadT = TypeVar("ReadT")


@lru_cache
def packaged_rulebook(name: RulebookName = "strict") -> Rulebook:
    """The rulebook of this name, with the product's own limits and a queue that is always open."""
    return read_rulebook(resources.files("dialer.core.compliance.rules"), name)


def read_rulebook(folder: Traversable, name: RulebookName = "strict") -> Rulebook:
    """The rulebook of a folder: `strict.toml`, `holidays.toml`, and one file a country, `gb.toml` for GB.

    Raises `RulebookError` that names the file and what is wrong with it.
    """
    files = {file.name: file for file in folder.iterdir() if file.name.endswith(".toml")}
    countries = sorted(files.keys() - {STRICT, HOLIDAYS})
    calendars = _read(folder.joinpath(HOLIDAYS), read_calendars)
    return Rulebook(
        strict=_read(folder.joinpath(STRICT), read_pack),
        packs=dict(_read_country(files[country], calendars) for country in countries),
        calendars=calendars,
        by_country_only=name == "country",
    )


def _read_country(file: Traversable, calendars: Mapping[str, Calendar]) -> tuple[str, Pack]:
    """A country's code and its rules."""
    pack = _read(file, read_pack)
    country = file.name.removesuffix(".toml").upper()
    if pack.country != country:
        raise RulebookError(f"{file.name}: country is {pack.country!r}, and by its name it is {country!r}")
    closes = any(hours.observed is not Observed.NONE for hours in pack.hours.values())
    if closes and country not in calendars:
        raise RulebookError(f"{file.name}: closes on holidays, and {HOLIDAYS} has none of {country}")
    return country, pack


def _read(file: Traversable, read: Callable[[str], ReadT]) -> ReadT:
    try:
        return read(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, RulebookError) as wrong:
        raise RulebookError(f"{file.name}: {wrong}") from None

"""The rule files that come with the package, read once."""

from functools import lru_cache
from importlib import resources
from typing import Final, Literal

from dialer.core.compliance.rulebook import Rulebook, read_calendars, read_pack

RulebookName = Literal["strict", "country"]
COUNTRIES: Final = ("au", "de", "fr", "gb", "no", "us")


@lru_cache
def packaged_rulebook(name: RulebookName = "strict") -> Rulebook:
    """The rulebook of this name, with the product's own limits and a queue that is always open."""
    packs = [read_pack(_text(country)) for country in COUNTRIES]
    return Rulebook(
        strict=read_pack(_text("strict")),
        packs={pack.country: pack for pack in packs if pack.country is not None},
        calendars=read_calendars(_text("holidays")),
        by_country_only=name == "country",
    )


def _text(name: str) -> str:
    return resources.files("dialer.core.compliance.rules").joinpath(f"{name}.toml").read_text("utf-8")

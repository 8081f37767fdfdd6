"""What customers are told by text: one template a kind and language, filled with facts and nothing else."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from dialer.core.compliance.windows import zone_of

TABLE: Final = Path(__file__).with_name("texts.toml")
LANGUAGES: Final = ("en", "nb", "sv", "da", "fi", "de")
PARTS: Final = "part."  # what stands inside other texts
#: as sounds are named on a PBX: "no" is what Norwegian was called before there were two of it
FORMER_NAMES: Final[Mapping[str, str]] = {"no": "nb", "nn": "nb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """What one text tells.

    `window` is on the clock of `zone`, without an end where none is told; `code` proves a number; `answer` is
    where one question is answered.
    """

    name: str
    reference: str = ""
    window: tuple[datetime, datetime | None] | None = None
    zone: str = "UTC"
    link: str = ""
    code: str = ""
    answer: str = ""


@cache
def read_texts() -> Mapping[str, Mapping[str, str]]:
    """The table: by kind, then language."""
    table: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return table


def kinds() -> tuple[str, ...]:
    """The texts that can be sent."""
    return tuple(kind for kind in read_texts() if not kind.startswith(PARTS))


def language_of(named: str, otherwise: str) -> str:
    """One of our languages for a name such as `sv`, `de_AT` or `no`; `otherwise` for one that we lack."""
    short = named.lower().replace("-", "_").partition("_")[0]
    short = FORMER_NAMES.get(short, short)
    return short if short in LANGUAGES else otherwise


def write_text(kind: str, language: str, facts: TextFacts) -> str:
    """The words of one text; raises KeyError for a kind or a language there is none for."""
    table = read_texts()
    window = write_window(facts.window, facts.zone, language) if facts.window is not None else ""
    link = table["part.link"][language].format(link=facts.link) if facts.link else ""
    return table[kind][language].format(
        name=facts.name,
        reference=facts.reference,
        window=window,
        link=link,
        code=facts.code,
        answer=facts.answer,
    )


def write_window(window: tuple[datetime, datetime | None], zone: str, language: str) -> str:
    """When somebody is called, in words, with the blank before them."""
    first, last = (moment and moment.astimezone(zone_of(zone)) for moment in window)
    assert first is not None  # noqa: S101 - only an end may be missing
    words = {"day": write_day(first, language), "from": f"{first:%H:%M}"}
    if last is None:
        return read_texts()["part.from"][language].format(**words)
    return read_texts()["part.window"][language].format(**words, until=f"{last:%H:%M}")


def write_day(local: datetime, language: str) -> str:
    """A day as people write it: its name, number and month."""
    table = read_texts()
    return table["part.date"][language].format(
        day=table["part.days"][language].split()[local.weekday()],
        number=local.day,
        month=table["part.months"][language].split()[local.month - 1],
    )

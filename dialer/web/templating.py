"""Templates, and how they write times, shares and words."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from dialer.web.navigation import pages_for

NOTHING: Final = "\N{EN DASH}"  # shown where there is no figure


@cache  # a template takes half a second to compile, once a process: several applications share what they read
def make_templates(folder: Path) -> Jinja2Templates:
    """Templates in which everything is escaped and a misspelt name is an error."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        moment=write_moment,
        hour=write_hour,
        words=write_words,
        share=write_share,
        length_of=write_length,
        money=write_money,
        given=keep_given,
    )
    environment.globals["pages_for"] = pages_for
    return Jinja2Templates(env=environment)


def keep_given(values: dict[str, object]) -> dict[str, object]:
    """Only the entries that have a value: for a link's query."""
    return {name: value for name, value in values.items() if value is not None}


def write_moment(at: datetime | None, zone: str | None = None) -> str:
    """A moment on the clock of `zone`, with its name; UTC where none is given."""
    if at is None:
        return NOTHING
    local = at.astimezone(ZoneInfo(zone)) if zone else at
    return f"{local:%a %d %b %H:%M} {local.tzname()}"


def write_hour(at: datetime, zone: str | None = None) -> str:
    """The time of day alone, where the day is said beside it."""
    return f"{at.astimezone(ZoneInfo(zone)) if zone else at:%H:%M}"


def write_words(word: object) -> str:
    """A stored word as people write it: wrapping_up → wrapping up."""
    return str(word).replace("_", " ")


def write_share(share: float | None, digits: int = 1) -> str:
    """A share as percent, or a dash where there is nothing to divide by."""
    return NOTHING if share is None else f"{share * 100:.{digits}f} %"


def write_length(seconds: float | None) -> str:
    """A length of time: 42 s, 3 min, 2 h 05 min, 4 d."""
    if seconds is None:
        return NOTHING
    whole = max(0, int(seconds))
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004 - up to two days hours read better than days
        return f"{hours} h {minutes % 60:02} min"
    return f"{hours // 24} d"


def write_money(amount: float | None) -> str:
    """An amount in the operator's currency, which has no sign here."""
    return NOTHING if amount is None else f"{amount:,.2f}"

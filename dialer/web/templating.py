"""Templates, and how they write times, shares and words in the language of the page."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from dialer.web.file_words import write_broken_rule, write_finding
from dialer.web.languages import (
    ISO_DAY,
    SOURCE,
    as_fact,
    locale,
    say,
    spoken,
    to_say,
    translate,
    translate_number,
    translate_plain,
    write_day,
)
from dialer.web.navigation import pages_for
from dialer.web.promise_reasons import write_reason
from dialer.web.script_words import script_words
from dialer.web.template_code import TemplateCode
from dialer.web.told_words import write_told

FRACTION: Final = re.compile(r"-?\d+\.\d+")
NO_NAMES: Final = (to_say("(promises)"), to_say("(not said)"), to_say("we rang"), to_say("they rang"))
NOTHING: Final = "\N{EN DASH}"  # shown where there is no figure
DAY: Final = "MMMEd"  # weekday, day and month as each country orders them (CLDR's skeleton)


@cache  # a template takes half a second to compile, once a process: several applications share what they read
def make_templates(folder: Path) -> Jinja2Templates:
    """Templates in which everything is escaped and a misspelt name is an error."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,  # of code that is kept: what a filter gives may change before the template does
        bytecode_cache=TemplateCode(folder),
        extensions=["jinja2.ext.i18n"],
    )
    # a catalogue's words are ours and may hold markup; the facts in them are escaped
    environment.install_gettext_callables(translate, translate_number, newstyle=True)  # type: ignore[attr-defined]
    for name in ("gettext", "ngettext"):
        environment.globals[name] = _with_facts_apart(environment.globals[name])  # type: ignore[arg-type] # as installed
    environment.filters.update(
        moment=write_moment,
        hour=write_hour,
        day=write_day,
        place=write_place,
        detail=write_detail,
        named=write_name,
        words=write_words,
        share=write_share,
        length_of=write_length,
        money=write_money,
        number=write_number,
        thousands=write_thousands,
        said=translate,
        plain=translate_plain,
        finding=write_finding,
        broken_rule=write_broken_rule,
        told=write_told,
        why=write_reason,
        given=keep_given,
    )
    environment.globals.update(pages_for=pages_for, script_words=script_words)
    return Jinja2Templates(env=environment)


def _with_facts_apart(said: Callable[..., str]) -> Callable[..., str]:
    """A sentence of a template whose facts are set apart, as those of Python's sentences are (`say`)."""

    @pass_context
    def sentence(context: Context, *message: object, **facts: object) -> str:
        return said(context, *message, **{name: as_fact(fact) for name, fact in facts.items()})

    return sentence


def keep_given(values: dict[str, object]) -> dict[str, object]:
    """Only the entries that have a value: for a link's query."""
    return {name: value for name, value in values.items() if value is not None}


def write_moment(at: datetime | None, zone: str | None = None) -> str:
    """A moment on the clock of `zone`, with its name; UTC where none is given."""
    if at is None:
        return NOTHING
    local = _on_clock(at, zone)
    return f"{_write_day(local)} {local:%H:%M} {local.tzname()}"


def write_hour(at: datetime, zone: str | None = None, beside: datetime | None = None) -> str:
    """The time of day alone, where the day is said beside it; with its day where `beside` is of another."""
    local = _on_clock(at, zone)
    same = beside is None or _on_clock(beside, zone).date() == local.date()
    return f"{local:%H:%M}" if same else f"{_write_day(local)} {local:%H:%M}"


def _on_clock(at: datetime, zone: str | None) -> datetime:
    return at.astimezone(ZoneInfo(zone)) if zone else at


def _write_day(local: datetime) -> str:
    return f"{local:%a %d %b}" if spoken() == SOURCE else format_skeleton(DAY, local, locale=locale())


def write_words(word: object) -> str:
    """A stored word as people write it: wrapping_up → wrapping up; a house's own stays as it is."""
    return translate(str(word).replace("_", " "))


def write_name(name: object) -> object:
    """A name in a report as it is, and what stands in the place of one in the language of the page."""
    return translate(str(name)) if name in NO_NAMES else name


def write_place(name: str) -> str:
    """A country by its English name, as the language of the page calls it; another name or word of ours."""
    if spoken() == SOURCE:
        return name
    codes = {english: code for code, english in Locale(SOURCE).territories.items()}
    return str(locale().territories.get(codes.get(name, ""), "")) or translate(name)


def write_language(code: str) -> str:
    """A language by its code, as the language of the page calls it."""
    return str(locale().languages.get(code.lower(), code))


def write_cell(value: object) -> object:
    """A cell of a customer file: yes or no, fractions and days in the language; others as they are."""
    text = str(value)
    if text.lower() in {"true", "false"}:
        return say("yes") if text.lower() == "true" else say("no")
    if FRACTION.fullmatch(text) and spoken() != SOURCE:
        return write_number(float(text), len(text.partition(".")[2]))
    return write_day(text) if ISO_DAY.fullmatch(text) else value


def write_detail(value: object) -> str:
    """What an act was about, as people read it; of a table what is in it, without what was left open."""
    if value is None:
        return NOTHING
    if isinstance(value, Mapping):
        given = {name: each for name, each in value.items() if each or (each == 0 and each is not False)}
        return "; ".join(f"{write_words(name)}: {write_detail(each)}" for name, each in given.items())
    if isinstance(value, list):
        return ", ".join(map(write_detail, value))
    if not isinstance(value, str):
        return str(write_cell(value))
    if ISO_DAY.fullmatch(value):
        return write_day(value)
    said = translate_plain(value)
    return write_words(said) if said == value and "_" in value and value.isidentifier() else said


def write_number(number: float | None, digits: int = 0, *, signed: bool = False) -> str:
    """A number with so many decimals, or a dash; `signed`: with a plus where it is more than nothing."""
    if number is None:
        return NOTHING
    if spoken() == SOURCE:
        return f"{number:{'+' if signed else ''}.{digits}f}"
    said = format_decimal(round(number, digits), _pattern(digits), locale=locale(), group_separator=False)
    return f"+{said}" if signed and number >= 0 else said


def write_thousands(number: float | None, digits: int = 0, *, signed: bool = False) -> str:
    """The same with the thousands set apart."""
    if number is None:
        return NOTHING
    if spoken() == SOURCE:
        return f"{number:{'+' if signed else ''},.{digits}f}"
    said = format_decimal(round(number, digits), _pattern(digits), locale=locale())
    return f"+{said}" if signed and number >= 0 else said


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def write_share(share: float | None, digits: int = 1) -> str:
    """A share as percent, or a dash where there is nothing to divide by."""
    return NOTHING if share is None else f"{write_number(share * 100, digits)} %"


def write_length(seconds: float | None) -> str:
    """A length of time: 42 s, 3 min, 2 h 05 min, 4 d."""
    if seconds is None:
        return NOTHING
    whole = max(0, int(seconds))
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return say("%(seconds)s s", seconds=whole)
    minutes = whole // 60
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return say("%(minutes)s min", minutes=minutes)
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004 - up to two days hours read better than days
        return say("%(hours)s h %(minutes)s min", hours=hours, minutes=f"{minutes % 60:02}")
    return say("%(days)s d", days=hours // 24)


def write_money(amount: float | None) -> str:
    """An amount in the operator's currency, which has no sign here."""
    return write_thousands(amount, 2)

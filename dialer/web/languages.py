"""The language a page is read in: which one it is, and what a sentence is in it.

English is the source: a message is its own English. Another language's words are in
`locales/<language>/LC_MESSAGES/winback.po`, read when somebody first needs them, so nothing has to be built.
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from dialer.core.outbox.texts import LANGUAGES, language_of
from dialer.core.sentence import Figure, Plain, Sentence, Several
from dialer.web.read_back import FACT, FIGURE, NEXT_SENTENCE, read_back
from dialer.web.text_direction import set_apart

SOURCE: Final = "en"
LOCALES: Final = Path(__file__).with_name("locales")
#: each language by its own name: who looks for theirs does not read the others
NAMES: Final = {
    "en": "English",
    "nb": "Norsk bokmål",
    "sv": "Svenska",
    "da": "Dansk",
    "fi": "Suomi",
    "de": "Deutsch",
}

ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
REMEMBERED: Final = 512  # plain texts that were translated: a page shows the same ones again and again

_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


def choose_language(*wishes: str, accepted: str, otherwise: str) -> str:
    """The first of `wishes` that is not empty, else what a browser accepts (RFC 9110), else `otherwise`."""
    for wish in wishes:
        if wish in LANGUAGES:
            return wish
    return accepted_language(accepted) or otherwise


def accepted_language(header: str) -> str:
    """The language of ours that an Accept-Language header likes best; empty where it names none."""
    liked = []
    for part in header.split(","):
        name, _, weight = part.partition(";")
        language = language_of(name.strip(), "")
        if language:
            liked.append((_weight(weight), language))
    return max(liked, key=lambda each: each[0], default=(0.0, ""))[1]  # of equals the first


def _weight(said: str) -> float:
    name, _, value = said.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def spoken() -> str:
    """The language of the page that is being made."""
    return _spoken.get()


def locale() -> Locale:
    """How that language writes dates and numbers."""
    return _locale(_spoken.get())


@cache
def _locale(language: str) -> Locale:
    return Locale(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it, pages are in this language."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def read_catalogue(language: str) -> NullTranslations:
    """A language's words; raises OSError where it has none."""
    return _read_catalogue(language)[0]


@cache
def _read_catalogue(language: str) -> tuple[NullTranslations, tuple[str, ...]]:
    """A language's words, and those of its messages that facts stand in."""
    if language == SOURCE:
        return NullTranslations(), ()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - who reads English needs neither
    from babel.messages.pofile import read_po  # noqa: PLC0415 - the same

    with (LOCALES / language / "LC_MESSAGES" / "winback.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    with_facts = tuple(
        message.id for message in catalogue if isinstance(message.id, str) and FACT.search(message.id)
    )
    return GNUTranslations(compiled), with_facts


def translate(message: str) -> str:
    """A message as it is in the language spoken, a sentence with its facts; itself where no word is known."""
    if isinstance(message, Sentence):
        return _translate_sentence(message)
    return read_catalogue(_spoken.get()).gettext(message) if message else ""


def _translate_sentence(sentence: Sentence) -> str:
    write = _write_english if spoken() == SOURCE else _write_fact
    return " ".join(
        say(message, **{name: write(fact) for name, fact in facts.items()})
        for message, facts in sentence.parts
    )


def _write_english(fact: object) -> object:
    """As a sentence has it; a sentence within sets its own names apart."""
    return _translate_sentence(fact) if isinstance(fact, Sentence) else fact


def _write_fact(fact: object) -> object:
    if isinstance(fact, Sentence):
        return _translate_sentence(fact)
    if isinstance(fact, Several):
        return ", ".join(str(_write_fact(each)) for each in fact)
    if isinstance(fact, Plain):
        return translate_plain(fact)
    if isinstance(fact, date) or (isinstance(fact, str) and ISO_DAY.fullmatch(fact)):
        return write_day(fact)
    if not isinstance(fact, Figure):
        return fact
    said = format_decimal(
        round(100 * fact.value if fact.share else fact.value, fact.digits),
        "#,##0" + ("." + "0" * fact.digits if fact.digits else ""),
        locale=locale(),
    )
    said = f"+{said}" if fact.signed and fact.value >= 0 else said
    return f"{said} %" if fact.share else said


def write_day(day: date | str) -> str:
    """A day, or one written as 2026-12-31, with its year as the language has it; English keeps 2026-12-31."""
    if spoken() == SOURCE:
        return str(day)
    try:
        return format_date(date.fromisoformat(str(day)), "medium", locale=locale())
    except ValueError:
        return str(day)  # it only looks like one


def translate_plain(text: str) -> str:
    """Plain English of a room that knows of no catalogue, or stored as text, by the message it was made of.

    Several sentences one after the other are each found by itself; what is no message of ours stays.
    """
    if isinstance(text, Sentence):
        return _translate_sentence(text)
    return text if spoken() == SOURCE or not text else _translate_plain(text, spoken())


@lru_cache(maxsize=REMEMBERED)
def _translate_plain(text: str, language: str) -> str:
    """The whole as one message, or as sentences that are all known, or as much of it as is known."""
    one = _translate_one(text, language, whole=True)
    if one is not None:
        return one
    ends = [found.start() for found in NEXT_SENTENCE.finditer(text)]
    some = None
    for end in reversed(ends):
        head, rest = _translate_one(text[:end], language, whole=True), text[end + 1 :]
        if head is not None:
            said = _translate_plain(rest, language)
            some = some or f"{head} {said}"
            if said != rest:
                return f"{head} {said}"
    return _translate_one(text, language, whole=False) or some or text


def _translate_one(text: str, language: str, *, whole: bool) -> str | None:
    for known, again in _as_written(text):
        said = _translate_message(known, language, whole=whole)
        if said is not None:
            return again(said)
    return None


def _as_written(text: str) -> Iterator[tuple[str, Callable[[str], str]]]:
    """A text as its message may stand in the catalogue, and what makes a translation of it like the text."""
    yield text, str
    small, bare = text[:1].lower() + text[1:], text[:-1]
    yield small, lambda said: said[:1].upper() + said[1:]
    if text.endswith("."):
        yield bare, lambda said: said + "."
        yield small[:-1], lambda said: said[:1].upper() + said[1:] + "."


def _translate_message(text: str, language: str, *, whole: bool) -> str | None:
    words, with_facts = _read_catalogue(language)
    said = words.gettext(text)
    if said != text:
        return said
    found = read_back(text, with_facts)
    if found is None or (whole and not found.is_whole):
        return None
    facts = {name: _write_plain_fact(fact, language) for name, fact in found.facts.items()}
    return words.gettext(found.message) % facts


def _write_plain_fact(fact: str, language: str) -> str:
    if ISO_DAY.fullmatch(fact):
        return write_day(fact)
    figure = FIGURE.fullmatch(fact)
    if figure is not None and not fact.isdecimal():
        digits = len(figure["rest"] or ".") - 1
        number = float(f"{figure['sign']}{figure['number'].replace(',', '')}{figure['rest'] or ''}")
        share = bool(figure["share"])
        shown = Figure(number / 100 if share else number, digits, share=share, signed=figure["sign"] == "+")
        return str(_write_fact(shown))
    if " " not in fact.strip():
        return fact  # a name, though it may be a word of ours
    said = _translate_plain(fact, language)
    if said == fact and ", " in fact:
        return ", ".join(_write_plain_fact(each, language) for each in fact.split(", "))
    return said


def translate_number(one: str, many: str, number: int) -> str:
    """The same for a message that depends on a number."""
    return read_catalogue(_spoken.get()).ngettext(one, many, number)


def say(message: str, **facts: object) -> str:
    """A message with its facts, which stand in it as `%(name)s`."""
    said = translate(message)
    return said % {name: as_fact(fact) for name, fact in facts.items()} if facts else said


def as_fact(fact: object) -> object:
    """A fact as it stands in a sentence: a day as the language has it, a name set apart."""
    return write_day(fact) if isinstance(fact, date) else set_apart(fact)


def say_number(one: str, many: str, number: int, **facts: object) -> str:
    """The same by a number, which is the fact `num`."""
    return translate_number(one, many, number) % {
        "num": number,
        **{name: as_fact(fact) for name, fact in facts.items()},
    }


def to_say(message: str) -> str:
    """Itself: marks a message that is written down here and said elsewhere, so that catalogues have it."""
    return message

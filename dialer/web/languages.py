"""The language a page is read in: which one it is, and what a sentence is in it.

English is the source: a message is its own English. Another language's words are in
`locales/<language>/LC_MESSAGES/winback.po`, read when somebody first needs them, so nothing has to be built.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel import Locale
from babel.numbers import format_decimal

from dialer.core.outbox.texts import LANGUAGES, language_of
from dialer.core.sentence import Figure, Sentence, Several

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


@cache
def read_catalogue(language: str) -> NullTranslations:
    """A language's words; raises OSError where it has none."""
    if language == SOURCE:
        return NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - who reads English needs neither
    from babel.messages.pofile import read_po  # noqa: PLC0415 - the same

    with (LOCALES / language / "LC_MESSAGES" / "winback.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(message: str) -> str:
    """A message as it is in the language spoken, a sentence with its facts; itself where no word is known."""
    if isinstance(message, Sentence):
        return _translate_sentence(message)
    return read_catalogue(_spoken.get()).gettext(message) if message else ""


def _translate_sentence(sentence: Sentence) -> str:
    if spoken() == SOURCE:
        return str(sentence)
    return " ".join(
        say(message, **{name: _write_fact(fact) for name, fact in facts.items()})
        for message, facts in sentence.parts
    )


def _write_fact(fact: object) -> object:
    if isinstance(fact, Sentence):
        return _translate_sentence(fact)
    if isinstance(fact, Several):
        return ", ".join(str(_write_fact(each)) for each in fact)
    if not isinstance(fact, Figure):
        return fact
    said = format_decimal(
        round(100 * fact.value if fact.share else fact.value, fact.digits),
        "#,##0" + ("." + "0" * fact.digits if fact.digits else ""),
        locale=locale(),
    )
    said = f"+{said}" if fact.signed and fact.value >= 0 else said
    return f"{said} %" if fact.share else said


def translate_number(one: str, many: str, number: int) -> str:
    """The same for a message that depends on a number."""
    return read_catalogue(_spoken.get()).ngettext(one, many, number)


def say(message: str, **facts: object) -> str:
    """A message with its facts, which stand in it as `%(name)s`."""
    said = translate(message)
    return said % facts if facts else said


def say_number(one: str, many: str, number: int, **facts: object) -> str:
    """The same by a number, which is the fact `num`."""
    return translate_number(one, many, number) % {"num": number, **facts}


def to_say(message: str) -> str:
    """Itself: marks a message that is written down here and said elsewhere, so that catalogues have it."""
    return message

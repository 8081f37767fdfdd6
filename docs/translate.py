"""Brings the catalogues of the pages up to what pages say: `python docs/translate.py`.

Takes every message from the templates, from Python and from the scripts, adds new ones to each catalogue
without a translation, takes out those that nobody says any more, and tells what is left to translate.
Translations that are there stay as they are; nothing is guessed.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract
from plain_texts import plain_texts

from dialer.web import languages
from dialer.web.app import HERE
from dialer.web.said_elsewhere import written_elsewhere
from dialer.web.script_words import script_messages

#: the functions that say a message in Python, and which of their arguments it is
SAYING: Final = {
    "say": None,
    "to_say": None,
    "translate": None,
    "say_number": (1, 2),
    "RequestError": (2,),
}
#: in the rooms that know of no page: their sentences say themselves where they are made
SENTENCES: Final = {"Sentence": None}
SPEAKING_ROOMS: Final = ("core", "services", "engine", "web")
IN_TEMPLATES: Final = {"_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS: Final = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
WIDTH: Final = 120  # characters a line
HEADER: Final = {
    "header_comment": "# What Winback's pages say; docs/pages.md says how to correct a word.",
    "project": "Winback",
    "version": "",
    "msgid_bugs_address": "",
    "last_translator": "",
    "language_team": "",
}
NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def messages() -> tuple[str | tuple[str, str], ...]:
    """Every message of the pages; two forms where it depends on a number."""
    return tuple(dict.fromkeys(_found()))


def _found() -> Iterator[str | tuple[str, str]]:
    for template in sorted((HERE / "templates").glob("*.html")):
        with template.open("rb") as file:
            for _, function, said, _ in babel_extract(file, tuple(IN_TEMPLATES), (), OPTIONS):
                yield from _message(said, counted=function == "ngettext")
    for source in sorted(HERE.rglob("*.py")):
        for _, said, _, _ in extract_from_file("python", source, keywords=SAYING):
            yield from _message(said, counted=isinstance(said, tuple))
    for room in SPEAKING_ROOMS:
        for source in sorted((HERE.parent / room).rglob("*.py")):
            if b"Sentence(" in source.read_bytes():
                for _, said, _, _ in extract_from_file("python", source, keywords=SENTENCES):
                    yield from _message(said, counted=False)
    yield from written_elsewhere()
    yield from plain_texts()
    single, counted = script_messages()
    yield from single
    yield from counted


def _message(said: object, *, counted: bool) -> Iterator[str | tuple[str, str]]:
    parts = said if isinstance(said, tuple | list) else [said]
    words: list[str] = [each for each in parts if isinstance(each, str)]
    if counted and len(words) > 1:
        yield words[0], words[1]
    elif words and words[0]:
        yield words[0]


def path_of(language: str) -> Path:
    """Where a language's catalogue is."""
    return languages.LOCALES / language / "LC_MESSAGES" / "winback.po"


def read(language: str) -> Catalog:
    """A language's catalogue as it is kept; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> Catalog:
    """A language's catalogue with the messages that there are, and the translations that it had."""
    old, new = read(language), Catalog(locale=language, fuzzy=False, **HEADER)
    for message in messages():
        known = old.get(message if isinstance(message, str) else message[0])
        kept = (
            known.string
            if known is not None and isinstance(known.id, tuple) == isinstance(message, tuple)
            else None
        )
        new.add(message, string=kept or ("" if isinstance(message, str) else ("", "")))
    return new


def write(catalogue: Catalog, language: str) -> None:
    """Keep a catalogue, in the order of its messages and without a date: only what changed differs."""
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    with path_of(language).open("wb") as file:
        write_po(file, catalogue, width=WIDTH, sort_output=True)


def untranslated(catalogue: Catalog) -> list[Message]:
    """What a catalogue has no words for."""
    return [
        message
        for message in catalogue
        if message.id and not all(message.string if isinstance(message.string, tuple) else [message.string])
    ]


def main() -> int:
    """Write every catalogue anew; how many messages lack a translation is told, and is the exit code's 1."""
    lacking = 0
    for language in languages.NAMES:
        if language == languages.SOURCE:
            continue
        catalogue = renewed(language)
        write(catalogue, language)
        missing = untranslated(catalogue)
        lacking += len(missing)
        print(f"{language}: {len(catalogue)} messages, {len(missing)} without a translation")  # noqa: T201
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())

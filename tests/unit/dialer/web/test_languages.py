"""Pages speak six languages: every message is marked, translated, and keeps its facts and its markup."""

import re
import string
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from hypothesis import given
from hypothesis import strategies as st

from dialer.web.app import HERE
from dialer.web.languages import (
    LANGUAGES,
    NAMES,
    SOURCE,
    accepted_language,
    choose_language,
    say,
    say_number,
    speaking,
)
from dialer.web.script_words import SCRIPTS, script_words

sys.path.insert(0, str(Path(__file__).parents[4] / "docs"))
import translate

OTHERS = [language for language in NAMES if language != SOURCE]
FACT = re.compile(r"%\(\w+\)s|%%|\{\w+\}")
TAG = re.compile(r"<[^>]+>")
TEMPLATES = sorted((HERE / "templates").glob("*.html"))
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
#: what is the same in every language: the product's name, keys, formats, a setting's word, an example to type
AS_IT_IS = re.compile(
    r"Winback|CSV|XLSX|monthly_charge >= 60|contract = month-to-month \| one year|⇧|[A-Z]|UTC|input\.invalid"
)


class _Texts(HTMLParser):
    """What a reader of a template sees that no expression writes."""

    SAID = ("placeholder", "aria-label", "title", "alt", "data-name")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within.append(tag)
        self.found += [value for name, value in attrs if name in self.SAID and value]

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not set(self.within) & {"code", "script", "style"}:
            self.found.append(data)


def _left_over(text: str) -> list[str]:
    parts = [
        AS_IT_IS.sub("", part).strip(string.whitespace + string.punctuation + "·–…“”×") for part in [text]
    ]
    return [part for part in parts if re.search("[A-Za-z]", part)]


def _forms(message: Message) -> list[tuple[str, str]]:
    if isinstance(message.id, tuple):
        return [(message.id[-1], form) for form in message.string]
    return [(message.id, message.string)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.stem)
def test_whatever_a_template_shows_is_marked(template: Path) -> None:
    source = re.sub(r"\{% block width %\}\w+\{% endblock %\}", "", template.read_text(encoding="utf-8"))
    source = re.sub(r"\{% call .*?%\}.*?\{% endcall %\}", "", source, flags=re.DOTALL)  # a field's attributes
    reader = _Texts()
    reader.feed(JINJA.sub("", source))

    assert [] == [found for text in reader.found for found in _left_over(text)]


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_message_and_no_other(language: str) -> None:
    kept, wanted = translate.read(language), translate.renewed(language)

    assert [] == [message.id for message in translate.untranslated(wanted)]
    assert {message.id for message in kept} == {message.id for message in wanted}
    assert [] == [message.id for message in kept if message.id and message.fuzzy]


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_facts_and_the_markup_of_its_message(language: str) -> None:
    wrong = [
        (said, form)
        for message in translate.read(language)
        if message.id
        for said, form in _forms(message)
        if set(FACT.findall(said)) != set(FACT.findall(form))
        or Counter(TAG.findall(said)) != Counter(TAG.findall(form))
        or ('"' in form and '"' not in said)
    ]

    # a form for one thing may say it without its number
    assert [] == [
        each for each in wrong if "%(num)s" not in each[0] or TAG.findall(each[0]) != TAG.findall(each[1])
    ]


@pytest.mark.parametrize("language", OTHERS)
def test_babel_finds_nothing_wrong_with_a_catalogue(language: str) -> None:
    found = [(message.id, faults) for message, faults in translate.read(language).check()]

    # "95 % interval" is none of Python's formats
    assert [] == [each for each in found if "%(" in str(each[0])]


def test_who_chose_a_language_reads_it_whatever_house_and_browser_say() -> None:
    assert "fi" == choose_language("fi", "de", accepted="sv", otherwise="en")
    assert "de" == choose_language("", "de", accepted="sv", otherwise="en")
    assert "sv" == choose_language("", "", accepted="sv", otherwise="en")
    assert "nb" == choose_language("", "", accepted="fr", otherwise="nb")


def test_a_browser_gets_the_language_it_likes_best_of_those_there_are() -> None:
    assert "nb" == accepted_language("no-NO,no;q=0.9,en;q=0.8")
    assert "da" == accepted_language("fr;q=1.0, en;q=0.3, da;q=0.5")
    assert "" == accepted_language("fr, it;q=nonsense")


@given(st.text(max_size=60))
def test_any_accept_language_is_one_of_ours_or_none(header: str) -> None:
    assert accepted_language(header) in {"", *LANGUAGES}


def test_a_language_has_the_right_form_for_one_and_for_many() -> None:
    one, many = "%(num)s call still to write down", "%(num)s calls still to write down"
    with speaking("fi"):
        assert "1 puhelu vielä kirjaamatta" == say_number(one, many, 1)
        assert "2 puhelua vielä kirjaamatta" == say_number(one, many, 2)


def test_what_no_catalogue_knows_is_said_as_it_is() -> None:
    with speaking("de"):
        assert "Kaffee holen" == say("Kaffee holen")


def test_scripts_get_their_words_and_an_english_page_none() -> None:
    with speaking("sv"):
        assert ["{num} uppringare väntar"] * 2 == script_words()["{num} caller waiting"]
        assert "i samtal" == script_words()["talking"]
    assert {} == script_words()


def test_whatever_a_script_shows_is_marked() -> None:
    sentence = re.compile(r"""(?<!t\()(?<!tn\()["'`]([A-Z][a-z]+ [a-z][^"'`]*)["'`]""")
    found = {
        script.name: sentence.findall(
            re.sub(r"^\s*//.*$|(?<=[;{}]) // .*$", "", script.read_text(), flags=re.MULTILINE)
        )
        for script in SCRIPTS.glob("*.js")
    }

    assert {} == {name: texts for name, texts in found.items() if texts}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_is_packed_with_the_program(language: str) -> None:
    path = translate.path_of(language)
    ignored = subprocess.run(["git", "check-ignore", "-q", path], cwd=path.parent, check=False)

    assert path.is_relative_to(HERE)  # whose files hatchling packs, but for those that git ignores
    assert 1 == ignored.returncode

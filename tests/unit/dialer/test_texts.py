"""What customers are told by text: whole in six languages, short, and in letters that every phone has."""

from datetime import UTC, datetime
from string import Formatter

import pytest

from dialer.core.outbox.texts import LANGUAGES, TextFacts, kinds, language_of, read_texts, write_text

#: GSM 03.38: what a text may hold at 160 letters a part; any other letter makes it 70
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
FACTS = TextFacts(
    name="Acme Mobil",
    reference="12345678",
    window=(datetime(2026, 12, 3, 15, 0, tzinfo=UTC), datetime(2026, 12, 3, 16, 0, tzinfo=UTC)),
    zone="Europe/Oslo",
    link="https://call.example.com/c/AAAAAAAAAAAAAAAAAAAAAAAAAAA",
    code="012345",
)
every = pytest.mark.parametrize(
    ("kind", "language"), [(kind, language) for kind in kinds() for language in LANGUAGES]
)


def test_every_text_and_part_is_there_in_every_language() -> None:
    assert {kind for kind, words in read_texts().items() if set(words) != set(LANGUAGES)} == set()


@every
def test_a_text_is_of_letters_that_cost_one_and_has_two_parts_at_most(kind: str, language: str) -> None:
    words = write_text(kind, language, FACTS)

    assert set(words) <= GSM
    assert len(words) <= 2 * 153


@every
def test_a_language_tells_the_same_facts_as_the_others(kind: str, language: str) -> None:
    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert facts(read_texts()[kind][language]) == facts(read_texts()[kind]["en"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "on Thu 3 Dec between 16:00 and 17:00"),
        ("nb", "torsdag 3. desember mellom 16:00 og 17:00"),
        ("sv", "torsdag 3 december mellan 16:00 och 17:00"),
        ("da", "torsdag 3. december mellem 16:00 og 17:00"),
        ("fi", "to 3. joulukuuta klo 16:00-17:00"),
        ("de", "am Do. 3. Dezember zwischen 16:00 und 17:00"),
    ],
)
def test_a_time_is_said_on_the_customers_own_clock(language: str, words: str) -> None:
    assert words in write_text("promise.moved", language, FACTS)


@pytest.mark.parametrize(
    ("named", "language"), [("sv_SE", "sv"), ("no", "nb"), ("de-AT", "de"), ("pl", "en"), ("", "en")]
)
def test_a_language_as_the_pbx_names_it(named: str, language: str) -> None:
    assert language_of(named, "en") == language

"""Reasons in every language: nothing is missing, plurals and numbers are right, else English."""

from string import Formatter

import pytest

from churnmodel.reasons.languages import ENGLISH, LANGUAGES, words_of
from churnmodel.reasons.phrases import PHRASES, Reason, say

CASES = (
    ("complaints_60d", (0, 1, 3, 12, None)),
    ("outages_1m", (0, 1, 2)),
    ("support_calls", (0, 1, 10, 2.5)),
    ("late_payments_12m", (0, 1, 5)),
    ("contract", ("one year", None)),
    ("days_to_contract_end", (-3, 0, 1, 12, None)),
    ("tenure_months", (0.4, 1, 18, None)),
    ("MonthlyCharges", (49.5, 80, None)),
    ("usage_trend", (-55, 0, 7, None)),
    ("PaymentMethod", ("Electronic check", None)),
    ("last_visit", ("2026-05-03",)),
)


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase_with_the_same_gaps(language: str):
    words = LANGUAGES[language]

    assert words.phrases.keys() == ENGLISH.phrases.keys()
    assert {key: gaps(text) for key, text in words.phrases.items()} == {
        key: gaps(text) for key, text in ENGLISH.phrases.items()
    }
    assert len(words.numbers) == len(ENGLISH.numbers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stays", [False, True])
def test_every_phrase_renders_in_every_language(language: str, *, stays: bool):
    said = [
        say(Reason(column=column, value=value, stays=stays), language)
        for column, values in CASES
        for value in values
    ]

    assert not [text for text in said if "{" in text or "None" in text or not text.strip()]
    assert len(set(said)) == len(said)
    if language != "en":
        english = {say(Reason(column=c, value=v, stays=stays)) for c, values in CASES for v in values}
        assert len(english & set(said)) <= 1  # only a column that no phrase knows reads the same


def test_every_phrase_is_tried_here():
    tried = {phrase.key for phrase in PHRASES for column, _ in CASES if phrase.name.search(column)}

    assert tried == {phrase.key for phrase in PHRASES}


@pytest.mark.parametrize(
    ("language", "column", "value", "words"),
    [
        ("en", "complaints_60d", 3, "three complaints in 60 days"),
        ("en", "outages_1m", 1, "one outage in one month"),
        ("en", "monthly_charge", 49.5, "pays 49.50 a month"),
        ("en", "last_visit", "2026-05-03", "last visit: 3 May 2026"),
        ("sv", "complaints_60d", 3, "tre klagomål på 60 dagar"),
        ("sv-SE", "monthly_charge", 49.5, "betalar 49,50 i månaden"),
        ("sv", "days_to_contract_end", 1, "avtalet går ut om 1 dag"),
        ("nb", "late_payments_12m", 1, "én forsinket betaling på 12 måneder"),
        ("no", "last_visit", "2026-05-03", "last visit: 03.05.2026"),
        ("da", "usage_trend", -55.0, "forbruget er faldet 55 %"),
        ("fi", "support_calls_30d", 2, "kaksi soittoa asiakaspalveluun 30 päivän aikana"),
        ("fi", "last_visit", "2026-05-03T10:00", "last visit: 3.5.2026 10:00"),
        ("de", "complaints_60d", 0, "keine Beschwerden in 60 Tagen"),
        ("de", "tenure", 18, "seit 18 Monaten Kunde"),
        ("de", "score", 1234.5, "score: 1234,5"),
        ("tlh", "complaints", 12, "12 complaints"),
    ],
)
def test_plurals_numbers_and_dates_are_those_of_the_language(language, column, value, words):
    assert words == say(Reason(column=column, value=value), language)


def test_what_speaks_for_staying_says_so():
    assert "talar för att stanna: inga klagomål" == say(
        Reason(column="complaints", value=0, stays=True), "sv"
    )


def test_a_label_of_the_company_is_used_as_it_is():
    assert "tickets: 4" == say(Reason(column="complaints_60d", value=4, label="tickets"), "en")


def test_an_unknown_language_is_english():
    assert words_of("xx") is ENGLISH
    assert words_of("") is ENGLISH

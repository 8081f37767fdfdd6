"""One dictionary for everybody who reads a customer file, in the languages of the pages."""

from collections.abc import Iterator

import polars as pl
import pytest

from churnmodel.data.contract import guess_positive, guess_target
from churnmodel.data.words import ANSWERS, HEADINGS, folded, learn_words
from dialer.core.importing.mapping import Given, infer_mapping
from dialer.services.analytics.churn_labels import reads_as_left

OUTCOMES = [
    ("Churned", "yes", "no"),
    ("Oppsagt", "Ja", "Nei"),
    ("Uppsagd", "ja", "nej"),
    ("Opsagt", "opsagt", "aktiv"),
    ("Irtisanottu", "Kyllä", "Ei"),
    ("Gekündigt", "gekündigt", "Bestehend"),
]


@pytest.mark.parametrize(("heading", "left", "stayed"), OUTCOMES)
def test_what_the_model_learns_as_left_is_what_the_list_leaves_out(
    heading: str, left: str, stayed: str
) -> None:
    frame = pl.DataFrame({"id": ["1", "2", "3"], heading: [left, left, stayed]})
    rows = [{"id": str(row), heading: left} for row in range(3)]

    assert guess_target(frame) == heading
    assert infer_mapping(("id", heading), rows, Given(), "NO").label == heading
    assert guess_positive(frame.get_column(heading)) == left
    assert (reads_as_left(left), reads_as_left(stayed)) == (True, False)


def test_every_word_stands_in_the_dictionary_as_it_is_looked_up() -> None:
    tables = [*HEADINGS.values(), *ANSWERS.values()]

    assert [word for table in tables for word in table if folded(word) != word] == []
    assert ANSWERS["yes"] & ANSWERS["no"] == set()
    assert ANSWERS["left"] & ANSWERS["stayed"] == set()


@pytest.fixture
def _restored() -> Iterator[None]:
    headings, answers = dict(HEADINGS), {name: set(words) for name, words in ANSWERS.items()}
    yield
    HEADINGS.update(headings)
    for name, words in answers.items():
        ANSWERS[name].intersection_update(words)


@pytest.mark.usefixtures("_restored")
def test_a_house_adds_its_own_words_and_a_name_that_is_none_is_said() -> None:
    learn_words({"id": ["Partner-Nr."], "left": ["perdu"]})

    assert infer_mapping(("Partner-Nr.",), [{"Partner-Nr.": "7"}], Given(), "NO").id == "Partner-Nr."
    assert reads_as_left("Perdu")
    with pytest.raises(KeyError, match="headings"):
        learn_words({"headings": ["x"]})

"""A sentence is English everywhere, and keeps what it was made of for readers of another language."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.dashboard.view import EngineOnDashboard
from dialer.core.sentence import Figure, Sentence, Several
from dialer.web.languages import speaking, translate

HELD = Sentence(
    "The list is held: %(rules)s; the first may be called from %(first)s UTC.",
    rules=Several(
        [
            Sentence("%(leads)s by %(rule)s", leads=Figure(1234), rule="hours.closed"),
            Sentence("%(leads)s by agreement", leads=Figure(2)),
        ]
    ),
    first="Wed 09:00",
)
ENGLISH = (
    "The list is held: 1,234 by hours.closed, 2 by agreement; the first may be called from Wed 09:00 UTC."
)
facts = st.text() | st.integers() | st.builds(Figure, st.floats(-1e9, 1e9), st.integers(0, 3), st.booleans())


def test_it_is_its_own_english_as_text_and_as_json() -> None:
    assert HELD == ENGLISH
    assert json.loads(json.dumps({"said": HELD})) == {"said": ENGLISH}


def test_a_page_says_every_part_of_it_in_its_language_with_numbers_as_written_there() -> None:
    with speaking("de"):
        assert translate(HELD) == (
            "Die Liste wird zurückgehalten: 1.234 durch hours.closed, 2 nach Vereinbarung; "
            "der Erste darf ab Wed 09:00 UTC angerufen werden."
        )
    with speaking("en"):
        assert translate(HELD) == ENGLISH


def test_what_an_engine_says_is_a_sentence_again_in_another_process() -> None:
    said = EngineOnDashboard(engine="a", sentence=HELD, fault="written by an older engine")

    read = EngineOnDashboard.from_json(json.loads(json.dumps(said.model_dump(mode="json"))))

    assert isinstance(read.sentence, Sentence)
    assert read.sentence == ENGLISH
    assert read.fault == "written by an older engine"


@pytest.mark.parametrize("stored", ["text", 1, {"a": 1}, [["%(a)s", 3]], [["%(a)s", {"b": 1}]], [[]]])
def test_what_is_no_sentence_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="no sentence"):
        Sentence.read(stored)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), facts, min_size=1), max_size=3))
def test_every_sentence_comes_back_as_it_was_stored(parts: list[dict[str, object]]) -> None:
    said = Sentence.joined(Sentence(" ".join(f"%({name})s" for name in part), **part) for part in parts)

    again = Sentence.read(json.loads(json.dumps(said.stored())))

    assert (again, again.parts) == (said, said.parts)

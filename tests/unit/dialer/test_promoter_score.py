"""Who is asked how likely they are to recommend the company, and the score of the answers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.surveys.promoter_score import may_ask, reach_of, score_of, score_of_key

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
REST = timedelta(days=90)


@pytest.mark.parametrize(
    ("attributes", "days_ago", "asked"),
    [
        ({"Survey consent": "Ja"}, None, True),
        ({"survey consent": "yes"}, 90, True),
        ({"survey consent": "yes"}, 89, False),
        ({"survey consent": "no"}, None, False),
        ({"survey consent": ""}, None, False),
        ({"marketing_consent": "yes"}, None, False),
        ({}, None, False),
    ],
)
def test_only_who_agreed_is_asked_and_nobody_again_soon(
    attributes: dict[str, str], days_ago: int | None, *, asked: bool
) -> None:
    before = [] if days_ago is None else [NOW - timedelta(days=days_ago)]

    assert asked is may_ask(attributes, "survey consent", asked_before=before, rest=REST, now=NOW)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_the_score_is_within_its_bounds_and_its_interval_narrows_with_answers(
    promoters: int, passives: int, detractors: int
) -> None:
    answers = promoters + passives + detractors
    score, reach = score_of(promoters, detractors, answers), reach_of(promoters, detractors, answers)

    assert (score is None) == (answers == 0)
    assert (reach is None) == (answers < 10)
    assert score is None or -100 <= score <= 100
    if reach is not None and reach > 0:
        more = reach_of(4 * promoters, 4 * detractors, 4 * answers)
        assert more == pytest.approx(reach / 2)


def test_a_score_of_known_answers() -> None:
    assert score_of(50, 20, 100) == 30.0
    assert reach_of(50, 20, 100) == pytest.approx(100 * 1.96 * (0.61 / 100) ** 0.5)


def test_a_key_is_its_digit_and_a_star_is_ten() -> None:
    assert [*range(10), 10] == [score_of_key(key) for key in "0123456789*"]


@pytest.mark.parametrize("key", ["", "#", "10", "a", "²"])
def test_whatever_is_no_answer_is_none(key: str) -> None:
    assert score_of_key(key) is None

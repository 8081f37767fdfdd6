"""One of something has no plural, whoever counts it."""

import pytest

from dialer.core.amounts import amount_of


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (1204, ("row",), "1,204 rows"),
        (1, ("customer has", "customers have"), "1 customer has"),
        (2, ("customer has", "customers have"), "2 customers have"),
    ],
)
def test_a_noun_goes_by_its_count(count: int, words: tuple[str, ...], said: str) -> None:
    assert amount_of(count, *words) == said

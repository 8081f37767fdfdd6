"""A long column says of its notation what its values say one by one, whatever is passed over for speed."""

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.data.words import MISSING_WORDS
from dialer.core.importing.headings import as_written
from dialer.core.importing.notation import FEWEST_SCREENED, ColumnEvidence, gather_evidence

#: of every kind that somebody writes into a column
VALUES = st.one_of(
    st.integers(-9999, 9_999_999).map(str),
    st.decimals(0, 99_999, places=2).map(str),
    st.decimals(0, 99_999, places=2).map(lambda value: str(value).replace(".", ",")),
    st.integers(1, 999_999).map(lambda value: f"{value:,}"),
    st.integers(1, 999_999).map(lambda value: f"{value:,}".replace(",", ".")),
    st.integers(1, 999_999).map(lambda value: f"{value:,}".replace(",", " ")),
    st.sampled_from(sorted(word for word in MISSING_WORDS if word)).flatmap(
        lambda word: st.sampled_from([word, word.upper(), word.capitalize()])
    ),
    st.sampled_from(
        ["kr 12", "12 %", "€ 3,50", "(12)", "12,50-", "4.47E+11", "−5", "1.234", "-", "?", "N/A"]
    ),
    st.dates().map(lambda day: day.strftime("%d.%m.%Y")),
    st.dates().map(str),
    st.text("abcdefgxyzABCXYZ", min_size=1, max_size=12),
    st.text("abcåøäß 0123456789.,-/%$", min_size=1, max_size=12),
)


def said(evidence: ColumnEvidence) -> dict[str, Any]:
    """What is decided by; which value is shown as an example is anybody's."""
    return {
        "present": evidence.present,
        "numbers": evidence.numbers,
        "marked": evidence.marked,
        "only_point": bool(evidence.only_point),
        "only_comma": bool(evidence.only_comma),
        "either": bool(evidence.either),
        "dates": evidence.dates,
    }


@given(
    st.lists(VALUES, min_size=1, max_size=60), st.sampled_from([0, 99, 100, 101]), st.sampled_from(["", "n"])
)
def test_a_long_column_says_what_its_values_say_one_by_one(
    drawn: list[str], others: int, before: str
) -> None:
    """`others`: different values beside them, so that there are enough to be looked at together, or not."""
    cells = [*drawn, *(f"{before}{place}" for place in range(min(others, FEWEST_SCREENED + 1)))]
    one_by_one = ColumnEvidence()
    for cell in cells:
        one_by_one.add(as_written(cell.strip()))

    found = gather_evidence(["x"], ["x"], [pl.DataFrame({"x": cells})])["x"]

    assert said(found) == said(one_by_one)

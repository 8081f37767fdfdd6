"""Numbers and days are read as the whole file writes them; where it leaves two readings, both are said."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.importing.notation import NotationUnclear, gather_evidence, settle_notations


def plain(*columns: list[str], points_are_decimal: bool = False) -> list[list[str]]:
    names = [str(number) for number in range(len(columns))]
    evidence = gather_evidence(names, names, [pl.DataFrame(dict(zip(names, columns, strict=True)))])
    settled = settle_notations(evidence, points_are_decimal=points_are_decimal)
    return [
        [settled[name].plain(text) if name in settled else text for text in column]
        for name, column in zip(names, columns, strict=True)
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["586,90", "1.657,50", "12"], ["586.90", "1657.50", "12"]),
        (["586.90", "1,657.50", "12"], ["586.90", "1657.50", "12"]),
        (["kr 1 200,50", "300,-"], ["1200.50", "300"]),
        (["1'200.50", "$ 3"], ["1200.50", "3"]),
        (["12 %", "5,5 %"], ["12", "5.5"]),
        (["0.5", "12.25"], ["0.5", "12.25"]),
        (["28.11.2026", "03.04.2026", "-"], ["2026-11-28", "2026-04-03", "-"]),
        (["11/28/2026", "03/04/2026"], ["2026-11-28", "2026-03-04"]),
        (["2026-11-28", "2026-04-03T10:00:00"], ["2026-11-28", "2026-04-03T10:00:00"]),
        (["S", "1,5"], ["S", "1,5"]),
        (["00123", "4"], ["00123", "4"]),
        (["10.0.0.1", "1.2.3"], ["10.0.0.1", "1.2.3"]),
    ],
)
def test_a_column_settles_its_own_notation(written: list[str], read: list[str]) -> None:
    assert plain(written) == [read]


def test_what_a_column_leaves_open_the_other_columns_settle() -> None:
    assert plain(["1.234", "2.345"], ["0,5", "7"])[0] == ["1234", "2345"]
    assert plain(["1.234", "2.345"], ["0.5", "7"])[0] == ["1.234", "2.345"]
    assert plain(["1.234", "2.345"], points_are_decimal=True) == [["1.234", "2.345"]]


@pytest.mark.parametrize(
    ("column", "readings"),
    [
        (["1.234", "2.345"], "may be 1234 or 1.234"),
        (["1,234", "2,345"], "may be 1234 or 1.234"),
        (["03/04/2026", "05/06/2026"], "03 April 2026 or 04 March 2026"),
    ],
)
def test_where_nothing_tells_both_readings_are_said(column: list[str], readings: str) -> None:
    with pytest.raises(NotationUnclear, match=readings):
        plain(column)


AMOUNTS = st.lists(
    st.decimals(min_value=0, max_value=99_999, places=2).map(lambda amount: f"{amount:,}"),
    min_size=2,
    max_size=30,
)


@given(AMOUNTS)
def test_the_same_amounts_in_two_notations_are_the_same(amounts: list[str]) -> None:
    swapped = [amount.translate(str.maketrans(",.", ".,")) for amount in amounts]

    assert list(map(float, plain(amounts)[0])) == list(map(float, plain(swapped)[0]))

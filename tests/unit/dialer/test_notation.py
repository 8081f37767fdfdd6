"""Numbers and days are read as the whole file writes them; where it leaves two readings, both are said."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.importing.notation import (
    ColumnEvidence,
    gather_evidence,
    settle_notations,
)
from dialer.core.importing.picked_readings import NotationUnclear

BOTH = r"may be 1234 \(decimal comma\) or 1\.234 \(decimal point\)"


def plain(*columns: list[str], points_are_decimal: bool = False) -> list[list[str]]:
    names = [str(number) for number in range(len(columns))]
    evidence = gather_evidence(names, names, [pl.DataFrame(dict(zip(names, columns, strict=True)))])
    settled = settle_notations(evidence, points_are_decimal=points_are_decimal).or_refuse()
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
        (["1 234", "5 678"], ["1234", "5678"]),  # whatever its decimal mark would be
        (["1'234", "5'678"], ["1234", "5678"]),
        (["−5,00", "–3,50"], ["-5.00", "-3.50"]),
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
        (["1.234", "2.345"], "may be 1234 (decimal comma) or 1.234 (decimal point)"),
        (["1,234", "2,345"], "may be 1234 (decimal point) or 1.234 (decimal comma)"),
        (["03/04/2026", "05/06/2026"], "03 April 2026 (day first) or 04 March 2026 (month first)"),
    ],
)
def test_where_nothing_tells_both_readings_are_said(column: list[str], readings: str) -> None:
    with pytest.raises(NotationUnclear, match=re.escape(readings)):
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


def settled_as(name: str, column: list[str]) -> tuple[str, list[str]]:
    """How a column of this name is said to be written, and its values the plain way."""
    evidence = gather_evidence([name], [name], [pl.DataFrame({name: column})])
    notation = settle_notations(evidence).or_refuse().get(name)
    return ("", column) if notation is None else (notation.shown, [notation.plain(text) for text in column])


@pytest.mark.parametrize(
    "name", ["Contract date", "Vertragsende", "fødselsdato", "Uppsägningsdatum", "valid since"]
)
def test_a_column_of_days_holds_days_as_a_spreadsheet_counts_them(name: str) -> None:
    shown, read = settled_as(name, ["46354", "45992", "46354.5", ""])
    assert shown.startswith("days as a spreadsheet counts them (46354 is 2026-11-28)")
    assert read == ["2026-11-28", "2025-12-01", "2026-11-28 12:00:00", ""]


def test_days_as_people_write_them_and_as_a_spreadsheet_does_may_stand_in_one_column() -> None:
    _, read = settled_as("end date", ["46354", "28.11.2026", "13.01.2026"])
    assert read == ["2026-11-28", "2026-11-28", "2026-01-13"]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("monthly spend", ["46354", "45992"]),  # nothing says that it holds days
        ("last update", ["46354", "45992"]),
        ("candidate", ["46354", "45992"]),
        ("end date", ["46354", "7", "12"]),  # days until then
    ],
)
def test_other_numbers_are_no_days(name: str, column: list[str]) -> None:
    assert settled_as(name, column) == ("", column)


@pytest.mark.parametrize(
    ("heading", "cells", "plain"),
    [
        ("sum", ("1.299,50-", "29,90"), ("-1299.50", "29.90")),
        ("sum", ("(1.299,50)", "29,90"), ("-1299.50", "29.90")),
        ("sum", ("($1,299.50)", "$29.90"), ("-1299.50", "29.90")),
        ("sum", ("1.500,-", "29,-"), ("1500", "29")),
        ("sum", ("1.500", "29,-"), ("1500", "29")),
        ("sum", ("1,500,-", "29"), ("1500", "29")),
        ("sum", ("CHF 1'500.-", "29.–"), ("1500", "29")),
        ("sum", ("1,500", "29.-"), ("1500", "29")),
        ("sum", ("1.500.-", "29"), ("1500", "29")),
        ("sum", ("1.500.-", "29,50"), ("1500", "29.50")),
        ("sum", ("1.299,50 zł", "29,90 zł"), ("1299.50", "29.90")),
        ("dato", ("20210203", "20191231"), ("2021-02-03", "2019-12-31")),
        ("dato", ("3. mars 2021", "1. des. 2019"), ("2021-03-03", "2019-12-01")),
        ("pvm", ("3. maaliskuuta 2021", "13 toukokuuta 2020"), ("2021-03-03", "2020-05-13")),
        ("Datum", ("3. März 2021", "12. Dez. 2020"), ("2021-03-03", "2020-12-12")),
        (
            "dato",
            ("3.2.2021 kl. 10:30", "13.5.2020 kl. 08:00"),
            ("2021-02-03 10:30:00", "2020-05-13 08:00:00"),
        ),
    ],
)
def test_other_ways_of_writing_sums_and_days_are_read_like_the_plain_one(
    heading: str, cells: tuple[str, ...], plain: tuple[str, ...]
) -> None:
    evidence = gather_evidence([heading], [heading], [pl.DataFrame({"0": list(cells)})])

    notation = settle_notations(evidence).or_refuse()[heading]

    assert tuple(map(notation.plain, cells)) == plain


def test_open_ends_and_counts_of_days_are_left_alone() -> None:
    cells = ["65-", "18-25", "26-64"]
    evidence = gather_evidence(["age"], ["age"], [pl.DataFrame({"0": cells})])

    assert settle_notations(evidence).or_refuse() == {}


CELLS = st.sampled_from(
    [
        *(
            "1234",
            "12.5",
            "1.234",
            "12.345",
            "0.5",
            "1,5",
            "1.234,50",
            "1 234",
            "5.",
            ".5",
            "-3",
            "+4",
            "1e3",
        ),
        *(
            "kr 5",
            "5 kr",
            "12%",
            "usd7",
            "28.11.2026",
            "2026-11-28",
            "28-Nov-2026",
            "N/A",
            "ukjent",
            "none",
            "",
        ),
        *("Yes", "plan", "S2", "XXL", "Øst", "a b", "k.A.", "null", "NaN", "x1.5", "e5", "Leeds"),
    ]
)
PLENTY = {
    "words": [f"Town{chr(97 + place % 26)}{chr(97 + place // 26)}" for place in range(120)],
    "counts": [str(1_000 + place) for place in range(120)],
    "prices": [f"{place}.5" for place in range(120)],
}


@given(kind=st.sampled_from(sorted(PLENTY)), more=st.lists(CELLS, max_size=12))
def test_many_values_at_once_allow_what_each_of_them_allows(kind: str, more: list[str]) -> None:
    cells = [*more, *PLENTY[kind], *more]
    one_by_one = ColumnEvidence()
    for cell in cells:
        one_by_one.add(cell)

    at_once = gather_evidence(["x"], ["x"], [pl.DataFrame({"x": cells})])["x"]

    def allowed(found: ColumnEvidence) -> tuple[object, ...]:
        examples = (bool(found.only_point), bool(found.only_comma), bool(found.either))
        return found.present, found.numbers, found.marked, found.dates, examples

    assert allowed(at_once) == allowed(one_by_one)


@pytest.mark.parametrize("kind", ["counts", "prices"])
def test_many_plain_numbers_beside_a_thousand_are_left_or_settled_by_their_decimals(kind: str) -> None:
    thousands = ["1.234", *PLENTY[kind]]
    if kind == "prices":
        assert plain(thousands) == [thousands]  # a decimal point elsewhere in the column
    else:
        with pytest.raises(NotationUnclear, match=BOTH):
            plain(thousands)

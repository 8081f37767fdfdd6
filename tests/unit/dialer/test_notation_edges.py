"""Where one notation ends and the next begins: shares, defaults, and what is left as it stands."""

import polars as pl
import pytest

from churnmodel.data.words import MISSING_WORDS
from dialer.core.importing.notation import (
    ColumnEvidence,
    Notation,
    gather_evidence,
    settle_notations,
)
from dialer.core.importing.picked_readings import NotationUnclear

BOTH = r"may be 1234 \(decimal comma\) or 1\.234 \(decimal point\)"


def settled(*, points_are_decimal: bool = False, **columns: list[str]) -> dict[str, Notation]:
    """What is settled of columns, by their names; `_` stands for a blank."""
    named = {name.replace("_", " "): cells for name, cells in columns.items()}
    # columns may be of different lengths; what is empty says nothing
    most = max(map(len, named.values()))
    frame = pl.DataFrame({name: cells + [""] * (most - len(cells)) for name, cells in named.items()})
    evidence = gather_evidence(list(named), list(named), [frame])
    return settle_notations(evidence, points_are_decimal=points_are_decimal).or_refuse()


def test_two_in_a_hundred_may_be_no_numbers() -> None:
    assert settled(x=[*["1,5"] * 49, "S"])["x"].plain("1,5") == "1.5"
    assert settled(x=[*["1,5"] * 48, "S", "T"]) == {}


def test_two_in_a_hundred_may_be_no_days() -> None:
    assert settled(start_date=[*["46354"] * 49, "12"])["start date"].serial
    assert settled(start_date=[*["46354"] * 48, "12", "13"]) == {}
    assert settled(start_date=[*["20261128"] * 49, "12"])["start date"].plain("20261128") == "2026-11-28"
    assert settled(start_date=[*["20261128"] * 48, "12", "13"]) == {}


def test_a_day_that_no_calendar_has_is_left_as_it_stands() -> None:
    assert settled(start_date=["20261128", "20260230"])["start date"].plain("20260230") == "20260230"


def test_a_spreadsheets_day_may_have_an_hour_behind_a_comma() -> None:
    assert settled(start_date=["46354,5"])["start date"].plain("46354,5") == "2026-11-28 12:00:00"


def test_a_spreadsheets_day_among_words_is_no_day() -> None:
    assert settled(start_date=["46354", "abc", "def"]) == {}


def test_a_day_among_words_is_read_and_the_words_are_left() -> None:
    notation = settled(x=["soon", "later", "28.11.2026"])["x"]

    assert [notation.plain(text) for text in ("soon", "28.11.2026")] == ["soon", "2026-11-28"]
    assert notation.shown == "days, kept as 2026-11-28"


def test_days_of_which_half_cannot_be_read_are_left() -> None:
    assert settled(x=["28.11.2026", "99.99.2026"]) == {}


def test_days_in_two_styles_of_which_one_is_iso_are_read() -> None:
    assert settled(x=["2026-11-28", "29.11.2026"])["x"].plain("29.11.2026") == "2026-11-29"


@pytest.mark.parametrize("cells", [["0.5", "12.25"], ["7", "8"], ["2026-11-28", "2026-11-29"], ["a", "b"]])
def test_what_is_written_plainly_needs_no_notation(cells: list[str]) -> None:
    assert settled(x=cells) == {}


def test_the_mark_of_decimals_is_said() -> None:
    assert settled(x=["1,5"])["x"].shown == "numbers with a decimal comma"
    assert settled(x=["$ 1.5"])["x"].shown == "numbers with a decimal point"


@pytest.mark.parametrize(
    ("cell", "plain"),
    [("kr 5", "5"), ("USD $5", "5"), ("5 kr.", "5"), ("1 234 kr", "1234"), ("46354", "46354")],
)
def test_signs_around_a_number_are_left_out(cell: str, plain: str) -> None:
    assert settled(x=[cell, "7 kr"])["x"].plain(cell) == plain


def test_no_number_beside_a_decimal_comma_is_a_day() -> None:
    assert settled(x=["1,5", "46354"])["x"].plain("46354") == "46354"


def test_a_column_that_contradicts_itself_settles_no_other() -> None:
    with pytest.raises(NotationUnclear, match=BOTH):
        settled(mixed=["1.5", "1,5"], x=["1.234", "2.345"])


def test_where_commas_part_the_cells_a_point_is_decimal() -> None:
    assert settled(x=["1.234", "2.345"], points_are_decimal=True) == {}
    notation = settled(x=["$ 1.234", "$ 2.345"], points_are_decimal=True)["x"]
    assert notation.plain("$ 1.234") == "1.234"


def test_what_is_no_number_of_a_column_of_numbers_stays_as_it_stands() -> None:
    assert settled(x=[*["1,5"] * 49, "S"])["x"].plain("S") == "S"


def test_a_number_that_could_be_a_day_is_none_in_another_column() -> None:
    assert settled(x=["1,5", "20261128"])["x"].plain("20261128") == "20261128"
    assert settled(x=["13.11.2026", "20261128"])["x"].plain("20261128") == "20261128"


def test_a_number_with_an_exponent_counts_as_one() -> None:
    assert settled(x=["4.47E+3", "$ 2.50"])["x"].plain("$ 2.50") == "2.50"


def test_signs_around_whole_numbers_settle_no_decimal_comma() -> None:
    assert not settled(x=["kr 5", "7 kr"])["x"].comma


def test_words_beside_one_decimal_comma_settle_no_other_column() -> None:
    with pytest.raises(NotationUnclear, match=BOTH):
        settled(note=["see", "abc", "1,5"], x=["1.234", "2.345"])


def test_unless_something_says_so_a_point_may_part_thousands() -> None:
    evidence = gather_evidence(["x"], ["x"], [pl.DataFrame({"x": ["1.234", "2.345"]})])

    with pytest.raises(NotationUnclear):
        settle_notations(evidence).or_refuse()


def test_days_of_which_two_in_a_hundred_cannot_be_read_are_read() -> None:
    days = [f"{day}.{month}.2026" for month in (1, 2) for day in range(1, 29)][:49]

    assert settled(x=[*days, "99.99.2026"])["x"].plain("28.1.2026") == "2026-01-28"
    assert settled(x=[*days, "99.99.2026", "98.99.2026"]) == {}


def test_a_day_beyond_those_that_are_kept_is_read_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.core.importing.notation.MOST_DATES", 2)
    notation = settled(x=["28.11.2026 10:30", "29.11.2026", "30.11.2026", "N/A"])["x"]

    assert len(notation.days) == 2
    assert [notation.plain(text) for text in ("30.11.2026", "N/A", "soon")] == ["2026-11-30", "N/A", "soon"]


MANY = {
    "words": [f"Town{chr(97 + place % 26)}{chr(97 + place // 26)}" for place in range(100)],
    "counts": [str(1_000 + place) for place in range(100)],
    "prices": [f"{place}.5" for place in range(100)],
}


@pytest.mark.parametrize("kind", MANY)
def test_plain_numbers_and_words_of_a_long_column_need_no_look_of_their_own(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(ColumnEvidence, "add", lambda _, text, times: looked_at.append(text))

    settled(x=MANY[kind])
    assert looked_at == []
    settled(x=MANY[kind][:99])
    assert len(looked_at) == 99


@pytest.mark.parametrize("column", [["0000", *MANY["prices"]], ["0000", "1,5"]], ids=["long", "short"])
def test_a_houses_own_word_for_nothing_is_no_number_though_it_has_digits(
    column: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.core.importing.notation.MISSING_WORDS", {*MISSING_WORDS, "0000"})

    evidence = gather_evidence(["x"], ["x"], [pl.DataFrame({"x": column})])["x"]

    assert (evidence.present, evidence.numbers) == (len(column) - 1, len(column) - 1)

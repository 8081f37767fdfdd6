"""Dates of a column: read in every order people write, never guessed where two orders are possible."""

from datetime import UTC, datetime

import pytest

from dialer.core.importing.dates import DatesUnclear, dates_in_style, order_of, read_dates
from dialer.core.importing.readings import Reading


@pytest.mark.parametrize(
    "cells",
    [
        ("2026-11-28", "2026-11-03"),
        ("28.11.2026", "03.11.2026"),
        ("28/11/2026", "03/11/2026"),
        ("11/28/2026", "11/03/2026"),
        ("28-Nov-2026", "03-Nov-2026"),
        ("28.11.2026 00:00", "3.11.2026"),
        ("28/11-2026", "3/11-2026"),
        ("28-Nov-26", "3 nov 26"),
        ("28NOV2026", "03NOV2026"),
        ("lördag den 28 november 2026", "tisdag 3 nov. 2026"),
        ("Sat, 28 Nov 2026", "Tue, 3 Nov 2026"),
        ("11/28/2026 12:00 AM", "11/03/2026 12:00 AM"),
        ("20261128", "2026-11-03T00:00:00Z"),
    ],
)
def test_a_column_of_one_order_is_read(cells: tuple[str, str]) -> None:
    read = read_dates(cells)

    assert [datetime(2026, 11, day, tzinfo=UTC) for day in (28, 3)] == [read[cell] for cell in cells]


def test_a_column_of_two_possible_orders_is_refused_with_a_cell_of_it() -> None:
    with pytest.raises(DatesUnclear, match="'03/04/2026' may be read in two ways"):
        read_dates(["03/04/2026", "05/06/2026"])


def test_two_orders_of_which_neither_reads_all_are_refused() -> None:
    with pytest.raises(DatesUnclear, match="may be read in two ways"):
        read_dates(["28/11/2026", "11/28/2026"])


def test_an_order_that_reads_more_cells_settles_the_others() -> None:
    assert datetime(2026, 4, 3, tzinfo=UTC) == read_dates(["03/04/2026", "28/04/2026"])["03/04/2026"]


def test_an_empty_cell_is_no_date_and_other_words_are_not_read() -> None:
    assert {"": None, "n/a": None} == read_dates(["", " n/a ", "soon", "46354"])


@pytest.mark.parametrize("cell", ["28 foo 2026", "Room 5 May 2026", "30 February 2026", "4 mai", "10 Mb 20"])
def test_a_word_that_is_no_month_or_no_weekday_makes_no_date(cell: str) -> None:
    assert dates_in_style([cell]) == ({}, "")


def test_a_year_of_two_digits_is_of_this_century_until_sixty_eight() -> None:
    read = read_dates(["1 May 68", "1 May 69", "1.5.68", "1.5.69"])

    assert [read[cell].year for cell in ("1 May 68", "1.5.68")] == [2068, 2068]  # type: ignore[union-attr]
    assert [read[cell].year for cell in ("1 May 69", "1.5.69")] == [1969, 1969]  # type: ignore[union-attr]


def test_the_style_of_a_column_is_told() -> None:
    assert dates_in_style(["28.11.2026"])[1] == "%d.%m.%Y"


def test_the_two_orders_are_said_in_words() -> None:
    with pytest.raises(DatesUnclear) as refused:
        read_dates(["03/04/2026"])
    assert str(refused.value) == (
        "'03/04/2026' may be read in two ways, 03 April 2026 or 04 March 2026; write dates as YYYY-MM-DD, "
        "for example 2026-11-28"
    )
    with pytest.raises(DatesUnclear, match=r"two ways, 03 April 2026 or no date; write"):
        read_dates(["03.04.2026", "04/13/2026"])


def test_a_style_that_is_said_is_the_one_that_reads_most() -> None:
    cells = ["03/04/2026", "05/06/2026", "07.08.2026"]

    days, style = dates_in_style(cells, Reading.DAY_FIRST)
    assert (style, {day.month for day in days.values() if day}) == ("%d/%m/%Y", {4, 6, 8})
    assert dates_in_style(cells, Reading.MONTH_FIRST)[1] == "%m/%d/%Y"
    assert dates_in_style(["soon"], Reading.DAY_FIRST) == ({}, "")


@pytest.mark.parametrize(
    ("style", "order"),
    [
        ("%d/%m/%Y", Reading.DAY_FIRST),
        ("%m-%d-%Y", Reading.MONTH_FIRST),
        ("%d-%b-%Y", None),
        ("%d %B %Y", None),
        ("%Y/%m/%d", None),
    ],
)
def test_only_figures_before_a_year_have_an_order(style: str, order: Reading | None) -> None:
    assert order_of(style) is order

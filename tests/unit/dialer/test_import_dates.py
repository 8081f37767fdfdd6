"""Dates of a column: read in every order people write, never guessed where two orders are possible."""

from datetime import UTC, datetime

import pytest

from dialer.core.importing.dates import DatesUnclear, read_dates


@pytest.mark.parametrize(
    "cells",
    [
        ("2026-11-28", "2026-11-03"),
        ("28.11.2026", "03.11.2026"),
        ("28/11/2026", "03/11/2026"),
        ("11/28/2026", "11/03/2026"),
        ("28-Nov-2026", "03-Nov-2026"),
        ("28.11.2026 00:00", "3.11.2026"),
        ("20261128", "2026-11-03T00:00:00Z"),
    ],
)
def test_a_column_of_one_order_is_read(cells: tuple[str, str]) -> None:
    read = read_dates(cells)

    assert [datetime(2026, 11, day, tzinfo=UTC) for day in (28, 3)] == [read[cell] for cell in cells]


def test_a_column_of_two_possible_orders_is_refused_with_a_cell_of_it() -> None:
    with pytest.raises(DatesUnclear, match="'03/04/2026' may be read in two ways"):
        read_dates(["03/04/2026", "05/06/2026"])


def test_an_order_that_reads_more_cells_settles_the_others() -> None:
    assert datetime(2026, 4, 3, tzinfo=UTC) == read_dates(["03/04/2026", "28/04/2026"])["03/04/2026"]


def test_an_empty_cell_is_no_date_and_other_words_are_not_read() -> None:
    assert {"": None, "n/a": None} == read_dates(["", " n/a ", "soon", "46354"])

"""Rows without a word in any cell are no rows: they are passed over and counted, in every kind of file."""

from pathlib import Path

import polars as pl
import pytest

from dialer.services.customers.customer_file import CustomerFile
from dialer.services.customers.register_file import read_register

EMPTY = ["", ";;", " ; ;\t", '"";"";""', ";;;;;;", ";"]


def read(path: Path) -> tuple[list[str], int]:
    """The first cell of every row, and how many rows said nothing."""
    blocks = list(CustomerFile(path).pieces())
    return [row.cells[0] for block in blocks for row in block.rows()], sum(block.empty for block in blocks)


@pytest.mark.parametrize("between", EMPTY)
@pytest.mark.parametrize("first", ["1;Ada;S", '1;"Ada ""A"" Engel";S', '1;"Ada\nEngel";S'])
def test_a_row_of_delimiters_alone_is_empty_wherever_it_stands(
    tmp_path: Path, between: str, first: str
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(f"id;name;plan\n{first}\n{between}\n2;Otis;M\n{between}\n{between}\n")

    assert read(path) == (["1", "2"], 3)


def test_a_row_with_a_dash_or_a_quote_that_is_never_closed_says_something(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text('id;name;plan\n1;Ada;S\n-;;\n";;\n2;Otis;M\n')

    assert read(path)[1] == 0


def test_rows_of_parquet_and_blocks_that_are_read_once_more_are_counted_the_same(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    pl.DataFrame({"id": ["1", "", None, "2"], "name": ["Ada", " ", None, "Otis"]}).write_parquet(path)

    assert read(path) == (["1", "2"], 2)
    (block,) = CustomerFile(path).pieces()
    assert block.part([1]).empty == 2


def test_a_register_takes_lines_of_delimiters_for_empty(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Nr;Tlf\n1;22 00 00 01\n;\n;;\n2;22 00 00 02\n")

    found = read_register(path, "NO")

    assert (found.good, found.bad) == (2, [])

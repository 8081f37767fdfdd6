"""Rows of text: quoted cells may run over lines, and a quote nobody closed costs its own line only."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.data.quoted_rows import QuotesUnclosed, RowsOfText, TextRow

HEAD = "id,name,plan\n"


def rows(text: str, width: int = 3) -> list[TextRow]:
    return list(RowsOfText(io.StringIO(text, newline=""), ",", width=width))


def bad_lines(text: str) -> list[int]:
    return [row.line for row in rows(text) if row.unclosed]


CELL = st.lists(st.sampled_from(["a", " ", ", ", '"', "\n"]), max_size=7).map("".join)
CELLS = st.tuples(CELL, CELL, CELL)


@given(st.lists(CELLS, min_size=1, max_size=8))
def test_what_a_csv_writer_wrote_is_read_as_it_was(table: list[tuple[str, ...]]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("id", *cells) for cells in table])

    assert [row.cells for row in rows(stream.getvalue(), 4)] == [("id", *cells) for cells in table]


@pytest.mark.parametrize(
    "text",
    [
        '1,"Ada,S\n2,Bo,M\n3,Cy,L\n',
        '1,"Ada,S\n2,"Bo",M\n3,"Cy",L\n',
        '1,Ada,"S\n2,"Bo, jr",M\n3,Cy,""\n',
        '1,"Ada,S\n2,Bo,M\n3,Cy",L\n4,Di,S\n',
        '1,"Ada ""the,S\n2,Bo,M\n',
    ],
)
def test_an_unclosed_quote_is_a_bad_row_at_its_line_and_every_other_row_is_there(text: str) -> None:
    found = rows(text)

    assert bad_lines(text) == [1]
    assert [row.line for row in found] == list(range(1, text.count("\n") + 1))
    assert all(len(row.cells) == 3 for row in found[1:])


def test_a_note_over_lines_is_one_row_and_the_next_row_has_its_own_line() -> None:
    found = rows('1,"said: no,\nthen yes, maybe, later\nthen ""no""",S\n2,Bo,M\n')

    assert [(row.line, row.unclosed, len(row.cells)) for row in found] == [(1, False, 3), (4, False, 3)]


def test_an_inch_sign_inside_a_cell_is_no_quote() -> None:
    assert rows('1,7" tablet,S\n')[0].cells == ("1", '7" tablet', "S")


def test_every_line_is_a_row_or_part_of_one_whatever_the_quotes() -> None:
    text = "".join(f'{line},"open {line},S\n' if line % 3 else f"{line},x,S\n" for line in range(1, 300))

    assert {row.line for row in rows(text)} == set(range(1, 300))


def test_a_text_of_nothing_but_open_quotes_is_given_up() -> None:
    with pytest.raises(QuotesUnclosed, match="never closed"):
        rows('"' + "x" * 60_000 + "\n" + ('a"' + "x" * 30_000 + "\n" + '"b\n') * 2_000)

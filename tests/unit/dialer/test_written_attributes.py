"""Attributes put together by the column are those that a table for each customer would hold."""

import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.importing.attribute_columns import write_attributes
from dialer.core.importing.written_attributes import WrittenAttributes

CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\r\n")).map(str.strip)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=20), st.tuples(CELLS, CELLS))
def test_each_text_is_what_json_reads_as_the_rows_own_cells(
    rows: list[tuple[str, str]], names: tuple[str, str]
) -> None:
    named = (f"a{names[0]}", f"b{names[1]}")
    columns = {
        name: pl.Series([row[place] for row in rows], dtype=pl.String) for place, name in enumerate(named)
    }

    written = write_attributes(columns, len(rows))

    expected = [{name: cell for name, cell in zip(named, row, strict=True) if cell} for row in rows]
    assert [json.loads(each.text) for each in written] == expected
    assert list(written) == expected


def test_without_columns_nobody_has_any() -> None:
    assert [dict(each) for each in write_attributes({}, 2)] == [{}, {}]


def test_how_many_somebody_has_is_read_from_the_text() -> None:
    assert len(WrittenAttributes('{"plan": "S", "since": "2026"}')) == 2

"""Rows that were read before are told by a digest of the text and of all that its reading depends on."""

from typing import Any

import pytest

from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.notation import Notation
from dialer.core.importing.row_digests import RowDigests

COLUMNS = ("id", "phone", "spend")
ROWS = ("1;020 7946 0001;12,50", "2;020 7946 0002;13,50")
USUAL: dict[str, Any] = {
    "columns": COLUMNS,
    "mapping": ColumnMapping(id="id", phones=("phone",)),
    "region": "GB",
    "notations": {"spend": Notation(shown="numbers with a decimal comma", comma=True)},
    "keep": ("left",),
}


def digests(*rows: str, **otherwise: Any) -> list[str]:
    return RowDigests(**{**USUAL, **otherwise}).of(rows)


def test_the_same_row_of_the_same_kind_of_file_has_the_same_digest() -> None:
    assert digests(*ROWS) == digests(*ROWS)
    assert digests(*ROWS)[::-1] == digests(*ROWS[::-1])


def test_rows_that_differ_in_one_character_have_different_digests() -> None:
    assert digests(*ROWS) != digests(ROWS[0], ROWS[1].replace("13", "14"))


@pytest.mark.parametrize(
    "otherwise",
    [
        {"columns": ("id", "phone", "income")},
        {"mapping": ColumnMapping(id="id", phones=("phone",), household="spend")},
        {"region": "IE"},
        {"notations": {"spend": Notation(shown="numbers with a decimal point", comma=False)}},
        {"notations": {"spend": Notation(shown="days as a spreadsheet counts them", serial=True)}},
        {"keep": ()},
    ],
    ids=["columns", "mapping", "region", "notation", "serial days", "kept attributes"],
)
def test_a_row_that_would_be_read_otherwise_is_read_again(otherwise: dict[str, Any]) -> None:
    assert not set(digests(*ROWS)) & set(digests(*ROWS, **otherwise))


def test_bytes_that_are_no_text_have_a_digest_too() -> None:
    broken = b"1;\xff;3".decode("utf-8", "surrogateescape")

    assert digests(broken) != digests("1;?;3")

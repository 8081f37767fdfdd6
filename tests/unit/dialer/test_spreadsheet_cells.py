"""A cell that comes back in a file is no formula to a spreadsheet, and is itself again when it is read."""

import pytest

from dialer.core.importing.prohibition_columns import bears
from dialer.core.importing.spreadsheet import guarded, unguarded


@pytest.mark.parametrize("cell", ["=1+1", "+4791122333", "-5", "@SUM(A1)", "=", "-", "'quoted", "'"])
def test_what_begins_like_a_formula_is_guarded_and_read_back(cell: str) -> None:
    assert guarded(cell) != cell
    assert not guarded(cell).startswith(("=", "+", "-", "@"))
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Ann", "91122333", "5-", "a=b", "O'Brien", "x+"])
def test_any_other_cell_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell
    assert unguarded(cell) == cell


@pytest.mark.parametrize(
    ("cells", "enough"), [("ab", True), ("abb", False), ("a", True), ("b", False), ("", False)]
)
def test_half_of_a_sample_bears_a_guess_out(cells: str, *, enough: bool) -> None:
    assert bears(list(cells), lambda cell: cell == "a") is enough

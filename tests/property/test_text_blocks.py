"""Rows read a block at a time are the rows read one by one, whatever stands in a text, wherever it is cut."""

import io
from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from churnmodel.data.quoted_rows import RowsOfText, TextRow
from churnmodel.data.text_blocks import BLANKS, BrokenOff, LineTooLong, RowsOfBlocks, blocks_of

LONG = 1 << 20
text = st.lists(
    st.sampled_from(
        [
            '"',
            '""',
            ",",
            "\n",
            "\r\n",
            "\r",
            "a",
            "b c",
            "a,b,c\n",
            '"x",y,z\n',
            '"x\ny",1,2\n',
            " ",
            "\udce9",
            "ø",
        ]
    )
).map("".join)


def at_once(written: str, block: int, above: int = 0, width: int = 3) -> list[TextRow]:
    blocks = blocks_of(io.StringIO(written, newline=""), LONG, faults=(OSError,), block=block)
    return [row for found in RowsOfBlocks(blocks, ",", width).rows(above) for row in found.rows()]


@given(text, st.integers(1, 60), st.integers(0, 2))
@example('id,name,note\n1,"two\r\nlines",x\r\n2,"open,x\n3,y,z\n', 9, 0)
@example("id\r\r\n1\r2\n", 1, 0)
def test_blocks_give_the_rows_that_lines_give(written: str, block: int, above: int) -> None:
    lines = io.StringIO(written, newline="")
    for _ in range(above):
        next(lines, None)
    one_by_one = list(RowsOfText(lines, ",", first_line=above + 1, width=3))

    said = [row for row in one_by_one[1:] if row.unclosed or any(cell.strip() for cell in row.cells)]
    assert at_once(written, block, above) == said


class CutOff(io.StringIO):
    """A text whose end is missing."""

    def read(self, size: int | None = -1) -> str:
        """Give what there is, then fail."""
        found = super().read(size)
        if not found:
            raise OSError("no more")
        return found


def test_a_text_that_breaks_off_gives_every_whole_line_before_that() -> None:
    blocks = blocks_of(CutOff("a\nb\r\nc", newline=""), LONG, faults=(OSError,), block=2)
    given_before = []

    with pytest.raises(BrokenOff, match="after line 2"):
        given_before.extend(iter(lambda: next(blocks), None))
    assert list(chain.from_iterable(block.lines for block in given_before)) == ["a", "b"]


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_line_longer_than_any_row_is_named(end: str) -> None:
    blocks = blocks_of(io.StringIO("a\n" + "b" * 50 + end), 40, faults=(OSError,), block=8)

    with pytest.raises(LineTooLong) as refused:
        list(blocks)
    assert refused.value.line == 2


def test_blanks_are_what_python_strips() -> None:
    assert set(BLANKS) == {sign for code in range(0x110000) if (sign := chr(code)).isspace()}

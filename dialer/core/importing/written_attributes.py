"""Attributes of many customers at once, each customer's as the text (JSON) that a database keeps.

Nearly nobody looks at the attributes of a new customer before they are stored. So the texts are put together
by the column, which costs a tenth of a table for each customer; and one is read back where somebody asks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

#: what is not written as it is in a text of JSON; other controls no cell has (`row_reader.SUSPECT`)
ESCAPED: Final = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n"}
MAY_BE_ESCAPED: Final = '[\\\\"\\t\\r\\n]'


class WrittenAttributes(Mapping[str, Any]):
    """The attributes of one customer, read from their text when they are asked for."""

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        """The value of one attribute."""
        return self._table()[name]

    def __iter__(self) -> Iterator[str]:
        """Their names, in the file's order."""
        return iter(self._table())

    def __len__(self) -> int:
        """How many the customer has."""
        return len(self._table())

    def _table(self) -> dict[str, Any]:
        if self._read is None:
            self._read = json.loads(self.text)
        return self._read


def write_attributes(columns: Mapping[str, pl.Series], count: int) -> Sequence[WrittenAttributes]:
    """The attributes of `count` customers, whose cells these columns hold; an empty cell is none."""
    if not columns:
        return [WrittenAttributes("{}")] * count
    frame = pl.DataFrame([cells.alias(str(place)) for place, cells in enumerate(columns.values())])
    pairs = [
        pl.when(pl.col(cells.name) != "").then(
            pl.concat_str(pl.lit(f'{json.dumps(name)}: "'), _escaped(cells), pl.lit('"'))
        )
        for name, cells in zip(columns, frame.iter_columns(), strict=True)
    ]
    inside = pl.concat_str(pairs, separator=", ", ignore_nulls=True)
    texts = frame.select(pl.concat_str(pl.lit("{"), inside, pl.lit("}"))).to_series()
    return list(map(WrittenAttributes, texts.to_list()))


def _escaped(cells: pl.Series) -> pl.Expr:
    text = pl.col(cells.name)
    if cells.str.contains(MAY_BE_ESCAPED).any():
        for character, written in ESCAPED.items():
            text = text.str.replace_all(character, written, literal=True)
    return text

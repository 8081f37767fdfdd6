"""Attributes of many customers at once, from the columns of a file.

Nearly nobody looks at the attributes of a new customer before they are stored. So the texts are put together
by the column, which costs a tenth of a table for each customer; and one is read back where somebody asks.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from dialer.core.importing.written_attributes import WrittenAttributes

#: what is not written as it is in a text of JSON; other controls no cell has (`row_reader.SUSPECT`)
ESCAPED: Final = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n"}
MAY_BE_ESCAPED: Final = '[\\\\"\\t\\r\\n]'


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

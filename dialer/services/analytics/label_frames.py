"""Customers as frames: what was told of each, beside what they were before it.

Outcomes are facts with dates, kept apart from customers' columns: no import erases one, and a column that
nobody keeps up does not outvote what was told. A column in words of its own is learned from as it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import polars as pl

from churnmodel.data.column_types import present_text
from churnmodel.data.contract import ContractRefused, guess_target
from dialer.db.queries import learning
from dialer.db.session import Database
from dialer.services.analytics.churn_labels import reads_as_left
from dialer.services.customers.customers import customer_frame_rows, label_columns

KEY: Final = "customer_id"  # the database's own number of a customer, in the rows of `customer_frame_rows`
ROWS_AT_ONCE: Final = 20_000  # customers made into a frame at a time; bounds the Python objects in memory

TOLD: Final = "left"
"""The outcome's name where it was only ever told, by `winback label`, and no file has a column for it."""

TOLD_WORDS: Final = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Customers to learn from, by the database's own numbers in the order of the frame's rows."""

    customers: list[int]
    frame: pl.DataFrame
    label: str | None  # the column with the outcome; None: there is none by any known name


def customer_frame(database: Database, *, before_outcome: bool = False) -> tuple[list[int], pl.DataFrame]:
    """Every customer's attributes as one frame, and the customers' ids in the order of its rows.

    Columns that only some customers have are null for the others; where types are mixed, text.
    `before_outcome`: as they were before what was told last of each.
    """
    ids: list[int] = []
    pieces: list[pl.DataFrame] = []
    for some, piece in customer_frames(database, before_outcome=before_outcome):
        ids.extend(some)
        pieces.append(piece)
    if not pieces:
        return ids, pl.DataFrame()
    return ids, pl.concat(pieces, how="diagonal_relaxed")


def customer_frames(
    database: Database, *, before_outcome: bool = False
) -> Iterator[tuple[list[int], pl.DataFrame]]:
    """The same a part at a time, so that memory does not grow with the book.

    A part has the columns that its own customers have, and no customers are in none.
    """
    rows = customer_frame_rows(database, before_outcome=before_outcome)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        ids = [row.pop(KEY) for row in batch]
        yield ids, pl.DataFrame(batch, infer_schema_length=None, strict=False)


def labelled_customers(database: Database, label: str | None = None) -> Labelled:
    """Give every customer with the outcome in the column `label`, and attributes from before it.

    Unset, `label` is the column that imports named last, or one named like an outcome. What was told of who
    left and stayed belongs to it; any other column that a person names is taken as it is, of today.
    """
    named = label_columns(database)
    own = label is not None and label not in named
    ids, frame = customer_frame(database, before_outcome=not own)
    with database.read() as tx:
        told = {} if own else learning.last_word(tx)
    label = label or (named[0] if named else _guessed(frame)) or (TOLD if told else None)
    # an outcome is no feature of another
    frame = frame.drop([name for name in named if name != label and name in frame.columns])
    if told and label is not None:
        frame = _with_told(frame, label, [told.get(each) for each in ids])
    return Labelled(customers=ids, frame=frame, label=label)


def _guessed(frame: pl.DataFrame) -> str | None:
    try:
        return guess_target(frame)
    except ContractRefused:
        return None


def _with_told(frame: pl.DataFrame, label: str, told: Sequence[bool | None]) -> pl.DataFrame:
    """The column with what was told in its own words; as it is where its words cannot be read."""
    empty: list[str | None] = [None] * frame.height
    held = present_text(frame.get_column(label)).to_list() if label in frame.columns else empty
    counted = Counter(word for word in held if word is not None)
    read = {word: reads_as_left(word) for word in counted}
    if None in read.values():
        return frame
    words = dict(TOLD_WORDS)
    for word, _ in reversed(counted.most_common()):  # the most frequent spelling is the last to be set
        words[read[word] is True] = word
    cells = [cell if left is None else words[left] for cell, left in zip(held, told, strict=True)]
    return frame.with_columns(pl.Series(label, cells, dtype=pl.String))

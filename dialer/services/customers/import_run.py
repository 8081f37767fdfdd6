"""One pass over a customer file: rows that were read before are passed over, the others are read and stored.

A row is passed over where its digest stands with its customer: the customer is then just what the row says.
Not so rows that put a person off or lost a cell: that is said with every file, and they have no digest.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from churnmodel.data.text_blocks import RowBlock
from dialer.core.importing.fiction import Fiction
from dialer.core.importing.row_digests import RowDigests
from dialer.core.importing.row_reader import ReadBlock, RowReader
from dialer.core.importing.rows import CustomerRow
from dialer.db.queries import importing
from dialer.db.session import Database, Transaction
from dialer.services.analytics.churn_labels import add_words, reads_as_left, words_to_add
from dialer.services.customers.customers import (
    Batch,
    KeptCustomers,
    Stored,
    store_customers,
)

ROWS_AT_ONCE: Final = 1_000  # one transaction of `store_customers`
SAME_DAY: Final = timedelta(days=1)  # a file read twice says who stayed once
LETTERS: Final = {True: importing.LEFT, False: importing.STAYED, None: importing.SAYS_NOTHING}

Share = Callable[[float], object]  # is told of the share of a block that is done


@dataclass(slots=True, kw_only=True)
class ImportRun:
    """Takes a file's rows block by block and counts what becomes of them."""

    database: Database
    reader: RowReader
    batch: Batch
    now: datetime
    label: str | None  # the column with the outcome, if it is kept as an attribute
    keep: Collection[str]  # attributes that stay where a row does not have them
    digests: RowDigests | None  # None: every row is read
    fiction: Fiction | None
    stores: bool  # False: rows are only judged
    stored: Stored = field(default_factory=Stored)
    without_number: int = 0
    stay_left: int = 0
    _said: Mapping[str, bool] = field(default_factory=dict, init=False)  # whether customers of the block left

    def take(self, block: RowBlock, done: Share) -> tuple[RowBlock, ReadBlock]:
        """Take a block's rows; what had to be read of it, and what that gave."""
        written: Sequence[str | None] = ()
        if self.digests is not None:
            block, written = self._pass_over(block, self.digests)
        read = self.reader.read_block(block, written)
        rows = read.customers
        words = self._words(block, read.places) or ()
        self._said = {
            row.external_id: left for row, left in zip(rows, words, strict=False) if left is not None
        }
        if self.fiction is not None:
            rows = [row._replace(numbers=(self.fiction.number_for(row.external_id),)) for row in rows]
        self.without_number += sum(not row.numbers for row in rows)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            self._store(rows[start : start + ROWS_AT_ONCE], read.neighbours)
            done(min(1.0, (start + ROWS_AT_ONCE) / len(rows)))
        return block, read

    def _store(self, rows: Sequence[CustomerRow], neighbours: Mapping[str, str]) -> None:
        if not self.stores:
            put_off = sum(row.prohibition is not None for row in rows)
            self.stored += Stored(unchanged=len(rows), put_off=put_off)
            return
        self.stored += store_customers(
            self.database,
            rows,
            self.now,
            keep=self.keep,
            batch=self.batch,
            neighbours=neighbours,
            also=self._tell,
        )

    def _tell(self, tx: Transaction, rows: Sequence[CustomerRow], kept: KeptCustomers) -> None:
        """Add the outcomes that the label column states as of now; other words are the model's business."""
        if self.label is None:
            return
        said = self._said
        told = {row.external_id: said[row.external_id] for row in rows if row.external_id in said}
        known = {kept.known[key]: left for key, left in told.items() if key in kept.known}
        fresh = {kept.fresh[key]: left for key, left in told.items() if key in kept.fresh}
        if known:
            more, overruled = words_to_add(tx, known, self.now, SAME_DAY)
            fresh |= more
            self.stay_left += overruled
        add_words(tx, fresh, self.now, self.batch.file_name)

    def _pass_over(self, block: RowBlock, digests: RowDigests) -> tuple[RowBlock, Sequence[str | None]]:
        """Count the rows that are in the database just so; the others, with their digests."""
        written, ids = digests.of(block.texts), self.reader.ids(block)
        words = self._words(block, range(len(ids)))
        letters = None if words is None else "".join(map(LETTERS.__getitem__, words))
        with self.database.read() as tx:
            found = importing.unsettled(tx, ids, written, letters, self.now - SAME_DAY)
        others = {each.place for each in found if not each.is_same}
        again = self._met_again(ids)
        if again:
            others |= {place for place, key in enumerate(ids) if key in again}
        if len(others) == len(ids):
            return block, written
        same = [place for place in range(len(ids)) if place not in others] if others else range(len(ids))
        self.without_number += self.reader.pass_over(block, same, [ids[place] for place in same])
        unchanged = Stored(unchanged=len(same))
        self.stored += unchanged
        self.batch.stored += unchanged
        if words is not None:
            told = {each.customer: words[each.place] for each in found if each.place not in others}
            self._tell_again(
                {key: left for key, left in told.items() if key is not None and left is not None}
            )
        rest = sorted(others)
        return block.part(rest), [written[place] for place in rest]

    def _met_again(self, ids: Sequence[str]) -> set[str]:
        """Identifiers that two of these rows have, or one of them and an earlier one."""
        different = set(ids)
        again = self.reader.seen & different
        if len(different) < len(ids):
            again |= {key for key, times in Counter(ids).items() if times > 1}
        return again

    def _words(self, block: RowBlock, places: Sequence[int]) -> Sequence[bool | None] | None:
        """Whether each row says that its customer left; None where no column tells."""
        if self.label is None:
            return None
        cells = self.reader.words_of(self.label, block, places)
        known = {cell: reads_as_left(cell or None) for cell in set(cells)}
        return [known[cell] for cell in cells]

    def _tell_again(self, told: Mapping[int, bool]) -> None:
        """Add what is new in the outcomes of customers who are as they were; mostly nothing is."""
        with self.database.read() as tx:
            fresh, overruled = words_to_add(tx, told, self.now, SAME_DAY)
        self.stay_left += overruled
        if fresh:
            with self.database.write() as tx:
                fresh, _ = words_to_add(tx, fresh, self.now, SAME_DAY)
                add_words(tx, fresh, self.now, self.batch.file_name)

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
from dialer.db.queries import customers
from dialer.db.session import Database, Transaction
from dialer.services.analytics.churn_labels import add_words, reads_as_left, words_to_add
from dialer.services.customers.customers import (
    Batch,
    CustomerRow,
    KeptCustomers,
    Stored,
    store_customers,
)

ROWS_AT_ONCE: Final = 1_000  # one transaction of `store_customers`
SAME_DAY: Final = timedelta(days=1)  # a file read twice says who stayed once

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

    def take(self, block: RowBlock, done: Share) -> tuple[RowBlock, ReadBlock]:
        """Take a block's rows; what had to be read of it, and what that gave."""
        written: Sequence[str | None] = [None] * block.frame.height
        if self.digests is not None:
            block, written = self._pass_over(block, self.digests)
        read = self.reader.read_block(block)
        rows = self._rows(read, written)
        self.without_number += sum(not row.numbers for row in rows)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            self._store(rows[start : start + ROWS_AT_ONCE], read.neighbours)
            done(min(1.0, (start + ROWS_AT_ONCE) / len(rows)))
        return block, read

    def _rows(self, read: ReadBlock, written: Sequence[str | None]) -> list[CustomerRow]:
        fiction = self.fiction
        return [
            CustomerRow(
                each.external_id,
                each.name,
                each.zone,
                each.language,
                each.household,
                each.numbers if fiction is None else (fiction.number_for(each.external_id),),
                each.attributes,
                each.prohibition,
                None if each.lost or each.prohibition is not None else written[place],
            )
            for place, each in zip(read.places, read.customers, strict=True)
        ]

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
        words = _each_once([row.attributes.get(self.label) for row in rows])
        told = {row.external_id: left for row, left in zip(rows, words, strict=True) if left is not None}
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
        with self.database.read() as tx:
            stored = customers.digests(tx, ids)
        again = (
            {key for key, times in Counter(ids).items() if times > 1} if len(set(ids)) < len(ids) else set()
        )
        again |= self.reader.seen & set(ids)
        same = [
            place
            for place, (key, digest) in enumerate(zip(ids, written, strict=True))
            if key in stored and stored[key][1] == digest and key not in again
        ]
        if not same:
            return block, written
        names = [ids[place] for place in same]
        self.without_number += self.reader.pass_over(block, same, names)
        unchanged = Stored(unchanged=len(same))
        self.stored += unchanged
        self.batch.stored += unchanged
        if self.label is not None:
            words = _each_once(self.reader.words_of(self.label, block, same))
            told = zip(names, words, strict=True)
            self._tell_again({stored[key][0]: left for key, left in told if left is not None})
        taken = set(same)
        rest = [place for place in range(len(ids)) if place not in taken] if len(same) < len(ids) else []
        return block.part(rest), [written[place] for place in rest]

    def _tell_again(self, told: Mapping[int, bool]) -> None:
        """Add what is new in the outcomes of customers who are as they were; mostly nothing is."""
        with self.database.read() as tx:
            fresh, overruled = words_to_add(tx, told, self.now, SAME_DAY)
        self.stay_left += overruled
        if fresh:
            with self.database.write() as tx:
                fresh, _ = words_to_add(tx, fresh, self.now, SAME_DAY)
                add_words(tx, fresh, self.now, self.batch.file_name)


def _each_once(cells: Sequence[str | None]) -> list[bool | None]:
    """Whether each cell says that the customer left."""
    known = {cell: reads_as_left(cell or None) for cell in set(cells)}
    return [known[cell] for cell in cells]

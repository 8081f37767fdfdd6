"""What an import has to know of the database: before it begins, and of the rows it goes over."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select, text

from dialer.core.importing.rows import DIGEST_BYTES
from dialer.db.base import UtcDateTime
from dialer.db.models import Customer, CustomerNumber, ImportBatch
from dialer.db.session import Transaction

LEFT, STAYED, SAYS_NOTHING = "y", "n", "-"  # what a row says of its customer
DIGITS: Final = 2 * DIGEST_BYTES  # of a row's digest

#: the rows of a file; a blob is cut in no time, where a text would be counted through each time
_ROWS: Final = {
    "sqlite": "(SELECT key AS place, value AS external_id, "
    "CAST(substr(:digests, key * :width + 1, :width) AS TEXT) AS digest, "
    "CAST(substr(:words, key + 1, 1) AS TEXT) AS word FROM json_each(:ids))",
    "postgresql": "(SELECT place - 1 AS place, external_id, digest, substr(:words, place::int, 1) AS word "
    "FROM unnest(CAST(:ids AS text[]), CAST(:digests AS text[])) "
    "WITH ORDINALITY AS each(external_id, digest, place))",
}
_UNSETTLED: Final = """
SELECT asked.place, customer.id, customer.row_digest = asked.digest
FROM {rows} AS asked
LEFT JOIN customer ON customer.external_id = asked.external_id {last_word}
WHERE NOT coalesce(customer.row_digest = asked.digest {settled}, FALSE)
"""
_LAST_WORD: Final = """
LEFT JOIN churn_label ON churn_label.id = (
    SELECT id FROM churn_label WHERE customer_id = customer.id ORDER BY id DESC LIMIT 1
)
"""
_SETTLED: Final = f"""
AND CASE asked.word WHEN '{SAYS_NOTHING}' THEN TRUE WHEN '{LEFT}' THEN churn_label."left"
ELSE NOT churn_label."left" AND churn_label.at >= :since END
"""


class Unsettled(NamedTuple):
    """A row of a file that is not known just so, or says of its customer what is to be looked at."""

    place: int
    customer: int | None
    is_same: bool  # only what it says of having left or stayed is not known yet


def unsettled(
    tx: Transaction, ids: Sequence[str], digests: Sequence[str], words: str | None, since: datetime
) -> list[Unsettled]:
    """Of rows, by the company's ids, all but those that say just what is known.

    `words` has one letter a row: what it says of having left. Who stayed is news where that was
    told last before `since`. The database compares, so that a row that is as it was costs no object.
    """
    dialect = tx.get_bind().dialect.name
    last_word, settled = ("", "") if words is None else (_LAST_WORD, _SETTLED)
    chosen = text(_UNSETTLED.format(rows=_ROWS[dialect], last_word=last_word, settled=settled))
    asked: dict[str, Any] = {"ids": list(ids), "digests": list(digests), "words": words or ""}
    if dialect == "sqlite":
        asked = {
            "ids": json.dumps(asked["ids"]),
            "digests": "".join(digests).encode(),
            "words": asked["words"].encode(),
            "width": DIGITS,
        }
    if words is not None:
        chosen = chosen.bindparams(bindparam("since", type_=UtcDateTime))
        asked["since"] = since
    found = tx.connection().execute(chosen, asked).all()
    return [Unsettled(place, customer, bool(is_same)) for place, customer, is_same in found]


def first_numbers(tx: Transaction) -> dict[str, str]:
    """The first number of every customer who has one, by the company's own id."""
    chosen = (
        select(Customer.external_id, CustomerNumber.e164)
        .join(CustomerNumber, CustomerNumber.customer_id == Customer.id)
        .where(CustomerNumber.position == 0)
    )
    return {row[0]: row[1] for row in tx.execute(chosen)}


def mappings(tx: Transaction) -> Iterator[dict[str, Any]]:
    """Which column was what in the files that changed anything, the newest first."""
    yield from tx.scalars(select(ImportBatch.mapping).order_by(ImportBatch.id.desc()))

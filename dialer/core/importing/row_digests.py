"""What tells a file's row that was read before: a digest of its text and of all that its reading depends on.

The digest stands in the database with the customer that the row made, so it must be the same in every process
and with every version of the libraries: it is BLAKE2 (RFC 7693) over plain text.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import phonenumbers

from churnmodel.data import words
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.notation import Notation
from dialer.core.importing.rows import DIGEST_BYTES

READING: Final = 7  # raised with every change to what a row is read as, so that all are read once more


class RowDigests:
    """Gives the digests of one file's rows."""

    def __init__(
        self,
        columns: Sequence[str],
        mapping: ColumnMapping,
        region: str,
        notations: Mapping[str, Notation],
        keep: Collection[str],
        *,
        refusing: Sequence[str] = (),
    ) -> None:
        written = {
            column: [one.comma, one.style, one.serial, one.of_births] for column, one in notations.items()
        }
        known = {**words.HEADINGS, **words.ANSWERS}
        depends = [
            [READING, phonenumbers.__version__, region, list(columns), mapping.as_dict(), written],
            [sorted(set(keep)), list(refusing), {name: sorted(said) for name, said in known.items()}],
        ]
        text = json.dumps(depends, sort_keys=True)
        self._begun = hashlib.blake2b(text.encode() + b"\n", digest_size=DIGEST_BYTES)

    def of(self, texts: Sequence[str]) -> list[str]:
        """The digest of each row, as hexadecimal digits."""
        begun = self._begun
        digests = []
        for text in texts:
            one = begun.copy()
            one.update(text.encode("utf-8", "surrogatepass"))
            digests.append(one.hexdigest())
        return digests

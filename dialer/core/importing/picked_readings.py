"""What is asked of columns that may be read in two ways, and what was said of them."""

from collections.abc import Iterable, Mapping

from dialer.core.importing.mapping import MappingRefused
from dialer.core.importing.readings import OpenColumn, Reading


class NotationUnclear(MappingRefused):
    """Columns may be read in two ways, and nothing in the file tells which; the message gives both."""

    def __init__(self, unclear: Iterable[OpenColumn]) -> None:
        self.unclear = tuple(unclear)
        first, *others = (one.sentence for one in self.unclear)
        told = ". ".join([first, *(other[0].upper() + other[1:] for other in others)])
        untold = " Nothing in the file tells which." if any(one.said is None for one in self.unclear) else ""
        super().__init__(
            f"{told}.{untold} Say how it is meant with --notation 'COLUMN=READING', or leave it out with "
            "--ignore."
        )


def read_readings(said: Mapping[str, str]) -> dict[str, Reading]:
    """What was said of each column; raises `MappingRefused` for a word that is no reading."""
    found = {}
    for column, word in said.items():
        try:
            found[column] = Reading(word.strip().lower().replace("-", " "))
        except ValueError as unknown:
            known = ", ".join(Reading)
            raise MappingRefused(
                f"{word[:40]!r} of {column!r} is no notation; there are {known}"
            ) from unknown
    return found

"""A campaign's list, written a part at a time so that nobody else waits for it.

Until it is whole its campaign is `preparing`, which no engine dials for and nobody can start. Whoever writes
it says so with every part. A list that broke off, at whatever moment, is taken out: by whoever failed to
write it, by whoever makes the next campaign, or at night.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from dialer.db.bounded_writes import write_in_parts
from dialer.db.queries import list_rows
from dialer.db.queries.list_rows import DrawnRow
from dialer.db.session import Database, Transaction
from dialer.services.campaigns.list_draw import DrawnList


class ListGivenUp(RuntimeError):
    """Whoever wrote this list was silent for so long that it was taken out."""


def write_list(database: Database, campaign: int, drawn: DrawnList, model: int | None) -> int:
    """Write the log of everyone considered and the list of a campaign; how many are on the list.

    Raises `ListGivenUp`.
    """

    def write(tx: Transaction, rows: list[DrawnRow]) -> int:
        if not list_rows.still_at_work(tx, campaign):
            raise ListGivenUp(f"the list of campaign {campaign} was taken out while it was written")
        return list_rows.add(tx, campaign, model, drawn.places, rows)

    with database.for_many_rows() as writing:
        return write_in_parts(writing, drawn.rows(), write)


@contextmanager
def taken_out_on_failure(database: Database, campaign: int) -> Iterator[None]:
    """Leave nothing of a campaign whose list could not be finished."""
    try:
        yield
    except BaseException:  # also an interrupted command
        with database.write() as tx:
            list_rows.give_up(tx, campaign=campaign)
        _take_out(database, campaign)
        raise


def take_out_broken_off(database: Database) -> int:
    """Take out what there is of lists that nobody writes any more; how many."""
    with database.write() as tx:
        given_up = list_rows.give_up(tx)
    for campaign in given_up:
        _take_out(database, campaign)
    return len(given_up)


def _take_out(database: Database, campaign: int) -> None:
    more = True
    while more:
        with database.write() as tx:
            more = list_rows.take_out_part(tx, campaign)

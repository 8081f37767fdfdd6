"""Many rows written in transactions so short that nobody waits long for the next one."""

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, TypeVar

from dialer.db.session import Database, Transaction

AIM_S: Final = 0.08  # a transaction's length: half of the bound, since the next row may be dearer
FIRST: Final = 1_000  # rows, until it is known how long they take
LEAST: Final = 1_000  # fewer spare nobody's time: then it is the commit that takes it, and all of them more
MOST: Final = 50_000
GROWTH: Final = 2.0  # times as many at the most: the first rows of a table are the cheapest

Row = TypeVar("Row")


def write_in_parts(
    database: Database, rows: Iterable[Row], write: Callable[[Transaction, list[Row]], int]
) -> int:
    """Write rows a part at a time, each in a transaction of its own; returns what `write` counted.

    A part is as large as has taken `AIM_S` so far. What `write` raises ends it; the parts before stay.
    """
    at_once, total = FIRST, 0
    following = iter(rows)
    while part := list(islice(following, at_once)):
        with database.write() as tx:
            began = time.monotonic()
            total += write(tx, part)
        took_s = max(time.monotonic() - began, AIM_S / 100)
        aim = len(part) * min(GROWTH, AIM_S / took_s)
        at_once = max(LEAST, min(MOST, int(aim)))
    return total

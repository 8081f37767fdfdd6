"""A list put into another order: whom its campaign calls first, and what that brings."""

from collections.abc import Iterator

from churnmodel.holdout import draw
from dialer.core.calling.call_order import CalledFirst, ListOrder, interleave
from dialer.core.sentence import Figure, Sentence
from dialer.db.bounded_writes import write_in_parts
from dialer.db.queries import list_order
from dialer.db.queries.list_order import PlacedLead
from dialer.db.session import Database, Transaction


def reorder_list(database: Database, campaign: int, order: ListOrder, salt: str) -> int:
    """Give every lead of a campaign its place by this order, in parts; how many have another one now.

    Broken off it can be done again: a lead has some place at every moment.
    """
    with database.read() as tx:
        placed = list_order.in_order(tx, campaign, order)
    moved = (
        (each.lead, rank)
        for rank, each in enumerate(_in_full(placed, order, f"{campaign}/order", salt), start=1)
        if each.rank != rank
    )
    return write_in_parts(database, moved, list_order.set_ranks)


def _in_full(placed: list[PlacedLead], order: ListOrder, name: str, salt: str) -> Iterator[PlacedLead]:
    if order.by is CalledFirst.RANDOM:
        return iter(sorted(placed, key=lambda each: draw(each.external_id, name, salt)))
    if order.by is not CalledFirst.GAIN:
        return iter(placed)  # what a coin added has a day or a talk like everybody
    added = [(draw(each.external_id, name, salt), each) for each in placed if each.added]
    return interleave([each for each in placed if not each.added], added)


def bring_next(tx: Transaction, campaign: int, order: ListOrder, calls: int) -> Sentence:
    """What the next calls are expected to bring by another order, beside the one there is, in a sentence."""
    waiting, before = list_order.gain_of_next(tx, campaign, None, calls)
    if waiting == 0:
        return Sentence(
            "Called first: %(order)s; nobody waits on the list at the moment.", order=order.in_words()
        )
    _, after = list_order.gain_of_next(tx, campaign, order, calls)
    return Sentence(
        "Called first: %(order)s. The next %(waiting)s calls are expected to bring %(after)s in all, "
        "%(before)s as the list stands.",
        order=order.in_words(),
        waiting=Figure(waiting),
        after=Figure(after),
        before=Figure(before),
    )

"""What became of a campaign's customers by the end of its horizon, of whom it is known."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from dialer.db.queries import assignments
from dialer.db.queries.assignments import Assigned, Said
from dialer.db.session import Transaction

HORIZON: Final = timedelta(days=60)  # a saved customer has to have stayed so long; between 30 and 90 is usual


class Known(NamedTuple):
    """What is known of a campaign's people at the end of its horizon."""

    people: list[Assigned]  # of whom it is known, and who had not left before the campaign began
    fates: dict[int, float]  # 1 left until then, 0 stayed
    undated: set[int]  # customers who left nobody knows when: before the end or after


def known_fates(
    tx: Transaction, campaign: int, people: Sequence[Assigned], began: datetime, horizon: timedelta
) -> Known:
    """Say of whom it is known what became of them. With anybody undated the others are no fair sample."""
    fates = fates_of(assignments.outcomes_of_campaign(tx, campaign, began), began + horizon, horizon)
    gone = assignments.left_before(tx, campaign, began)
    there = [one for one in people if one.customer not in gone]
    return Known(
        people=[one for one in there if one.customer in fates.known],
        fates=fates.known,
        undated={one.customer for one in there if one.customer in fates.undated},
    )


class Fates(NamedTuple):
    """Who left (1) or stayed (0) until a horizon's end, and who did either, for their leaving has no date."""

    known: dict[int, float]
    undated: set[int]


def fates_of(told: Sequence[Said], over: datetime, horizon: timedelta) -> Fates:
    """Say who left until the horizon's end; nobody of whom nothing is known at that moment.

    Leaving after the end is having stayed until it. Who is told to have left without a date did so some time
    before the telling: where that is after the end, nobody knows which. Without a horizon what was said last
    holds.
    """
    known: dict[int, float] = {}
    undated: set[int] = set()
    for each in told:  # oldest first
        customer = each.customer
        if not horizon:
            known[customer] = 1.0 if each.left else known.get(customer, 0.0)
        elif each.left and each.at <= over:
            known[customer] = 1.0
        elif each.at < over or customer in known:
            continue
        elif each.left and not each.dated:
            undated.add(customer)
        elif customer not in undated:
            known[customer] = 0.0
    return Fates(known, undated)

"""Who was called before it was known whether they left, and the chance that they would not have been."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from churnmodel.array_types import Bools, Floats
from churnmodel.holdout import Entered, chance_uncalled
from dialer.db.queries import assignments, campaigns, learning
from dialer.db.session import Database
from dialer.services.analytics.overlapping_campaigns import LEAST_CHANCE, REACH, Placed, home_of


def treatment_of(
    database: Database, customers: Sequence[int], households: Sequence[str | None], now: datetime
) -> tuple[Bools, Floats] | None:
    """Say who was assigned to be called before their outcome, and everybody's chance of not having been.

    The outcome is of the moment that was told last of a customer; where nothing was told, of now. Whoever
    shares a household was called with it. None where no campaign called anybody yet.

    Args:
        database: where it is read.
        customers: by the database's own numbers, one a row.
        households: of the same rows.
        now: the moment.
    """
    with database.read() as tx:
        begun = [
            (row.id, row.salt, row.holdout_share, row.started_at)
            for row in campaigns.all_of(tx)
            if row.started_at is not None and row.started_at <= now
        ]
    if not begun:
        return None
    entered: dict[str, dict[int, Placed]] = {}
    for campaign, salt, control, began in begun:
        with database.read() as tx:
            rows = assignments.placed(tx, campaign, LEAST_CHANCE)
        for customer, household, call, propensity in rows:
            lists = entered.setdefault(home_of(household, customer), {})
            before = lists.get(campaign)
            lists[campaign] = Placed(
                began,
                call or (before is not None and before.call),
                Entered(salt, control, max(propensity, before.entered.propensity if before else 0.0)),
            )
    with database.read() as tx:
        told = learning.last_told(tx)
    called = np.zeros(len(customers), dtype=np.bool_)
    chance = np.ones(len(customers))
    for index, (customer, household) in enumerate(zip(customers, households, strict=True)):
        at = told.get(customer, now)
        lists = entered.get(home_of(household, customer), {})
        reached = [each for each in lists.values() if at - REACH <= each.began <= at]
        if reached:
            called[index] = any(each.call for each in reached)
            chance[index] = chance_uncalled([each.entered for each in reached])
    return called, chance

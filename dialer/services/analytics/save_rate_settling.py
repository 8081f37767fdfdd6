"""Settling the share of leavers a call keeps from the hold-outs, at each scoring."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from churnmodel.effect import Outcomes, join
from churnmodel.save_rate import MeasuredRate, SaveRate, settle
from churnmodel.save_rate_measurement import measure_save_rate
from churnmodel.value import Price
from dialer.core.compliance.rulebook import Purpose
from dialer.db.queries import assignments, campaigns
from dialer.db.session import Database
from dialer.services.analytics.effect import outcomes_of
from dialer.services.analytics.fates import HORIZON, known_fates
from dialer.services.analytics.overlapping_campaigns import among_others, home_of

REMEMBERED: Final = timedelta(days=730)
"""Campaigns begun longer ago say nothing of today's agents and offers, and of customers who were others."""

MEANT_TO_KEEP: Final = (Purpose.MARKETING, Purpose.SERVICE)
"""A call that the customer asked for is made whatever it changes."""

Listed = tuple[list[str], Outcomes]  # a list's customers by household, and what became of them


def settle_save_rate(
    database: Database, price: Price, now: datetime, *, horizon: timedelta = HORIZON
) -> SaveRate:
    """Weigh what is assumed against what the campaigns of two years measured, each when its horizon was over.

    Only customers on lists are compared, as `effect.measure_campaign` does: by what each campaign changed
    beyond the others. One who was on several counts in each, and as one person in the standard error.

    Args:
        database: where it is read and kept.
        price: its `save_rate` is the assumption.
        now: the moment.
        horizon: how long after a campaign's start it is asked who left.
    """
    with database.read() as tx:
        over = [
            (row, Purpose(row.purpose), row.started_at)
            for row in campaigns.all_of(tx)
            if row.started_at is not None and now - REMEMBERED <= row.started_at <= now - horizon
        ]
    lists: dict[Purpose, list[Listed]] = {}
    for campaign, purpose, began in over:
        if purpose not in MEANT_TO_KEEP:
            continue
        with database.read() as tx:
            assigned = assignments.assigned(tx, campaign.id, attributes=False)
            people, fates, undated = known_fates(tx, campaign.id, assigned, began, horizon)
            together = among_others(tx, campaign, began + horizon)
        if any(one.listed and one.customer in undated for one in assigned):
            continue  # those whose leaving has no date are missing among the leavers only
        listed = [one for one in people if one.listed]
        left = [fates[one.customer] for one in listed]
        homes = [home_of(one.household, one.customer) for one in listed]
        measured = outcomes_of(listed, left, price, together=together)
        lists.setdefault(purpose, []).append((homes, measured))
    apart = {purpose.value: found for purpose in lists if (found := _measure(lists[purpose])) is not None}
    everybody = [each for part in lists.values() for each in part]
    return settle(price.save_rate, _measure(everybody), by_purpose=apart)


def _measure(lists: Sequence[Listed]) -> MeasuredRate | None:
    """The rate of several lists together; a household that is on many counts as one in the error."""
    if not lists:
        return None
    names = [name for homes, _ in lists for name in homes]
    units = {name: place for place, name in enumerate(dict.fromkeys(names))}
    together = join([outcomes for _, outcomes in lists])
    return measure_save_rate(
        replace(together, household=np.array([units[name] for name in names], dtype=np.int64))
    )

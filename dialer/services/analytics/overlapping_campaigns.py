"""Campaigns on the same customers: what chance decided for each, and what only for all of them together.

Campaigns of one salt hold out the same customers. Against them a campaign's list shows what all of these
calls changed. What it changed beyond the others is told by its own coin, which no other draw has a part in:
of customers whom others may call too, those held out are left aside, and the others stand for them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from churnmodel.array_types import Floats
from churnmodel.harm import OUTSIDE, Watched
from churnmodel.holdout import Arm, Entered, chance_uncalled
from dialer.db.models import Campaign
from dialer.db.queries import assignments, campaigns
from dialer.db.queries.assignments import Assigned, Said
from dialer.db.session import Transaction

REACH: Final = timedelta(days=365)
"""A call counts for so long: a file's "left" reaches back a year at most, and few offers hold for longer."""

LEAST_CHANCE: Final = 0.01
"""Who could have been called with less chance and was not is taken as if it was none: weights move by 1 %."""

NEVER: Final = float("inf")


class Placed(NamedTuple):
    """How a household stood in one campaign."""

    began: datetime
    call: bool
    entered: Entered


def home_of(household: str | None, customer: int) -> str:
    """What was assigned by chance together: the household, or the customer who has none."""
    return f"h {household}" if household else f"c {customer}"


class Chance(NamedTuple):
    """How one customer counts in what a campaign changed beyond the others."""

    call: float  # the chance of a call among those who are compared
    standing: float  # customers that this one stands for; 0: compared with nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """A campaign among the others that may call its customers, by household."""

    control: float  # share of customers whom the campaign holds out
    salt: str
    shared_since: Mapping[str, datetime]  # the first other campaign with the same control that may call them
    others: Mapping[str, Sequence[Placed]]  # every other campaign, with any control

    def shared(self, one: Assigned) -> bool:
        """Whether another campaign with the same control may call this customer."""
        return home_of(one.household, one.customer) in self.shared_since

    def chance(self, one: Assigned) -> Chance:
        """Give the customer's chance of a call, whatever the other campaigns did."""
        if not self.shared(one) or not one.listed:  # off the list the coin is all there is
            return Chance(one.chance, 1.0)
        if one.arm is Arm.CONTROL:
            return Chance(one.propensity, 0.0)
        return Chance(one.propensity / (1 - self.control), 1 / (1 - self.control))

    def by_any(self, one: Assigned) -> tuple[bool, float]:
        """Say whether any campaign was to call the customer, and the chance that none was."""
        placed = self.others.get(home_of(one.household, one.customer), ())
        entered = [Entered(self.salt, self.control, one.propensity), *(each.entered for each in placed)]
        return one.call or any(each.call for each in placed), chance_uncalled(entered)


def among_others(tx: Transaction, campaign: Campaign, until: datetime) -> Together:
    """Find the campaigns that may have called the same customers before `until`, or in the year before."""
    began = campaign.started_at or campaign.created_at
    shared: dict[str, datetime] = {}
    others: dict[str, list[Placed]] = {}
    for row in campaigns.all_of(tx):
        if row.id == campaign.id or row.started_at is None or not began - REACH <= row.started_at <= until:
            continue
        for customer, household, call, propensity in assignments.placed(tx, row.id, LEAST_CHANCE):
            if propensity < LEAST_CHANCE:
                continue
            home = home_of(household, customer)
            entered = Entered(row.salt, row.holdout_share, propensity)
            others.setdefault(home, []).append(Placed(row.started_at, call, entered))
            if row.salt == campaign.salt:
                shared[home] = min(row.started_at, shared.get(home, row.started_at))
    return Together(
        control=campaign.holdout_share,
        salt=campaign.salt,
        shared_since=shared,
        others=others,
    )


def watched_for_harm(
    people: Sequence[Assigned],
    told: Sequence[Said],
    together: Together,
    gone: Collection[int],
    until: datetime,
) -> Watched:
    """Give a campaign's list as the test of harm goes through it: who left until a moment, as it was told.

    Args:
        people: the campaign's, as chance assigned them.
        told: what was said of them.
        together: the campaign among others.
        gone: customers who had left before it began.
        until: leaving after that is not its doing.
    """
    first: dict[int, float] = {}
    for said in told:
        if said.left and said.at <= until:
            at = said.known_at.timestamp()
            first[said.customer] = min(at, first.get(said.customer, NEVER))
    homes: dict[str, tuple[Assigned, float]] = {}
    for one in people:
        if one.listed and one.customer not in gone:
            home = home_of(one.household, one.customer)
            _, at = homes.get(home, (one, NEVER))
            homes[home] = one, min(at, first.get(one.customer, NEVER))
    strata: dict[tuple[bool, float], int] = {}

    def stratum(propensity: float, *, shared: bool) -> int:
        return strata.setdefault((shared, propensity), len(strata))

    def each(values: Sequence[float]) -> Floats:
        return np.array(values, dtype=np.float64)

    units = [one for one, _ in homes.values()]
    return Watched(
        called=each([float(one.call) for one in units]),
        told_at=each([at for _, at in homes.values()]),
        stratum=np.array([stratum(one.propensity, shared=False) for one in units], dtype=np.int64),
        moved_at=each(
            [since.timestamp() if (since := together.shared_since.get(home)) else NEVER for home in homes]
        ),
        moved_to=np.array(
            [OUTSIDE if one.arm is Arm.CONTROL else stratum(one.propensity, shared=True) for one in units],
            dtype=np.int64,
        ),
    )

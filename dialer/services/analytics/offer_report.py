"""What came of each offer: given, taken, what it cost, and what it seems to have changed.

Agents choose to whom they give an offer, so this is no experiment: those who were given it are held against
the hold-out of the same campaigns, and the difference is theirs, the call's and the offer's together.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import sqrt
from typing import Final

from churnmodel.value import Price
from dialer.core.calling.disposition import Disposition
from dialer.core.retention.given_offer import GivenState
from dialer.core.retention.offer_figures import REPORTED, OfferReport, OfferSaves
from dialer.db.queries import assignments, campaigns, given_offers
from dialer.db.queries.given_offers import OfferOutcome
from dialer.db.session import Database, Transaction
from dialer.services.analytics.fates import HORIZON, known_fates

FEWEST: Final = 10  # customers on either side; of fewer nothing can be told
NORMAL_95: Final = 1.96  # standard errors on either side hold the truth in 95 of 100 cases


def report_offers(
    database: Database,
    now: datetime,
    *,
    price: Price,
    span: timedelta = REPORTED,
    horizon: timedelta = HORIZON,
) -> tuple[OfferReport, ...]:
    """Every offer that was given or asked for in these days, by name."""
    with database.read() as tx:
        names = {row.id: row.name for row in given_offers.every_offer(tx, closed=True)}
        by_offer: dict[int, list[OfferOutcome]] = defaultdict(list)
        for each in given_offers.outcomes(tx, now - span):
            by_offer[each.offer].append(each)
        found = [
            _report(tx, key, names[key], outcomes, now, price=price, horizon=horizon)
            for key, outcomes in by_offer.items()
        ]
    return tuple(sorted(found, key=lambda one: one.name))


def _report(
    tx: Transaction,
    key: int,
    name: str,
    outcomes: Sequence[OfferOutcome],
    now: datetime,
    *,
    price: Price,
    horizon: timedelta,
) -> OfferReport:
    given = [each for each in outcomes if each.state is GivenState.GIVEN]
    taken = [each for each in given if each.word is Disposition.SAVED]
    spent = sum(each.cost for each in taken)
    return OfferReport(
        offer=key,
        name=name,
        given=len(given),
        taken=len(taken),
        turned_down=sum(each.word is Disposition.LOST for each in given),
        asked=sum(each.state is not GivenState.WITHDRAWN and each.above for each in outcomes),
        refused=sum(each.state is GivenState.REFUSED for each in outcomes),
        spent=spent,
        saves=_saves(tx, given, spent, now, price=price, horizon=horizon),
    )


def _saves(
    tx: Transaction,
    given: Sequence[OfferOutcome],
    spent: float,
    now: datetime,
    *,
    price: Price,
    horizon: timedelta,
) -> OfferSaves | None:
    """Campaign by campaign, weighed by how many were given the offer there."""
    people: dict[int, set[int]] = defaultdict(set)
    for each in given:
        if each.campaign is not None and each.customer is not None:
            people[each.campaign].add(each.customer)
    total = held_total = 0
    saves = variance = worth = 0.0
    for campaign in campaigns.all_of(tx):
        theirs, began = people.get(campaign.id, set()), campaign.started_at
        if not theirs or began is None or now < began + horizon:
            continue
        known, fates, _ = known_fates(
            tx, campaign.id, assignments.assigned(tx, campaign.id, attributes=False), began, horizon
        )
        held = [fates[one.customer] for one in known if one.listed and not one.call]
        mine = [one for one in known if one.customer in theirs]
        if len(held) < FEWEST or not mine:
            continue
        count, stay = len(mine), [fates[one.customer] for one in mine]
        left_held, left_mine = sum(held) / len(held), sum(stay) / count
        values = [price.flat_value if one.value is None else one.value for one in mine]
        change = count * (left_held - left_mine)
        saves += change
        worth += change * sum(values) / count
        variance += count**2 * left_held * (1 - left_held) / len(held) + count * left_mine * (1 - left_mine)
        total, held_total = total + count, held_total + len(held)
    if total < FEWEST:
        return None
    reach = NORMAL_95 * sqrt(variance)
    return OfferSaves(
        given=total,
        held_out=held_total,
        saves=saves,
        low=saves - reach,
        high=saves + reach,
        money=worth - spent,
    )

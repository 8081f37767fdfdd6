"""What a changed list would have brought in past campaigns, from their logs of who was called by chance."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from churnmodel.value import Price, cost_of
from churnmodel.what_if import Estimate, WhatIf
from dialer.core.calling.list_filter import ListFilter
from dialer.db.models import Campaign
from dialer.db.queries import assignments, campaigns, learning
from dialer.db.queries.assignments import Logged
from dialer.db.session import Database, Transaction
from dialer.services.analytics.fates import HORIZON, fates_of
from dialer.services.analytics.save_rate import priced, save_rate_in_use
from dialer.services.campaigns.lists import takes

MOST_CAMPAIGNS: Final = 5  # past campaigns that a list is held against, the newest
NORMAL_95: Final = 1.959964  # two-sided
WHY: Final[Mapping[str, str]] = {
    "what-if.no-outcomes": "nobody has said yet who of its customers left",
    "what-if.undated": "some of its customers left nobody knows when; tell dates with `winback label --at`",
    "what-if.no-overlap": "some whom this list treats otherwise could not have been treated so by chance",
    "what-if.too-few": "too few of those whom this list treats otherwise were treated so by chance",
}


NOWHERE: Final = Estimate(value=0.0, error=0.0)
NOTHING: Final = WhatIf(ips=NOWHERE, snips=NOWHERE, dr=NOWHERE, effective=0.0, refused="what-if.no-outcomes")


@dataclass(frozen=True, slots=True, kw_only=True)
class OffPolicyEvaluation:
    """What a list would have brought in a past campaign, less what that campaign's own did: money, of all."""

    campaign: str
    began_at: datetime
    known: int  # customers considered then of whom is known what became of them
    listed: int  # of them on the campaign's list
    would_list: int  # of them on this one
    dr: Estimate  # doubly robust: the one to read
    low: float  # of its 95 % interval
    high: float
    ips: Estimate  # by inverse chances alone, and self-normalised: to see how much rests on the model
    snips: Estimate
    effective: float  # customers that the difference rests on
    refused: str = ""  # a rule where nothing can be said

    @property
    def why(self) -> str:
        """Why nothing can be said; empty where something can."""
        return WHY.get(self.refused, "")

    def in_words(self) -> str:
        """One sentence for a page or a command."""
        if self.refused:
            return f"{self.campaign}: nothing can be said, {self.why}."
        if self.would_list == self.listed and self.effective == 0:
            return f"{self.campaign}: the same {self.listed:,} customers."
        return (
            f"{self.campaign}: {self.would_list:,} instead of {self.listed:,} customers would have brought "
            f"{self.dr.value:+,.0f} (95 %: {self.low:+,.0f} to {self.high:+,.0f})."
        )


def look_back(
    database: Database,
    filters: ListFilter,
    now: datetime,
    *,
    top: int | None,
    price: Price,
    horizon: timedelta = HORIZON,
) -> tuple[OffPolicyEvaluation, ...]:
    """Hold a list against the past campaigns whose horizon is over, the newest first.

    Of the filter, risk, gain and `top` are asked of what the model said then; the customers' own columns are
    not in the log and are left aside. Customers of whom nobody said what became of them are left aside too.
    """
    with database.read() as tx:
        over = [
            campaign
            for campaign in campaigns.all_of(tx)
            if campaign.started_at is not None and campaign.started_at + horizon <= now
        ]
        past = [_recall(tx, campaign, price, horizon) for campaign in over[:MOST_CAMPAIGNS]]
    at_rate = priced(price, save_rate_in_use(database, price))
    return tuple(_compare(each, filters, top, at_rate) for each in past)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A campaign's log, the best for a call first, and what became of its customers."""

    campaign: str
    began_at: datetime
    log: list[Logged]
    fates: Mapping[int, float]  # by customer: 1 left, 0 stayed; only where it is known
    spent: Mapping[int, float]  # money, by customer
    undated: bool  # some left nobody knows when, so that those of whom it is known are no fair sample


def _recall(tx: Transaction, campaign: Campaign, price: Price, horizon: timedelta) -> Past:
    began = campaign.started_at or campaign.created_at
    told = assignments.outcomes_of_campaign(tx, campaign.id, began, everyone=True)
    gone = assignments.left_before(tx, campaign.id, began, everyone=True)
    log = assignments.log_of(tx, campaign.id)
    log.sort(key=lambda row: (row.gain is None, -(row.gain or 0.0), -(row.risk or 0.0), row.customer_id))
    fates, undated = fates_of(told, began + horizon, horizon)
    return Past(
        campaign=campaign.name,
        began_at=began,
        log=log,
        fates={customer: fate for customer, fate in fates.items() if customer not in gone},
        spent=_costs(tx, campaign.id, price),
        undated=bool(undated - gone),
    )


def _compare(past: Past, filters: ListFilter, top: int | None, price: Price) -> OffPolicyEvaluation:
    wanted = zip(past.log, takes(past.log, filters, top), strict=True)
    known = [(row, on_list) for row, on_list in wanted if row.customer_id in past.fates]
    found = replace(NOTHING, refused="what-if.undated") if past.undated else NOTHING
    if known and not past.undated:
        from dialer.services.campaigns.logged_calls import estimate  # noqa: PLC0415 - numpy, for real logs alone

        found = estimate(known, past.fates, past.spent, price)
    dr = _of_all(found.dr, len(known))
    return OffPolicyEvaluation(
        campaign=past.campaign,
        began_at=past.began_at,
        known=len(known),
        listed=sum(row.listed for row, _ in known),
        would_list=sum(on_list for _, on_list in known),
        dr=dr,
        low=dr.value - NORMAL_95 * dr.error,
        high=dr.value + NORMAL_95 * dr.error,
        ips=_of_all(found.ips, len(known)),
        snips=_of_all(found.snips, len(known)),
        effective=found.effective,
        refused=found.refused,
    )


def _of_all(each: Estimate, count: int) -> Estimate:
    return Estimate(value=each.value * count, error=each.error * count)


def _costs(tx: Transaction, campaign: int, price: Price) -> dict[int, float]:
    """What calls and offers cost, by customer."""
    spent = learning.spent_by_lead(tx, campaign)
    return {
        one.customer: cost_of(price, **spent[one.lead]._asdict())
        for one in assignments.assigned(tx, campaign, attributes=False)
        if one.lead in spent
    }

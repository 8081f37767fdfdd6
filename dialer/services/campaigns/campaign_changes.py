"""A campaign that is changed: what that means is said before, and the change is in the audit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from dialer.core.calling.call_order import CalledFirst, ListOrder
from dialer.core.calling.campaign import CampaignState
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.db.models import Campaign
from dialer.db.queries import audit, campaigns, leads
from dialer.db.session import Database, Transaction
from dialer.services.campaigns.campaign_hours import hours_verdict
from dialer.services.campaigns.campaigns import (
    CampaignCard,
    CampaignNameTaken,
    Mode,
    UnknownCampaign,
    campaign_card,
    find_campaign,
)
from dialer.services.campaigns.list_order import bring_next, reorder_list

ANYTIME: Final = "at any hour"
NEXT_CALLS: Final = 500  # a day's work of some ten agents: what another order means soon


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTerms:
    """What of a campaign can be changed; its list, its team and what chance decided stay."""

    name: str
    trunk: str
    caller_id: str
    caller_ids: tuple[str, ...]
    local_presence: bool
    script: str
    offer: str
    mode: Mode
    abandon_target: float
    max_attempts: int
    ring_s: int
    hours: str
    starts_on: date | None
    ends_on: date | None
    call_order: CalledFirst
    order_column: str
    share: float | None

    @property
    def order(self) -> ListOrder:
        """Whom of the list it calls first."""
        return ListOrder(by=self.call_order, column=self.order_column)


def consequences(
    database: Database,
    campaign: int,
    terms: CampaignTerms,
    now: datetime,
    shares: Mapping[str, float] = MappingProxyType({}),
) -> tuple[str, ...]:
    """What would be another, in sentences; empty where nothing would. Raises `UnknownCampaign`.

    `shares`: by name, of campaigns that have none of their own.
    """
    with database.read() as tx:
        row = find_campaign(tx, campaign)
        said = _said(tx, database, row, terms, now)
        return (*said, *_of_order(tx, row, terms), *_of_shares(tx, row, terms, shares))


def change_campaign(
    database: Database, campaign: int, terms: CampaignTerms, now: datetime, actor: str
) -> CampaignCard:
    """Take the new terms; calls that are on their way go on as they were asked for.

    Raises `UnknownCampaign` or `CampaignNameTaken`.
    """
    _reorder(database, campaign, terms)
    with database.write() as tx:
        row = campaigns.lock(tx, campaign)
        if row is None:
            raise UnknownCampaign(str(campaign))
        other = campaigns.named(tx, terms.name)
        if other is not None and other.id != campaign:
            raise CampaignNameTaken(terms.name)
        changed = _changed(row, terms)
        before = row.name
        for name, (_, after) in changed.items():
            setattr(row, name, after)
        tx.flush()
        if changed:
            details = {name: [_plain(old), _plain(new)] for name, (old, new) in changed.items()}
            audit.add(tx, now, actor, "campaign.changed", before, details)
            if before != terms.name:  # so that what was written of either name is found
                audit.add(tx, now, actor, "campaign.changed", terms.name, {"was": before})
    card = campaign_card(database, campaign)
    if card is None:
        raise UnknownCampaign(str(campaign))
    return card


def _reorder(database: Database, campaign: int, terms: CampaignTerms) -> None:
    """Give the list its new order before the campaign says so: broken off, it can be asked for again."""
    with database.read() as tx:
        row = campaigns.find(tx, campaign)
        if row is None or (row.call_order, row.order_column) == (terms.call_order, terms.order_column):
            return
        salt = row.salt
    reorder_list(database, campaign, terms.order, salt)


def _changed(row: Campaign, terms: CampaignTerms) -> dict[str, tuple[Any, Any]]:
    found = {}
    for each in fields(terms):
        old, new = getattr(row, each.name), getattr(terms, each.name)
        if isinstance(new, tuple):
            new = list(new)
        if old != new:
            found[each.name] = old, new
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _said(
    tx: Transaction, database: Database, row: Campaign, terms: CampaignTerms, now: datetime
) -> Iterator[str]:
    changed = _changed(row, terms)
    if "max_attempts" in changed:
        yield _of_attempts(tx, row, terms)
    if "mode" in changed:
        yield _of_mode(row, terms)
    if "abandon_target" in changed and terms.mode in OVER_DIALLED:
        yield (
            f"Abandoned at most {terms.abandon_target:.1%} of answered calls, {row.abandon_target:.1%} until "
            f"now: {'more' if terms.abandon_target > row.abandon_target else 'fewer'} calls at once."
        )
    if {"caller_id", "caller_ids", "local_presence"} & changed.keys():
        yield _of_numbers(terms)
    if {"hours", "starts_on", "ends_on"} & changed.keys():
        yield from _of_hours(tx, database, row, terms, now)
    said = {"name": "Reports and commands call it", "trunk": "Calls go out by", "ring_s": "Phones ring for"}
    for name, words in said.items():
        if name in changed:
            old, new = changed[name]
            yield f"{words} {new}{' s' if name == 'ring_s' else ''}, {old} until now."
    for name in ("script", "offer"):
        if name in changed:
            yield f"Agents read another {name} from the next call on."


def _of_order(tx: Transaction, row: Campaign, terms: CampaignTerms) -> Iterator[str]:
    if (row.call_order, row.order_column) != (terms.call_order, terms.order_column):
        yield bring_next(tx, row.id, terms.order, NEXT_CALLS)


def _of_shares(
    tx: Transaction, row: Campaign, terms: CampaignTerms, shares: Mapping[str, float]
) -> Iterator[str]:
    """What a share means beside the other campaigns of the team that run."""
    if row.share == terms.share:
        return
    others = {
        each.name: each.share or shares.get(each.name, 1.0)
        for each in leads.running(tx)
        if each.id != row.id and each.team_id == row.team_id
    }
    usual = shares.get(row.name, 1.0)
    before, after = row.share or usual, terms.share or usual
    rest = sum(others.values())
    yield (
        f"Of the customers reached beside the team's other campaigns it has {after / (after + rest):.0%}, "
        f"{before / (before + rest):.0%} until now."
        if others
        else "No other campaign of its team runs: it has all of the customers reached, whatever its share."
    )
    for name, share in others.items():
        yield f"{name} has {share / (after + rest):.0%}, {share / (before + rest):.0%} until now."


def _of_attempts(tx: Transaction, row: Campaign, terms: CampaignTerms) -> str:
    said = f"Up to {terms.max_attempts} attempts at a customer, {row.max_attempts} until now"
    if terms.max_attempts > row.max_attempts:
        return f"{said}; who was given up on stays so until listed again."
    tried = leads.count_tried(tx, row.id, terms.max_attempts)
    return f"{said}: {tried:,} on the list were tried so often already; their next attempt is the last."


def _of_mode(row: Campaign, terms: CampaignTerms) -> str:
    if terms.mode in OVER_DIALLED:
        return (
            f"{terms.mode.capitalize()}, {row.mode} until now: customers are rung before an agent is free, "
            f"and up to {terms.abandon_target:.1%} of those who answer may be left alone."
        )
    what = "an agent reads first, and calls" if terms.mode == "preview" else "one call for each free agent"
    return f"{terms.mode.capitalize()}, {row.mode} until now: {what}; nobody is abandoned, fewer are called."


def _of_numbers(terms: CampaignTerms) -> str:
    if not terms.caller_ids:
        return f"Customers see {terms.caller_id or 'the usual number'} from the next call on."
    near = ", the one most like their own" if terms.local_presence else ""
    return (
        f"Each customer sees one of {len(terms.caller_ids)} numbers, always the same{near}. "
        "Somebody has to answer each of them."
    )


def _of_hours(
    tx: Transaction, database: Database, row: Campaign, terms: CampaignTerms, now: datetime
) -> Iterator[str]:
    days = [
        f"{word} {day:%a %d %b %Y}"
        for word, day in (("from", terms.starts_on), ("until", terms.ends_on))
        if day is not None
    ]
    yield f"It calls {', '.join([terms.hours or ANYTIME, *days])}, on the centre's clock."
    held = hours_verdict(
        Campaign(hours=terms.hours, starts_on=terms.starts_on, ends_on=terms.ends_on), database.policy, now
    )
    if held.refuses and row.state is CampaignState.RUNNING:
        agreed = leads.count_agreed(tx, row.id)
        again = f"until {held.until:%a %d %b %H:%M} UTC" if held.until is not None else "any more"
        yield f"Nobody on its list is called {again}, but for {agreed:,} with whom a call was agreed."

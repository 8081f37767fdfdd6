"""A campaign that is changed: what that means is said before, and the change is in the audit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from dialer.core.calling.call_order import CalledFirst, ListOrder
from dialer.core.calling.campaign import CampaignState
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.core.sentence import Figure, Sentence, Several
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
        yield _of_abandonment(row, terms)
    if {"caller_id", "caller_ids", "local_presence"} & changed.keys():
        yield _of_numbers(terms)
    if {"hours", "starts_on", "ends_on"} & changed.keys():
        yield from _of_hours(tx, database, row, terms, now)
    yield from _of_words(changed)


def _of_words(changed: Mapping[str, tuple[Any, Any]]) -> Iterator[Sentence]:
    if "name" in changed:
        old, new = changed["name"]
        yield Sentence("Reports and commands call it %(new)s, %(old)s until now.", new=new, old=old)
    if "trunk" in changed:
        old, new = changed["trunk"]
        yield Sentence("Calls go out by %(new)s, %(old)s until now.", new=new, old=old)
    if "ring_s" in changed:
        old, new = changed["ring_s"]
        yield Sentence("Phones ring for %(new)s s, %(old)s until now.", new=new, old=old)
    if "script" in changed:
        yield Sentence("Agents read another script from the next call on.")
    if "offer" in changed:
        yield Sentence("Agents read another offer from the next call on.")


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
    if others:
        yield Sentence(
            "Of the customers reached beside the team's other campaigns it has %(after)s, "
            "%(before)s until now.",
            after=_share(after / (after + rest)),
            before=_share(before / (before + rest)),
        )
    else:
        yield Sentence(
            "No other campaign of its team runs: it has all of the customers reached, whatever its share."
        )
    for name, share in others.items():
        yield Sentence(
            "%(name)s has %(after)s, %(before)s until now.",
            name=name,
            after=_share(share / (after + rest)),
            before=_share(share / (before + rest)),
        )


def _share(share: float, digits: int = 0) -> Figure:
    return Figure(share, digits, share=True)


def _of_attempts(tx: Transaction, row: Campaign, terms: CampaignTerms) -> Sentence:
    if terms.max_attempts > row.max_attempts:
        return Sentence(
            "Up to %(after)s attempts at a customer, %(before)s until now; who was given up on stays so "
            "until listed again.",
            after=terms.max_attempts,
            before=row.max_attempts,
        )
    return Sentence(
        "Up to %(after)s attempts at a customer, %(before)s until now: %(tried)s on the list were tried so "
        "often already; their next attempt is the last.",
        after=terms.max_attempts,
        before=row.max_attempts,
        tried=Figure(leads.count_tried(tx, row.id, terms.max_attempts)),
    )


def _of_mode(row: Campaign, terms: CampaignTerms) -> Sentence:
    after, before = Sentence(terms.mode), Sentence(row.mode)
    if terms.mode in OVER_DIALLED:
        return Sentence(
            "Pacing is %(after)s, %(before)s until now: customers are rung before an agent is free, and up "
            "to %(target)s of those who answer may be left alone.",
            after=after,
            before=before,
            target=_share(terms.abandon_target, 1),
        )
    what = (
        Sentence("an agent reads first, and calls")
        if terms.mode == "preview"
        else Sentence("one call for each free agent")
    )
    return Sentence(
        "Pacing is %(after)s, %(before)s until now: %(what)s; nobody is abandoned, fewer are called.",
        after=after,
        before=before,
        what=what,
    )


def _of_abandonment(row: Campaign, terms: CampaignTerms) -> Sentence:
    after, before = _share(terms.abandon_target, 1), _share(row.abandon_target, 1)
    if terms.abandon_target > row.abandon_target:
        return Sentence(
            "Abandoned at most %(after)s of answered calls, %(before)s until now: more calls at once.",
            after=after,
            before=before,
        )
    return Sentence(
        "Abandoned at most %(after)s of answered calls, %(before)s until now: fewer calls at once.",
        after=after,
        before=before,
    )


def _of_numbers(terms: CampaignTerms) -> Sentence:
    if not terms.caller_ids:
        usual = Sentence("the usual number")
        return Sentence("Customers see %(number)s from the next call on.", number=terms.caller_id or usual)
    near = Sentence(", the one most like their own")
    return Sentence(
        "Each customer sees one of %(numbers)s numbers, always the same%(near)s. "
        "Somebody has to answer each of them.",
        numbers=len(terms.caller_ids),
        near=near if terms.local_presence else "",
    )


def _of_hours(
    tx: Transaction, database: Database, row: Campaign, terms: CampaignTerms, now: datetime
) -> Iterator[str]:
    when: list[str] = [terms.hours or Sentence(ANYTIME)]
    if terms.starts_on is not None:
        when.append(Sentence("from %(day)s", day=terms.starts_on))
    if terms.ends_on is not None:
        when.append(Sentence("until %(day)s", day=terms.ends_on))
    yield Sentence("It calls %(when)s, on the centre's clock.", when=Several(when))
    held = hours_verdict(
        Campaign(hours=terms.hours, starts_on=terms.starts_on, ends_on=terms.ends_on), database.policy, now
    )
    if held.refuses and row.state is CampaignState.RUNNING:
        agreed = Figure(leads.count_agreed(tx, row.id))
        if held.until is None:
            yield Sentence(
                "Nobody on its list is called any more, but for %(agreed)s with whom a call was agreed.",
                agreed=agreed,
            )
        else:
            yield Sentence(
                "Nobody on its list is called until %(until)s, but for %(agreed)s with whom a call was "
                "agreed.",
                until=f"{held.until:%Y-%m-%d %H:%M} UTC",
                agreed=agreed,
            )

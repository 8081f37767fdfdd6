"""Campaigns: who is on the list, who is left out by chance, and whether it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from dialer.core.campaign import CAMPAIGN, CampaignEvent, CampaignState, LeadState
from dialer.core.compliance.rulebook import Purpose
from dialer.core.disposition import Disposition
from dialer.core.holdout import is_held_out
from dialer.db.models import Campaign
from dialer.db.queries import audit, campaigns, customers, dispositions, leads
from dialer.db.queries.moves import move
from dialer.db.session import Book, Transaction
from dialer.services.days import day_began
from dialer.services.places import mask

Mode = Literal["preview", "progressive", "predictive", "reserved"]
PAGE: Final = 50  # rows of a list shown at once
BUDGET_WINDOW: Final = timedelta(hours=24)  # over which abandonment is judged where a day's traffic decides


class UnknownCampaign(LookupError):
    """There is no campaign with this name or number."""


class CampaignNameTaken(ValueError):
    """A campaign has this name already; names are how people and files speak of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """Which customers belong on a list; risk is 0 to 1, gain is money, `equals` is by attribute."""

    min_risk: float | None = None
    min_gain: float | None = None
    with_left: bool = False  # also those of whom was said last that they left: for a win-back
    equals: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDraft:
    """A campaign to be made; `top` takes the customers with most to gain, None takes all."""

    name: str
    queue: str
    trunk: str
    caller_id: str = ""
    script: str = ""
    offer: str = ""
    mode: Mode = "progressive"
    abandon_target: float = 0.025
    max_attempts: int = 3
    ring_s: int = 30
    holdout_share: float = 0.1
    top: int | None = None
    filters: ListFilter = field(default_factory=ListFilter)
    purpose: Purpose = Purpose.MARKETING


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCount:
    """How many a filter lets through, how many of them the list takes, how many of those are left out."""

    matching: int
    listed: int
    held_out: int  # expected; who it is, is settled by the campaign's own seed


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCard:
    """A campaign with its list in numbers."""

    id: int
    name: str
    state: CampaignState
    purpose: Purpose
    queue: str
    trunk: str
    caller_id: str
    script: str
    offer: str
    mode: str
    abandon_target: float
    max_attempts: int
    ring_s: int
    holdout_share: float
    filters: Mapping[str, Any]
    created_at: datetime
    started_at: datetime | None
    leads: Mapping[LeadState, int]

    @property
    def to_call(self) -> int:
        """Leads that are not held out, in whatever state."""
        return sum(count for state, count in self.leads.items() if state is not LeadState.HELD_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCampaign:
    """What the engine has to know of a campaign each turn."""

    id: int
    name: str
    queue: str
    trunk: str
    ring_s: int
    mode: Mode
    abandon_target: float
    answered: int  # by people, in the last 24 hours
    abandoned: int
    answered_today: int
    abandoned_today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """One line of a campaign's list; `number` is masked."""

    lead: int
    customer: int
    external_id: str
    name: str
    number: str
    state: LeadState
    rank: int
    risk: float | None
    gain: float | None
    reasons: tuple[str, ...]
    attempts_made: int
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResults:
    """What came of a campaign so far."""

    attempts: int
    rung: int
    answered: int
    connected: int
    abandoned: int
    dispositions: Mapping[Disposition, int]
    leads: Mapping[LeadState, int]


def count_list(
    book: Book, filters: ListFilter, top: int | None = None, *, holdout_share: float = 0.1
) -> ListCount:
    """What a list would hold, before anything is saved."""
    with book.read() as tx:
        model = customers.champion(tx)
        matching = customers.count_chosen(tx, model.id if model else None, **_query(filters))
    listed = matching if top is None else min(matching, top)
    return ListCount(matching=matching, listed=listed, held_out=round(listed * holdout_share))


def create_campaign(
    book: Book, draft: CampaignDraft, now: datetime, seed: int, *, actor: str = "staff"
) -> CampaignCard:
    """Save a campaign as a draft with its list: most expected gain first, a part held out by chance.

    Raises `CampaignNameTaken`.
    """
    with book.write() as tx:
        if campaigns.named(tx, draft.name) is not None:
            raise CampaignNameTaken(draft.name)
        model = customers.champion(tx)
        filters = _query(draft.filters)
        campaign = campaigns.add(
            tx,
            name=draft.name,
            state=CAMPAIGN.start,
            purpose=draft.purpose.value,
            queue=draft.queue,
            trunk=draft.trunk,
            caller_id=draft.caller_id,
            script=draft.script,
            offer=draft.offer,
            mode=draft.mode,
            abandon_target=draft.abandon_target,
            max_attempts=draft.max_attempts,
            ring_s=draft.ring_s,
            holdout_share=draft.holdout_share,
            filters={**filters, "top": draft.top, "seed": seed, "model": model.id if model else None},
            created_at=now,
        )
        rows = [
            {
                "campaign_id": campaign.id,
                "customer_id": customer.id,
                "state": LeadState.HELD_OUT if held_out else LeadState.LISTED,
                "rank": rank,
                "propensity": 1.0 - draft.holdout_share,
                "next_at": now,
                "e164": number.e164,
                "place_id": number.place_id,
                "risk": score.risk if score else None,
                "gain": score.expected_gain if score else None,
                "reasons": score.reasons if score else [],
            }
            for rank, (customer, number, score) in enumerate(
                customers.choose(tx, model.id if model else None, top=draft.top, **filters), start=1
            )
            # households stay together: one of them called is all of them told
            for unit in [customer.household or customer.external_id]
            for held_out in [is_held_out(unit, draft.name, seed, draft.holdout_share)]
        ]
        leads.insert_leads(tx, rows)
        audit.add(tx, now, actor, "campaign.created", draft.name, {"leads": len(rows), "seed": seed})
        return _card(tx, campaign)


def move_campaign(
    book: Book, name_or_id: str | int, event: CampaignEvent, now: datetime, actor: str
) -> CampaignCard:
    """Start, pause or finish a campaign; raises `UnknownCampaign` or `IllegalTransition`."""
    with book.write() as tx:
        campaign = campaigns.lock(tx, find_campaign(tx, name_or_id).id)
        if campaign is None:
            raise UnknownCampaign(str(name_or_id))
        after = CAMPAIGN.after(campaign.state, event)
        started = campaign.started_at or (now if after is CampaignState.RUNNING else None)
        move(tx, campaign, after, started_at=started)
        audit.add(tx, now, actor, f"campaign.{event.value}", campaign.name, {})
        return _card(tx, campaign)


def list_campaigns(book: Book) -> tuple[CampaignCard, ...]:
    """Every campaign, newest first."""
    with book.read() as tx:
        return tuple(_card(tx, campaign) for campaign in campaigns.all_of(tx))


def campaign_card(book: Book, name_or_id: str | int) -> CampaignCard | None:
    """One campaign, or None."""
    with book.read() as tx:
        try:
            return _card(tx, find_campaign(tx, name_or_id))
        except UnknownCampaign:
            return None


def running_campaigns(book: Book, now: datetime) -> tuple[RunningCampaign, ...]:
    """The campaigns to dial for, oldest first, with their abandonment so far."""
    midnight = day_began(book.policy, now)
    with book.read() as tx:
        running = []
        for campaign in leads.running(tx):
            day = campaigns.call_counts(tx, since=now - BUDGET_WINDOW, campaign=campaign.id)
            today = campaigns.call_counts(tx, since=midnight, campaign=campaign.id)
            running.append(
                RunningCampaign(
                    id=campaign.id,
                    name=campaign.name,
                    queue=campaign.queue,
                    trunk=campaign.trunk,
                    ring_s=campaign.ring_s,
                    mode=_mode(campaign.mode),
                    abandon_target=campaign.abandon_target,
                    answered=day["answered"],
                    abandoned=day["abandoned"],
                    answered_today=today["answered"],
                    abandoned_today=today["abandoned"],
                )
            )
        return tuple(running)


def campaign_list(book: Book, campaign: int, page: int = 0, *, size: int = PAGE) -> tuple[LeadRow, ...]:
    """One page (from 0) of a campaign's list in its order."""
    with book.read() as tx:
        return tuple(
            LeadRow(
                lead=lead.id,
                customer=customer.id,
                external_id=customer.external_id,
                name=customer.name,
                number=mask(lead.e164),
                state=lead.state,
                rank=lead.rank,
                risk=lead.risk,
                gain=lead.gain,
                reasons=tuple(lead.reasons),
                attempts_made=lead.attempts_made,
                next_at=lead.next_at,
            )
            for lead, customer in leads.page_of(tx, campaign, page * size, size)
        )


def campaign_results(book: Book, campaign: int) -> CampaignResults:
    """What came of one campaign so far."""
    with book.read() as tx:
        calls = campaigns.call_counts(tx, campaign=campaign)
        return CampaignResults(
            **calls,
            dispositions=dispositions.counts(tx, campaign),
            leads=leads.counts_by_state(tx, campaign),
        )


def find_campaign(tx: Transaction, name_or_id: str | int) -> Campaign:
    """A campaign by name, or by number where no campaign has that name; raises `UnknownCampaign`."""
    found = campaigns.named(tx, name_or_id) if isinstance(name_or_id, str) else None
    if found is None and (isinstance(name_or_id, int) or name_or_id.isdecimal()):
        found = campaigns.find(tx, int(name_or_id))
    if found is None:
        raise UnknownCampaign(str(name_or_id))
    return found


def _query(filters: ListFilter) -> dict[str, Any]:
    return {
        "min_risk": filters.min_risk,
        "min_gain": filters.min_gain,
        "with_left": filters.with_left,
        "equals": dict(filters.equals),
    }


def _mode(text: str) -> Mode:
    modes: dict[str, Mode] = {
        "preview": "preview",
        "progressive": "progressive",
        "predictive": "predictive",
        "reserved": "reserved",
    }
    return modes[text]


def _card(tx: Transaction, campaign: Campaign) -> CampaignCard:
    return CampaignCard(
        id=campaign.id,
        name=campaign.name,
        state=campaign.state,
        purpose=Purpose(campaign.purpose),
        queue=campaign.queue,
        trunk=campaign.trunk,
        caller_id=campaign.caller_id,
        script=campaign.script,
        offer=campaign.offer,
        mode=campaign.mode,
        abandon_target=campaign.abandon_target,
        max_attempts=campaign.max_attempts,
        ring_s=campaign.ring_s,
        holdout_share=campaign.holdout_share,
        filters=campaign.filters,
        created_at=campaign.created_at,
        started_at=campaign.started_at,
        leads=leads.counts_by_state(tx, campaign.id),
    )

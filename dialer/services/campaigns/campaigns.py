"""Campaigns: made with their list, moved, and shown with what came of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from churnmodel.holdout import Experiment
from churnmodel.reasons.phrases import in_words
from dialer.core.calling.call_order import CalledFirst, ListOrder
from dialer.core.calling.campaign import CAMPAIGN, CampaignEvent, CampaignState, LeadState
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_filter import ListFilter
from dialer.core.calling.policy import CallingPolicy
from dialer.core.calling.shared_numbers import contact_units
from dialer.core.compliance.rulebook import Purpose
from dialer.db.models import Campaign
from dialer.db.queries import (
    audit,
    call_counts,
    campaigns,
    customers,
    dispositions,
    leads,
    list_people,
    list_rows,
)
from dialer.db.queries.list_people import ListAsked
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.campaigns.campaign_start import refuse_stale_registers
from dialer.services.campaigns.list_draw import DrawnList
from dialer.services.campaigns.list_order import reorder_list
from dialer.services.campaigns.list_writing import take_out_broken_off, taken_out_on_failure, write_list
from dialer.services.customers.dialing_regions import mask
from dialer.services.schedule.business_day import day_began

Mode = Literal["preview", "progressive", "predictive", "reserved"]
PAGE: Final = 50  # rows of a list shown at once
LAST_ID: Final = 2**31 - 1  # the greatest number of a key column
BUDGET_WINDOW: Final = timedelta(hours=24)  # over which abandonment is judged where a day's traffic decides


class UnknownCampaign(LookupError):
    """There is no campaign with this name or number."""


class CampaignNameTaken(ValueError):
    """A campaign has this name already; names are how people and files speak of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDraft:
    """A campaign to be made; `top` takes the customers with most to gain, None takes all.

    `holdout_share` of all customers is never called; `explore_share` is called by a coin. Campaigns of one
    `salt` hold the same customers out.
    """

    name: str
    queue: str
    trunk: str
    team: str | None = None  # None: everybody calls
    caller_id: str = ""
    script: str = ""
    offer: str = ""
    mode: Mode = "progressive"
    abandon_target: float = 0.025
    max_attempts: int = 3
    ring_s: int = 30
    holdout_share: float = 0.1
    explore_share: float = 0.1
    salt: str = "1"
    top: int | None = None
    filters: ListFilter = field(default_factory=ListFilter)
    purpose: Purpose = Purpose.MARKETING
    caller_ids: tuple[str, ...] = ()  # a pool instead of `caller_id`
    local_presence: bool = False  # of the pool the number most like the customer's own
    hours: str = ""  # "": at any hour
    starts_on: date | None = None
    ends_on: date | None = None
    call_order: CalledFirst = (
        CalledFirst.GAIN
    )  # whom of the list it calls first; the list holds who has most gain
    order_column: str = ""  # whose days it goes by
    share: float | None = None  # of the customers its team reaches; None: by the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCard:
    """A campaign with its list in numbers."""

    id: int
    name: str
    state: CampaignState
    purpose: Purpose
    queue: str
    trunk: str
    team: str | None
    caller_id: str
    script: str
    offer: str
    mode: str
    abandon_target: float
    max_attempts: int
    ring_s: int
    holdout_share: float
    explore_share: float
    caller_ids: tuple[str, ...]
    local_presence: bool
    hours: str
    starts_on: date | None
    ends_on: date | None
    call_order: CalledFirst
    order_column: str
    share: float | None
    filters: Mapping[str, Any]
    created_at: datetime
    started_at: datetime | None
    leads: Mapping[LeadState, int]

    @property
    def to_call(self) -> int:
        """Leads that are not held out, in whatever state."""
        return sum(count for state, count in self.leads.items() if state is not LeadState.HELD_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWorth:
    """What the calls of a list are expected to bring in money, and its bounds."""

    calls: int  # leads to call of which a gain is known
    gain: float
    low: float
    high: float

    def a_minute(self, call_minutes: float) -> tuple[float, float, float]:
        """The same for one minute of agent time: estimate, low, high."""
        minutes = max(1, self.calls) * call_minutes
        return self.gain / minutes, self.low / minutes, self.high / minutes


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
    team: str | None = None  # whose agents call; None: everybody
    share: float | None = None  # of the customers reached, beside its team's others; None: by the settings


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
    gain_low: float | None
    gain_high: float | None
    reasons: tuple[str, ...]
    attempts_made: int
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCount:
    """How often one of the house's words was said; `said_as` is empty where none was named."""

    disposition: Disposition
    said_as: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResults:
    """What came of a campaign so far."""

    attempts: int
    rung: int
    answered: int
    connected: int
    abandoned: int
    dispositions: Mapping[Disposition, int]
    words: tuple[WordCount, ...]  # the same, apart by the house's own words
    leads: Mapping[LeadState, int]


def create_campaign(
    database: Database, draft: CampaignDraft, now: datetime, *, actor: str = "staff"
) -> CampaignCard:
    """Save a campaign as a draft with its list: most expected gain first, a part held out by chance.

    Everyone who could have been listed is written to the log of assignments with the chance of being called.
    The list is written in parts (`list_writing`), which hold others up for a tenth of a second each; until it
    is whole the campaign is `preparing`, and one that broke off leaves nothing.

    Raises `CampaignNameTaken`.
    """
    take_out_broken_off(database)
    experiment = _experiment(draft)
    with database.read() as tx:
        if campaigns.named(tx, draft.name) is not None:
            raise CampaignNameTaken(draft.name)
        champion = customers.champion(tx)
        model = champion.id if champion else None
        people = list_people.considered(tx, ListAsked(filters=draft.filters, model=model, now=now))
        units = contact_units(list_people.sharing(tx))
        drawn = DrawnList(people, units, experiment, draft.top)
    with database.write() as tx:
        if campaigns.named(tx, draft.name) is not None:
            raise CampaignNameTaken(draft.name)
        campaign = campaigns.add(
            tx,
            name=draft.name,
            state=CAMPAIGN.start,
            prepared_until=now,
            purpose=draft.purpose.value,
            queue=draft.queue,
            trunk=draft.trunk,
            team_id=draft.team,
            caller_id=draft.caller_id,
            caller_ids=list(draft.caller_ids),
            local_presence=draft.local_presence,
            hours=draft.hours,
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            call_order=draft.call_order,
            order_column=draft.order_column,
            share=draft.share,
            script=draft.script,
            offer=draft.offer,
            mode=draft.mode,
            abandon_target=draft.abandon_target,
            max_attempts=draft.max_attempts,
            ring_s=draft.ring_s,
            holdout_share=experiment.control,
            explore_share=experiment.explore,
            salt=experiment.salt,
            filters={**draft.filters.as_stored(), "top": draft.top, "model": model},
            created_at=now,
        )
        list_rows.still_at_work(tx, campaign.id)
    with taken_out_on_failure(database, campaign.id):
        listed = write_list(database, campaign.id, drawn, model)
        if draft.call_order is not CalledFirst.GAIN:
            order = ListOrder(by=draft.call_order, column=draft.order_column)
            reorder_list(database, campaign.id, order, draft.salt)
        with database.write() as tx:
            move(tx, campaign, CAMPAIGN.after(campaign.state, CampaignEvent.LIST), prepared_until=None)
            details = {"leads": listed, "considered": len(drawn), "model": model}
            audit.add(tx, now, actor, "campaign.created", draft.name, details)
    with database.read() as tx:
        return _card(tx, campaign)


def _experiment(draft: CampaignDraft) -> Experiment:
    """The campaign's draws; whoever asked for a call is never held out."""
    asked = draft.purpose is Purpose.REQUESTED
    return Experiment(
        name=draft.name,
        salt=draft.salt,
        control=0.0 if asked else draft.holdout_share,
        explore=0.0 if asked else draft.explore_share,
    )


def move_campaign(
    database: Database, name_or_id: str | int, event: CampaignEvent, now: datetime, actor: str
) -> CampaignCard:
    """Start, pause, finish or reopen a campaign.

    Raises `UnknownCampaign`, `IllegalTransition` or `StartRefused`.
    """
    with database.write() as tx:
        campaign = campaigns.lock(tx, find_campaign(tx, name_or_id).id)
        if campaign is None:
            raise UnknownCampaign(str(name_or_id))
        after = CAMPAIGN.after(campaign.state, event)
        if after is CampaignState.RUNNING:
            refuse_stale_registers(tx, campaign, now)
        started = campaign.started_at or (now if after is CampaignState.RUNNING else None)
        move(tx, campaign, after, started_at=started)
        audit.add(tx, now, actor, f"campaign.{event.value}", campaign.name, {})
        return _card(tx, campaign)


def pause_all(database: Database, now: datetime, actor: str) -> tuple[str, ...]:
    """Pause every campaign that runs; their names. Calls that are on their way go on."""
    with database.write() as tx:
        running = [campaign.id for campaign in leads.running(tx)]
        paused = []
        for each in running:
            campaign = campaigns.lock(tx, each)
            if campaign is not None and CAMPAIGN.allows(campaign.state, CampaignEvent.PAUSE):
                move(tx, campaign, CAMPAIGN.after(campaign.state, CampaignEvent.PAUSE))
                audit.add(tx, now, actor, "campaign.pause", campaign.name, {"all": True})
                paused.append(campaign.name)
        return tuple(paused)


def list_campaigns(database: Database) -> tuple[CampaignCard, ...]:
    """Every campaign, newest first."""
    with database.read() as tx:
        return tuple(_card(tx, campaign) for campaign in campaigns.all_of(tx))


def newest_campaigns(database: Database, limit: int) -> dict[int, str]:
    """The names of the newest campaigns by number, without counting their lists."""
    with database.read() as tx:
        return {campaign.id: campaign.name for campaign in campaigns.all_of(tx, limit)}


def campaign_card(database: Database, name_or_id: str | int) -> CampaignCard | None:
    """One campaign, or None."""
    with database.read() as tx:
        try:
            return _card(tx, find_campaign(tx, name_or_id))
        except UnknownCampaign:
            return None


def running_campaigns(database: Database, now: datetime) -> tuple[RunningCampaign, ...]:
    """The campaigns to dial for, oldest first, with their abandonment so far."""
    with database.read() as tx:
        return tuple(as_dialled(*row) for row in all_running(tx, database.policy, now).campaigns)


def all_running(tx: Transaction, policy: CallingPolicy, now: datetime) -> call_counts.Running:
    """The same as they stand in the database, and when the next promise is due."""
    return call_counts.running(tx, now - BUDGET_WINDOW, day_began(policy, now))


def as_dialled(campaign: Campaign, standing: call_counts.DayCounts) -> RunningCampaign:
    """A campaign as the engine has to know it, with what came of its calls."""
    return RunningCampaign(
        id=campaign.id,
        name=campaign.name,
        queue=campaign.queue,
        trunk=campaign.trunk,
        team=campaign.team_id,
        share=campaign.share,
        ring_s=campaign.ring_s,
        mode=_mode(campaign.mode),
        abandon_target=campaign.abandon_target,
        answered=standing.answered,
        abandoned=standing.abandoned,
        answered_today=standing.answered_today,
        abandoned_today=standing.abandoned_today,
    )


def campaign_list(
    database: Database, campaign: int, page: int = 0, *, size: int = PAGE, language: str = "en"
) -> tuple[LeadRow, ...]:
    """One page (from 0) of a campaign's list in its order; reasons in the words of `language`."""
    with database.read() as tx:
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
                gain_low=lead.gain_low,
                gain_high=lead.gain_high,
                reasons=in_words(lead.reasons, language),
                attempts_made=lead.attempts_made,
                next_at=lead.next_at,
            )
            for lead, customer in leads.page_of(tx, campaign, page * size, size)
        )


def list_worth(database: Database, campaign: int) -> ListWorth:
    """What the calls of a campaign's list are expected to bring.

    The bounds are the sums of the customers' own: what is uncertain, the save rate or the effect among like
    customers, is so for many at once.
    """
    with database.read() as tx:
        calls, gain, low, high = leads.sums_of_gain(tx, campaign)
    return ListWorth(calls=calls, gain=gain, low=low, high=high)


def agreed_calls(database: Database, campaign: int) -> int:
    """How many customers on a campaign's list an agent agreed with to call them again."""
    with database.read() as tx:
        return leads.count_agreed(tx, campaign)


def campaign_results(
    database: Database, campaign: int, known: Mapping[LeadState, int] | None = None
) -> CampaignResults:
    """What came of one campaign so far; `known` are its leads by state where they are counted already."""
    with database.read() as tx:
        calls = campaigns.call_counts(tx, campaign=campaign)
        words = dispositions.counts(tx, campaign)
        summed: Counter[Disposition] = Counter()
        for (meaning, _), count in words.items():
            summed[meaning] += count
        return CampaignResults(
            **calls,
            dispositions=summed,
            words=tuple(
                WordCount(disposition=meaning, said_as=said_as, count=count)
                for (meaning, said_as), count in words.items()
            ),
            leads=leads.counts_by_state(tx, campaign) if known is None else known,
        )


def find_campaign(tx: Transaction, name_or_id: str | int) -> Campaign:
    """A campaign by name, or by number where no campaign has that name; raises `UnknownCampaign`."""
    found = campaigns.named(tx, name_or_id) if isinstance(name_or_id, str) else None
    if found is None and (isinstance(name_or_id, int) or name_or_id.isdecimal()):
        found = campaigns.find(tx, int(name_or_id)) if int(name_or_id) <= LAST_ID else None
    if found is None:
        raise UnknownCampaign(str(name_or_id))
    return found


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
        team=campaign.team_id,
        caller_id=campaign.caller_id,
        caller_ids=tuple(campaign.caller_ids),
        local_presence=campaign.local_presence,
        hours=campaign.hours,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        call_order=campaign.call_order,
        order_column=campaign.order_column,
        share=campaign.share,
        script=campaign.script,
        offer=campaign.offer,
        mode=campaign.mode,
        abandon_target=campaign.abandon_target,
        max_attempts=campaign.max_attempts,
        ring_s=campaign.ring_s,
        holdout_share=campaign.holdout_share,
        explore_share=campaign.explore_share,
        filters=campaign.filters,
        created_at=campaign.created_at,
        started_at=campaign.started_at,
        leads=leads.counts_by_state(tx, campaign.id),
    )

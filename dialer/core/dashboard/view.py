"""The dashboard as one frozen value: what the engine writes, what pages, API and metrics read.

Every reader gets the same `Dashboard`; JSON is made of it once, at the edge. What an engine says of
itself (`EngineOnDashboard`) is kept in the database between two processes that may be of two versions,
so each of its fields may be unknown.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from callbacks.lifecycle import PromiseState
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import LeadState
from dialer.core.dashboard.standing import LimitStanding
from dialer.core.retention.contact_reason import ContactReason
from dialer.core.sentence import Said, StoredSaid

EngineCondition = Literal["up", "asking", "down", "silent", "never"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CampaignOnDashboard(_Part):
    """The numbers that one campaign's last pacing decision rests on; None where one has no end."""

    campaign: int
    numbers: Mapping[str, float | None]


class EngineOnDashboard(BaseModel):
    """What the engine of one PBX has in mind; None is "not known".

    Reading is lenient, since the one who wrote may be older or newer: a field that is missing or cannot be
    read is unknown, and one that nobody here knows is passed over.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    engine: str | None = None
    link: str | None = None
    ready: bool | None = None  # the PBX was asked what became of the calls of the last gap
    clock_ahead_s: float | None = None  # by which the machine's clock was set back under the running engine
    fault: StoredSaid | None = None  # what people have to put right before the link comes up
    held: StoredSaid | None = None  # why nothing is dialled until a person has looked; None: nothing is held
    calls_on_the_way: int | None = None
    callers_waiting: int | None = None
    sentence: StoredSaid | None = None  # why so many calls are in the air
    utilisation: float | None = None
    campaigns: tuple[CampaignOnDashboard, ...] | None = None

    @field_validator("*", mode="wrap")
    @classmethod
    def _unknown_if_unreadable(cls, value: object, read: Callable[[object], Any]) -> Any:
        try:
            return read(value)
        except ValidationError:
            return None

    @classmethod
    def from_json(cls, value: object) -> Self:
        """What was kept as JSON; what is no object at all says nothing."""
        return cls.model_validate(value if isinstance(value, dict) else {})


class EngineStateOnDashboard(_Part):
    """All engines in one state, with words that say what to do.

    up; asking (the link is up, the PBX's truth not read yet); down (the link to a PBX is not ready); silent
    (an engine stopped speaking); never (none has ever spoken).
    """

    state: EngineCondition
    label: Said
    banner: Said | None
    reason: Said
    leader: str
    in_air: int
    utilisation: float | None
    waiting_callers: int | None
    campaigns: tuple[CampaignOnDashboard, ...]
    age_s: float | None


class AgentOnDashboard(_Part):
    """One agent; `mark` changes when anything that a page shows of them does."""

    id: str
    name: str
    state: AgentState
    reason: str
    since: datetime
    attempt: str | None
    machine_suspected: bool
    missed: int
    mark: str


class CallsOnDashboard(_Part):
    """Calls on their way, by how far they are."""

    placed: int
    ringing: int
    answered: int
    connected: int


class LeadOnDashboard(_Part):
    """A lead that comes next, and why."""

    lead: int
    campaign: str
    name: str
    risk: float | None
    gain: float | None
    reasons: tuple[str, ...]
    because: tuple[Mapping[str, Any], ...] = Field(default=(), exclude=True)  # the reasons, in no language
    next_at: datetime
    attempts_made: int
    team: str | None = None  # the campaign's; None: everybody calls


class ListOnDashboard(_Part):
    """The lists of all campaigns: how many leads are in each state, and the next of them."""

    counts: Mapping[LeadState, int]
    next: tuple[LeadOnDashboard, ...]


class TodayOnDashboard(_Part):
    """Today's calls; abandonment is of the calls that a person answered, machines left out."""

    attempts: int
    rung: int
    answered: int
    connected: int
    abandoned: int
    denominator: int
    abandonment: float | None
    standing: LimitStanding = LimitStanding.UNKNOWN  # of the abandonment, against the day's legal limit


class TeamOnDashboard(_Part):
    """The same figures of one team: its agents, and the calls of its campaigns."""

    id: str
    name: str
    agents: tuple[str, ...]  # ids; one may be in several teams
    calls: CallsOnDashboard
    today: TodayOnDashboard


class PromiseOnDashboard(_Part):
    """An open promise; its number is masked."""

    id: int
    reference: str
    state: PromiseState
    queue_position: int | None
    virtual_join: datetime
    next_action_at: datetime | None
    number: str
    standing: LimitStanding = LimitStanding.UNKNOWN  # against the time that the caller was told


class PromisesOnDashboard(_Part):
    """The ledger of all promises, the next of them, and what must be 0 (invariant 6)."""

    made: int
    kept: int
    settled: int
    cancelled: int
    closed: int
    open: int
    error: int
    stuck: int
    overtaken: int
    next: tuple[PromiseOnDashboard, ...]


class OfferRequestOnDashboard(_Part):
    """What an agent asks a supervisor for: an offer above a limit, for somebody on the line."""

    given: int
    agent: str
    agent_name: str
    offer: str
    cost: float
    reason: ContactReason
    why: str
    customer: str
    asked_at: datetime


class Dashboard(_Part):
    """Everything the dashboard shows; times are UTC, numbers are masked."""

    now: datetime
    engine: EngineStateOnDashboard
    agents: tuple[AgentOnDashboard, ...]
    agents_by_state: Mapping[AgentState, int]
    calls: CallsOnDashboard
    list: ListOnDashboard
    today: TodayOnDashboard
    promises: PromisesOnDashboard
    teams: tuple[TeamOnDashboard, ...] = ()
    offer_requests: tuple[OfferRequestOnDashboard, ...] = ()
    facts_set_aside: int  # facts of calls that could not be written, in the last day; must be 0

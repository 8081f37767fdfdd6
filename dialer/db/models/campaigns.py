"""Campaigns and the leads on their lists."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialer.core.calling.call_order import CalledFirst
from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.db.base import Base, UtcDateTime, word
from dialer.db.models.customers import Customer


class Campaign(Base):
    """A reason to call, with its queue, script, offer, rules and budget."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[CampaignState] = mapped_column(word(CampaignState), default=CampaignState.DRAFT)
    purpose: Mapped[str] = mapped_column(String(16), default="marketing")  # marketing or service
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"))  # whose agents call; NULL: everybody's
    queue: Mapped[str] = mapped_column(String(60))  # of the whole house's campaigns; a team has its own
    trunk: Mapped[str] = mapped_column(String(60))
    caller_id: Mapped[str] = mapped_column(String(16), default="")
    caller_ids: Mapped[list[str]] = mapped_column(
        JSON, default=list
    )  # a pool of numbers, instead of that one
    # of the pool's numbers the one most like the customer's own
    local_presence: Mapped[bool] = mapped_column(default=False, server_default=false())
    hours: Mapped[str] = mapped_column(String(400), default="", server_default="")  # "": at any hour
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]  # calls on this day still
    script: Mapped[str] = mapped_column(String(4000), default="")
    offer: Mapped[str] = mapped_column(String(1000), default="")  # what an agent is allowed to give
    mode: Mapped[str] = mapped_column(String(16), default="progressive")
    abandon_target: Mapped[float] = mapped_column(default=0.025)
    max_attempts: Mapped[int] = mapped_column(default=3)
    ring_s: Mapped[int] = mapped_column(default=30)
    holdout_share: Mapped[float] = mapped_column(default=0.1)
    explore_share: Mapped[float] = mapped_column(default=0.0)  # called by a coin whatever the list says
    salt: Mapped[str] = mapped_column(String(40), default="")  # of the draws; campaigns of one share controls
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    call_order: Mapped[CalledFirst] = mapped_column(
        word(CalledFirst), default=CalledFirst.GAIN, server_default=CalledFirst.GAIN.value
    )
    order_column: Mapped[str] = mapped_column(String(120), default="", server_default="")  # by its days
    share: Mapped[float | None]  # of the customers its team reaches; NULL: by `pacing.shares`, or 1
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # while its list is written: until when whoever does it is taken to be at work; NULL: given up
    prepared_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CallCount(Base):
    """A campaign's calls at one PBX in a quarter of an hour, by when they were placed."""

    __tablename__ = "call_count"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    slot: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)  # the beginning of the quarter
    pbx: Mapped[str] = mapped_column(String(60), primary_key=True)  # two engines count on rows of their own
    answered: Mapped[int]  # by a person
    abandoned: Mapped[int]


class SavedList(Base):
    """Who belongs on a list, kept by name for campaigns to come; who is on it is found anew each time."""

    __tablename__ = "saved_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `ListFilter.as_stored` gives them
    top: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(120))


class Lead(Base):
    """One customer on one campaign's list."""

    __tablename__ = "lead"
    __table_args__ = (
        # the customer first: it finds a customer's leads too, and each further index is written at every call
        UniqueConstraint("customer_id", "campaign_id"),
        Index("ix_lead_next", "campaign_id", "state", "rests", "asked_again", "rank"),
        Index(
            "ix_lead_resting",
            "campaign_id",
            "state",
            "next_at",
            sqlite_where=text("rests = 1"),
            postgresql_where=text("rests"),
        ),
        Index("ix_lead_list", "campaign_id", "rank"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    state: Mapped[LeadState] = mapped_column(word(LeadState), default=LeadState.LISTED)
    rank: Mapped[int]  # 1 is called first, by the campaign's `call_order`
    attempts_made: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # waits for `next_at`, outside the order of the list, until it is woken or its moment has come
    rests: Mapped[bool] = mapped_column(default=False, server_default=false())
    held_by: Mapped[str | None] = mapped_column(String(80))  # the rule that put it off until `next_at`
    asked_again: Mapped[bool] = mapped_column(default=False)  # the next call was agreed with the customer
    # an abandoned call is made up for by one with an agent of its own, who nobody else can reach meanwhile
    owed: Mapped[bool] = mapped_column(default=False, server_default=false())
    # the number to ring next and the place it rings in: copied from the customer, so that a look for work
    # reads one table; the compliance check reads the customer's own
    e164: Mapped[str] = mapped_column(String(16))
    dialing_region_id: Mapped[int] = mapped_column(ForeignKey("dialing_region.id"))
    # what the list was made by, as it was on that day; the score itself may be replaced
    risk: Mapped[float | None]
    gain: Mapped[float | None]
    gain_low: Mapped[float | None]
    gain_high: Mapped[float | None]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list
    )  # as `Reason.as_dict` gives them

    campaign: Mapped[Campaign] = relationship()
    customer: Mapped[Customer] = relationship()

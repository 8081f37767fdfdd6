"""Offers that agents may give to keep a customer, and to whom they gave them."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.retention.allowance import AllowanceLimit
from dialer.core.retention.contact_reason import ContactReason
from dialer.core.retention.given_offer import GivenState
from dialer.db.base import Base, UtcDateTime, word


class RetentionOffer(Base):
    """Something an agent may give, in what words, at what cost and how often; None: without a limit."""

    __tablename__ = "retention_offer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    words: Mapped[str] = mapped_column(String(1000), default="")  # to say
    cost: Mapped[float]  # of one that is taken, in the operator's currency
    margin: Mapped[float | None]  # that a customer who takes it still brings in a year
    per_customer: Mapped[int | None]  # in a year
    per_agent: Mapped[int | None]  # in a day, as are the next two
    per_team: Mapped[int | None]
    per_day: Mapped[int | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]  # the last day
    campaigns: Mapped[list[int]] = mapped_column(JSON, default=list)  # none: every call
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # no agent sees it from then on


class GivenOffer(Base):
    """An offer in one call: given, asked for, refused or withdrawn. The call's word says if it was taken."""

    __tablename__ = "given_offer"
    __table_args__ = (CheckConstraint("(attempt_id IS NULL) <> (inbound_call_id IS NULL)", name="one_call"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("retention_offer.id"), index=True)
    agent: Mapped[str] = mapped_column(String(60))
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), index=True)
    inbound_call_id: Mapped[int | None] = mapped_column(
        ForeignKey("inbound_call.id", ondelete="CASCADE"), index=True
    )
    reason: Mapped[ContactReason] = mapped_column(word(ContactReason))
    state: Mapped[GivenState] = mapped_column(word(GivenState))
    limit_reached: Mapped[AllowanceLimit | None] = mapped_column(word(AllowanceLimit))
    cost: Mapped[float]  # as it was then
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(60), default="")  # empty: the allowance

"""Attempts and facts of theirs set aside, numbers nobody may ring, the compliance check's refusals."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from callbacks.return_call import ReturnAnswer
from dialer.core.calling.attempt import AttemptState
from dialer.core.retention.contact_reason import ContactReason
from dialer.db.base import Base, UtcDateTime, word
from telephony.calls.events import Outcome


class Attempt(Base):
    """One intent to ring one number, for a lead, a promise or a proof; its id is the PBX channel id."""

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint(
            "(lead_id IS NOT NULL AND promise_id IS NULL AND wish_id IS NULL)"
            " OR (lead_id IS NULL AND promise_id IS NOT NULL AND wish_id IS NULL)"
            " OR (lead_id IS NULL AND promise_id IS NULL AND wish_id IS NOT NULL)",
            name="one_reason",
        ),
        Index("ix_attempt_number_time", "e164", "created_at"),
        Index("ix_attempt_campaign_time", "campaign_id", "created_at"),
        # an agent's talks in order: whose words are due, asked at every look at the agent's page
        Index(
            "ix_attempt_agent_time",
            "agent",
            "connected_at",
            sqlite_where=text("agent IS NOT NULL"),
            postgresql_where=text("agent IS NOT NULL"),
        ),
        # one live attempt a number, whoever wants it: nobody is rung twice at once
        Index(
            "uq_attempt_in_the_air",
            "e164",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    pbx: Mapped[str] = mapped_column(String(60))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id"), index=True)
    wish_id: Mapped[int | None] = mapped_column(index=True)  # whose code it speaks; it may be gone
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    e164: Mapped[str] = mapped_column(String(16))
    queue: Mapped[str] = mapped_column(String(60))
    trunk: Mapped[str] = mapped_column(String(60))
    caller_id: Mapped[str] = mapped_column(String(16))
    ring_s: Mapped[int]
    reserved_agent: Mapped[str | None] = mapped_column(String(60))
    # where the hour was drawn by chance: the chance it had; the others were rung in best-time order
    slot_propensity: Mapped[float | None]
    fencing: Mapped[int]  # the leader's number at the time; an older leader cannot open attempts
    state: Mapped[AttemptState] = mapped_column(word(AttemptState), default=AttemptState.INTENT)
    outcome: Mapped[Outcome | None] = mapped_column(word(Outcome))
    reason: Mapped[str | None] = mapped_column(
        String(80)
    )  # why it was refused or failed: a rule id or a word
    counted: Mapped[bool] = mapped_column(default=True)  # our own failures do not count against a person
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    connected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the agent said: about to end
    wrap_closing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the same of the wrap-up
    abandoned: Mapped[bool] = mapped_column(default=False)
    machine_suspected: Mapped[bool] = mapped_column(default=False)  # a hint; it decides nothing
    waited_s: Mapped[float | None]
    talk_s: Mapped[float | None]  # of the agent's talk; what followed a transfer is not in it
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the customer was transferred
    handed_over_to: Mapped[str | None] = mapped_column(String(60))  # extension, queue or number, where known
    # what a customer who was called back asked for instead of an agent
    said_by_key: Mapped[ReturnAnswer | None] = mapped_column(word(ReturnAnswer))
    agent: Mapped[str | None] = mapped_column(String(60))
    causes: Mapped[list[int]] = mapped_column(JSON, default=list)
    contact_reason: Mapped[ContactReason | None] = mapped_column(word(ContactReason))  # in the agent's words


class SetAsideFact(Base):
    """A fact about a call that could not be written, whole, for a person to look at."""

    __tablename__ = "set_aside_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # when it was set aside
    pbx: Mapped[str] = mapped_column(String(60))
    attempt_id: Mapped[str | None] = mapped_column(String(43))  # None where what it names is no attempt's id
    kind: Mapped[str] = mapped_column(String(40))
    error: Mapped[str] = mapped_column(String(80))  # the kind of error; its words may repeat the fact
    # not JSON: PostgreSQL's takes no NUL, however it is written, and this column has to take anything
    fact: Mapped[str] = mapped_column(Text)


class DoNotCall(Base):
    """A number that must not be rung for marketing, by whom and since when."""

    __tablename__ = "do_not_call"

    e164: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RefusalRow(Base):
    """The compliance check's no: which rule, for whom, and from when on it would be a yes."""

    __tablename__ = "refusal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    rule: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempt_id: Mapped[str | None] = mapped_column(String(43))
    lead_id: Mapped[int | None]
    promise_id: Mapped[int | None]
    e164: Mapped[str] = mapped_column(String(16))

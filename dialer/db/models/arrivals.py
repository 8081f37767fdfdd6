"""Who rang in, and how many, half hour by half hour."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.calling.disposition import Disposition
from dialer.core.retention.contact_reason import ContactReason
from dialer.db.base import Base, UtcDateTime, word


class InboundArrival(Base):
    """Callers who rang in at one PBX in one half hour, and for how much of it an engine listened."""

    __tablename__ = "inbound_arrival"

    pbx: Mapped[str] = mapped_column(String(60), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    callers: Mapped[int]
    seen_s: Mapped[float]


class InboundCall(Base):
    """One live caller's call: how long it waited, for whom, and how it went on."""

    __tablename__ = "inbound_call"
    __table_args__ = (
        UniqueConstraint("pbx", "caller"),
        # who is on the line now: a few, however many ever rang in
        Index(
            "ix_inbound_call_open",
            "pbx",
            "joined_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        # an agent's live calls in order: whose words are due, and how their day went
        Index(
            "ix_inbound_call_agent_time",
            "agent",
            "joined_at",
            sqlite_where=text("agent IS NOT NULL"),
            postgresql_where=text("agent IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pbx: Mapped[str] = mapped_column(String(60))
    caller: Mapped[str] = mapped_column(
        String(150), index=True
    )  # the channel's unique id; a promise's `source_call`
    queue: Mapped[str] = mapped_column(String(60))
    e164: Mapped[str] = mapped_column(String(16), index=True)  # as `limits.read_source` writes it
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the queue, for the last time
    abandoned: Mapped[bool] = mapped_column(default=False)
    connected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agent: Mapped[str | None] = mapped_column(String(60))
    talk_s: Mapped[float | None]  # of the agent's talk; what followed a transfer is not in it
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_over_to: Mapped[str | None] = mapped_column(String(60))  # where that is known
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the channel is gone
    disposition: Mapped[Disposition | None] = mapped_column(word(Disposition))  # what its agent said of it
    said_as: Mapped[str] = mapped_column(String(40), default="", server_default="")  # the house's own for it
    note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    call_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # agreed on, and promised
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the agent said so
    contact_reason: Mapped[ContactReason | None] = mapped_column(word(ContactReason))
    # what the agent has typed and not sent yet; the time as typed, on the caller's clock
    draft_note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    draft_call_again_at: Mapped[str] = mapped_column(String(32), default="", server_default="")

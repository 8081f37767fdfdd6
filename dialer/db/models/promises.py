"""Promises: accepted callbacks, with the place their callers had in the queue."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from callbacks.lifecycle import PromiseState
from dialer.db.base import Base, UtcDateTime, word


class Promise(Base):
    """An accepted "we will call you back"."""

    __tablename__ = "promise"
    __table_args__ = (Index("ix_promise_due", "state", "next_action_at", "virtual_join"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    e164: Mapped[str] = mapped_column(String(16), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    queue: Mapped[str] = mapped_column(String(60))  # the queue the caller was waiting in
    source_call: Mapped[str] = mapped_column(
        String(150), unique=True
    )  # asking twice in one call is one promise
    virtual_join: Mapped[datetime] = mapped_column(UtcDateTime)  # never changes: the caller's place
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[PromiseState] = mapped_column(word(PromiseState), default=PromiseState.WAITING)
    attempts_made: Mapped[int] = mapped_column(default=0)
    next_action_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None only while an attempt is open
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(80))

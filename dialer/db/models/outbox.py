"""What is to leave the house: written in the transaction that caused it, handed over by couriers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.outbox.message import MessageChannel, MessageState
from dialer.db.base import Base, UtcDateTime, word


class OutboxMessage(Base):
    """One message to one receiver. While it is being tried, `due_at` is when somebody else may try."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)  # the same at every try
    channel: Mapped[MessageChannel] = mapped_column(word(MessageChannel))
    kind: Mapped[str] = mapped_column(String(40))  # what it is about: promise.made
    endpoint: Mapped[str] = mapped_column(String(60), default="")  # of a webhook: its name in the settings
    e164: Mapped[str] = mapped_column(String(16), default="")  # of a text: to whom
    language: Mapped[str] = mapped_column(String(16), default="")  # of a text; "": the centre's
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id", ondelete="SET NULL"), index=True)
    state: Mapped[MessageState] = mapped_column(word(MessageState), default=MessageState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: nothing more is done
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # no use to anybody afterwards
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str] = mapped_column(String(200), default="")  # what went wrong last

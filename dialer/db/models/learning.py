"""What the company learns afterwards: who left, and who answers when."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.db.base import Base, UtcDateTime


class CustomerOutcome(Base):
    """That a customer left, or was still there, at a moment. Only ever added to."""

    __tablename__ = "customer_outcome"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    left: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # when it was so
    known_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # when the company told us
    source: Mapped[str] = mapped_column(String(255))  # the file that said it


class ContactLearned(Base):
    """When whom is likely to answer, as learned from the attempts up to a moment."""

    __tablename__ = "contact_learned"

    id: Mapped[int] = mapped_column(primary_key=True)
    learned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)

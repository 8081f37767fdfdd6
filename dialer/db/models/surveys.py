"""One question after a call, and its answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.surveys.promoter_score import SurveyWay
from dialer.db.base import Base, UtcDateTime, word


class Survey(Base):
    """A customer who was asked after one talk; `score` 0 to 10, None until they answer."""

    __tablename__ = "survey"
    __table_args__ = (CheckConstraint("(attempt_id IS NULL) <> (inbound_call_id IS NULL)", name="one_talk"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), unique=True)
    inbound_call_id: Mapped[int | None] = mapped_column(
        ForeignKey("inbound_call.id", ondelete="CASCADE"), unique=True
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    way: Mapped[SurveyWay] = mapped_column(word(SurveyWay), default=SurveyWay.TEXT, server_default="text")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    score: Mapped[int | None]

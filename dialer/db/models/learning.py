"""What the company learns afterwards: who left, and who answers when."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from churnmodel.holdout import Arm
from dialer.db.base import Base, UtcDateTime, word


class ChurnLabelRow(Base):
    """That a customer left, or was still there, at a moment. Only ever added to.

    Told without a date, `at` is the moment of the telling itself.
    """

    __tablename__ = "churn_label"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    left: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # when it was so
    known_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # when the company told us
    source: Mapped[str] = mapped_column(String(255))  # the file that said it

    @property
    def dated(self) -> bool:
        """Whether it was told when; else a customer who left did so some time before `at`."""
        return self.at != self.known_at


class AssignmentRow(Base):
    """How one customer was assigned when a campaign's list was made; written once, never changed.

    Everyone who could have been listed has one, so that any later estimate knows who might have been
    called. Which model it was made by, when and by which shares is the campaign's. There is no id and no
    second index: a list made from 500,000 customers is written in one go.
    """

    __tablename__ = "assignment"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as the library wants it

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    household: Mapped[str | None] = mapped_column(String(120))  # the unit of the draws, where there is one
    arm: Mapped[Arm] = mapped_column(word(Arm))
    listed: Mapped[bool]  # the list took this customer
    call: Mapped[bool]  # assigned to be called
    propensity: Mapped[float]  # chance of that before any draw
    # the score that the list was made by; it may be replaced afterwards
    risk: Mapped[float | None]
    value: Mapped[float | None]
    gain: Mapped[float | None]
    uplift: Mapped[float | None]


class SaveRateEstimate(Base):
    """The share of leavers that a call is taken to keep, as the scores from a moment on are made with."""

    __tablename__ = "save_rate_estimate"

    id: Mapped[int] = mapped_column(primary_key=True)
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class ContactModelRow(Base):
    """When whom is likely to answer, as learned from the attempts up to a moment."""

    __tablename__ = "contact_model"

    id: Mapped[int] = mapped_column(primary_key=True)
    learned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)

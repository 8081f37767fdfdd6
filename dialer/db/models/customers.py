"""Customers, what the model says of them, and where their rows came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialer.db.base import Base, UtcDateTime


class Customer(Base):
    """A person in the company's books."""

    __tablename__ = "customer"
    __table_args__ = (
        # names by how they begin, whatever the case, and by their words; SQLite reads its one for both
        Index("ix_customer_name_lower", text("lower(name)"), "id").ddl_if(dialect="postgresql"),
        Index("ix_customer_name_nocase", "name").ddl_if(dialect="sqlite"),
        Index("ix_customer_name_words", text("to_tsvector('simple', name)"), postgresql_using="gin").ddl_if(
            dialect="postgresql"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    zone: Mapped[str | None] = mapped_column(String(64))  # IANA name, where the customer stated one
    language: Mapped[str] = mapped_column(String(8), default="en")
    household: Mapped[str | None] = mapped_column(String(120))
    residence: Mapped[str | None] = mapped_column(String(120))  # ISO 3166 codes, as the address tells
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the model's raw columns
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    row_digest: Mapped[str | None] = mapped_column(String(32))  # of the file's row that says just this

    numbers: Mapped[list["CustomerNumber"]] = relationship(
        back_populates="customer", order_by="CustomerNumber.position", cascade="all, delete-orphan"
    )


class CustomerSnapshot(Base):
    """A customer's attributes as they were until an import changed them.

    A model must not learn from what came after: neither of leaving, nor of what a call changes.
    """

    __tablename__ = "customer_snapshot"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON)


class Prohibition(Base):
    """A person who is not to be rung for marketing or service, whatever numbers they have or get."""

    __tablename__ = "prohibition"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # objection or deceased
    reason: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(255))  # the file that said so
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RememberLine(Base):
    """What every agent should know of a customer, in one line; it stays until somebody changes it."""

    __tablename__ = "remember_line"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(String(300))
    agent: Mapped[str] = mapped_column(String(60))  # who wrote it last
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WrongNumber(Base):
    """A number at which a customer is not to be found; struck off them whatever file lists it again."""

    __tablename__ = "wrong_number"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    e164: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int]  # among the customer's numbers, for putting it back
    attempt_id: Mapped[str] = mapped_column(String(43))  # the call in which that was heard
    agent: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DialingRegion(Base):
    """Where a number may ring: its country, every zone its owner may be in, and where they live.

    There are few of them, so that a look for work asks each place once whether it is open.
    """

    __tablename__ = "dialing_region"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(2000), unique=True)  # country and zones in one text
    country: Mapped[str] = mapped_column(String(3))  # ISO code; 001 for numbers of no country
    zones: Mapped[list[str]] = mapped_column(JSON)
    residence: Mapped[str] = mapped_column(String(120), default="")  # ISO 3166 codes, parted by blanks


class CustomerNumber(Base):
    """One number of a customer, in the order they are to be tried."""

    __tablename__ = "customer_number"
    __table_args__ = (UniqueConstraint("customer_id", "e164"), Index(None, "e164"))

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    e164: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(default=0)
    dialing_region_id: Mapped[int] = mapped_column(ForeignKey("dialing_region.id"))

    customer: Mapped[Customer] = relationship(back_populates="numbers")


class ImportBatch(Base):
    """One file that was read, and what became of its rows."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: it goes on, or it broke off
    rows_added: Mapped[int]
    rows_changed: Mapped[int]
    rows_unchanged: Mapped[int]
    rows_bad: Mapped[int]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)


class ModelVersion(Base):
    """A trained model: where its file is, how good it was, and whether it is the one in use."""

    __tablename__ = "model_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    folder: Mapped[str] = mapped_column(String(500))
    sha256: Mapped[str] = mapped_column(String(64))
    task: Mapped[str] = mapped_column(String(16), default="risk")  # or uplift; each has a champion of its own
    role: Mapped[str] = mapped_column(String(16))  # champion, challenger, retired
    kind: Mapped[str] = mapped_column(String(40))
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON)


class Score(Base):
    """What one model version says of one customer; the model knows its data and its own code."""

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("model_id", "customer_id"),
        # a list's order with all that a list asks of a score: its first are found without the others
        Index("ix_score_gain", "model_id", "expected_gain", "risk", "left_out", "customer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model_version.id", ondelete="CASCADE"))
    scored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(String(32), server_default="")  # Winback's version at the scoring
    risk: Mapped[float]
    value: Mapped[float]
    uplift: Mapped[float | None]
    expected_gain: Mapped[float]
    gain_low: Mapped[float | None]
    gain_high: Mapped[float | None]
    left_out: Mapped[bool] = mapped_column(default=False)  # of lists, for what a call would do
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list
    )  # as `Reason.as_dict` gives them

"""What persons asked for by data protection law: to be left alone for a while, or to be forgotten."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.db.base import Base, UtcDateTime


class Restriction(Base):
    """A customer whose data are only kept, and who is not rung for any purpose, until it is lifted."""

    __tablename__ = "restriction"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ErasedObjection(Base):
    """An objection of somebody who was erased, as a keyed digest of a number or of a customer's own id."""

    __tablename__ = "erased_objection"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ErasureKey(Base):
    """The key of those digests, drawn at the first one."""

    __tablename__ = "erasure_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64))

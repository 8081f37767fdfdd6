"""The decision log: entries chained by digests, and where the chain ends."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.evidence.chain import EntryKind
from dialer.db.base import Base, UtcDateTime, word


class EvidenceRow(Base):
    """One entry of the decision log; only ever added to, but for the salts of persons who were erased."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_source", "kind", "source"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind] = mapped_column(word(EntryKind))
    source: Mapped[str] = mapped_column(String(43))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    campaign_id: Mapped[int | None] = mapped_column(index=True)  # to find it by; the open part has it too
    open_part: Mapped[str] = mapped_column(Text)
    commitment: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))


class EvidenceHead(Base):
    """The last entry, and since when what is kept; one row, which whoever adds an entry locks."""

    __tablename__ = "evidence_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    acts_before: Mapped[int]  # rows of the audit up to this one were there before the log began
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the log began; None: not yet
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # decisions until then are in it

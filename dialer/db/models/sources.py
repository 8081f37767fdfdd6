"""Where customer files come from: named sources, who is in each, and the files that were handed in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.db.base import Base, UtcDateTime


class ImportSource(Base):
    """A system that sends its customers again and again, and how its files are read."""

    __tablename__ = "import_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    columns: Mapped[list[str]] = mapped_column(JSON)  # of its newest file
    given: Mapped[dict[str, Any]] = mapped_column(JSON)  # which of them is what
    encoding: Mapped[str] = mapped_column(String(40), default="")
    sheet: Mapped[str] = mapped_column(String(120), default="")
    missing: Mapped[str] = mapped_column(String(16))  # what becomes of who is not in its newest file
    file_name: Mapped[str] = mapped_column(String(255))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SourceMember(Base):
    """A customer who was in a source's files, and since when they are not."""

    __tablename__ = "source_member"

    source_id: Mapped[int] = mapped_column(
        ForeignKey("import_source.id", ondelete="CASCADE"), primary_key=True
    )
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    missing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # taken off every list because of it


class ReceivedFile(Base):
    """A customer file that was handed in on a page, by a program or in a folder, and what came of it."""

    __tablename__ = "received_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    path: Mapped[str] = mapped_column(String(1000))
    origin: Mapped[str] = mapped_column(String(16))  # page, api or folder
    source: Mapped[str] = mapped_column(String(60), default="")
    missing: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    encoding: Mapped[str] = mapped_column(String(40), default="")
    sheet: Mapped[str] = mapped_column(String(120), default="")
    given: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what a person said of the columns
    seen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what the file was found to be
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what became of its rows
    said: Mapped[str] = mapped_column(String(2000), default="")  # why it was refused
    share: Mapped[float] = mapped_column(default=0.0)  # read, 0 to 1
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when its reader last gave a sign of life

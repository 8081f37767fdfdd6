"""Figures of days that are over, and to whom reports are sent."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.reporting.day_report import Grouping
from dialer.core.reporting.mailing import Rhythm
from dialer.core.reporting.table_files import FileFormat
from dialer.db.base import Base, UtcDateTime, word


class ReportDay(Base):
    """What one report counted of one day: sums by name, and nobody's data."""

    __tablename__ = "report_day"

    report: Mapped[str] = mapped_column(String(24), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lines: Mapped[list[Any]] = mapped_column(JSON)  # as the report's reader gave them


class ReportMailing(Base):
    """A report that is sent to one address again and again."""

    __tablename__ = "report_mailing"

    id: Mapped[int] = mapped_column(primary_key=True)
    report: Mapped[str] = mapped_column(String(24))
    rhythm: Mapped[Rhythm] = mapped_column(word(Rhythm))
    grouping: Mapped[Grouping] = mapped_column(word(Grouping))
    format: Mapped[FileFormat] = mapped_column(word(FileFormat))
    address: Mapped[str] = mapped_column(String(254))  # RFC 5321, 4.5.3.1: as long as one can be
    added_by: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_until: Mapped[date | None]  # the last day of the latest period that was sent

"""The centre's own scheduled jobs: when each is due, who is at it, and what came of it last."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.schedule import ScheduledJob
from dialer.db.base import Base, UtcDateTime, word


class ScheduledJobRow(Base):
    """One scheduled job. Whoever does it holds the row until `held_until`, and longer by holding on."""

    __tablename__ = "scheduled_job"

    name: Mapped[ScheduledJob] = mapped_column(word(ScheduledJob), primary_key=True)
    rule: Mapped[str] = mapped_column(String(80))  # the hour and the zone that `due_at` follows from
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: never by itself
    holder: Mapped[str | None] = mapped_column(String(120))
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)  # begun since it was last brought to an end
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end: Mapped[str] = mapped_column(String(16), default="")  # done, nothing (to do), failed
    said: Mapped[str] = mapped_column(String(1000), default="")  # what came of it, for people
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the same for programs

"""What the centre consists of, row by row; `position` is the order in which people gave them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.calling.disposition import Disposition
from dialer.db.base import Base, UtcDateTime, word


class CentreRow(Base):
    """The one row of the house, made with its first change; `version` goes up with every one."""

    __tablename__ = "centre"

    id: Mapped[int] = mapped_column(primary_key=True)  # 1
    version: Mapped[int] = mapped_column(default=1)
    #: when the settings were taken over; before that they hold, and the tables are empty but for teams
    taken_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outbound_queue: Mapped[str] = mapped_column(String(60), default="")
    hours: Mapped[str] = mapped_column(String(400), default="")
    zone: Mapped[str] = mapped_column(String(60), default="")
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)  # days, as 2026-12-25


class StaffAgentRow(Base):
    """An agent and the phone that reaches them; `agent` mirrors what they do."""

    __tablename__ = "staff_agent"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str | None] = mapped_column(String(120))
    headset: Mapped[str | None] = mapped_column(String(120))
    hint: Mapped[str | None] = mapped_column(String(130))
    code: Mapped[str | None] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8), default="")
    pbx: Mapped[str | None] = mapped_column(String(60))  # that reaches them; NULL: any
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)


class InboundQueueRow(Base):
    """A queue that callers ring in to."""

    __tablename__ = "inbound_queue"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]
    team: Mapped[str | None] = mapped_column("team_id", ForeignKey("team.id"))
    pbx: Mapped[str | None] = mapped_column(String(60))  # that callers reach it on; NULL: each
    adopt: Mapped[bool] = mapped_column(default=False)
    music: Mapped[str | None] = mapped_column(String(60))
    announce_every_s: Mapped[int] = mapped_column(default=0)
    hours: Mapped[str | None] = mapped_column(String(400))  # its own; NULL: the centre's
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)  # beside the centre's


class PauseReasonRow(Base):
    """What agents may pause for."""

    __tablename__ = "pause_reason"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]


class DispositionWordRow(Base):
    """The house's own word for what came of a call."""

    __tablename__ = "disposition_word"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(120))
    meaning: Mapped[Disposition] = mapped_column(word(Disposition))
    used: Mapped[bool] = mapped_column(default=True)


class TrunkRow(Base):
    """A way out of the PBX."""

    __tablename__ = "trunk"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]
    dial: Mapped[str] = mapped_column(String(240))
    channels: Mapped[int]
    calls_per_second: Mapped[float]
    pbx: Mapped[str | None] = mapped_column(String(60))  # that it leads out of; NULL: each


class NumberShownRow(Base):
    """A number that customers see."""

    __tablename__ = "number_shown"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)  # E.164
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120), default="")
    team: Mapped[str | None] = mapped_column("team_id", ForeignKey("team.id"))

"""Agents and what they said came of their calls."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.agent import AgentState
from dialer.core.disposition import Disposition as DispositionWord
from dialer.db.base import Base, UtcDateTime, word


class Agent(Base):
    """An agent as last seen on the PBX; a mirror for the pages, never the truth about a call."""

    __tablename__ = "agent"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    pbx: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120), default="")
    interface: Mapped[str] = mapped_column(String(120))
    state: Mapped[AgentState] = mapped_column(word(AgentState), default=AgentState.OFFLINE)
    reason: Mapped[str] = mapped_column(String(60), default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    attempt_id: Mapped[str | None] = mapped_column(String(43))  # the call to write a disposition for
    wish: Mapped[str | None] = mapped_column(String(16))  # pause or resume, asked for on a page
    wish_reason: Mapped[str | None] = mapped_column(String(60))


class Disposition(Base):
    """What the agent says came of one attempt."""

    __tablename__ = "disposition"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), unique=True)
    agent: Mapped[str] = mapped_column(String(60))
    disposition: Mapped[DispositionWord] = mapped_column(word(DispositionWord))
    note: Mapped[str] = mapped_column(String(2000), default="")
    call_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

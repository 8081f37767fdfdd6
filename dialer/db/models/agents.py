"""Agents and what they said came of their calls."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.agents.leave import LeaveKind
from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition as DispositionWord
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
    attempt_id: Mapped[str | None] = mapped_column(String(43))  # the call they have, or wrap up after
    caller: Mapped[str | None] = mapped_column(String(150))  # the same of a live caller's call
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when this state ends by itself
    missed: Mapped[int] = mapped_column(default=0, server_default="0")  # rings not picked up, in a row
    wish: Mapped[str | None] = mapped_column(String(16))  # what was asked for on a page
    leave_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the planned leave, where there is one
    leave_kind: Mapped[LeaveKind | None] = mapped_column(word(LeaveKind))
    leave_reason: Mapped[str | None] = mapped_column(String(60))
    # a supervisor wants to be on the call: how, and as which agent their phone is known; until it is rung
    listen_mode: Mapped[str | None] = mapped_column(String(8))
    listener: Mapped[str | None] = mapped_column(String(60))
    told: Mapped[str] = mapped_column(String(200), default="", server_default="")  # shown until they go on


class Preview(Base):
    """A lead that one agent reads about before calling; nobody else gets it meanwhile."""

    __tablename__ = "preview"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), unique=True)
    shown_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)  # the lead is free again after this
    asked: Mapped[bool] = mapped_column(default=False)  # the agent asked for the call


class DispositionRow(Base):
    """What the agent says came of one attempt."""

    __tablename__ = "disposition"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), unique=True)
    agent: Mapped[str] = mapped_column(String(60))
    disposition: Mapped[DispositionWord] = mapped_column(word(DispositionWord))
    said_as: Mapped[str] = mapped_column(
        String(40), default="", server_default=""
    )  # the house's own; empty: none
    note: Mapped[str] = mapped_column(String(2000), default="")
    call_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CoachNote(Base):
    """What a supervisor wrote to an agent about their work; read until the agent says so."""

    __tablename__ = "coach_note"
    __table_args__ = (Index("ix_coach_note_agent_written_at", "agent", "written_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(String(1000))
    author: Mapped[str] = mapped_column(String(60))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoteDraft(Base):
    """What an agent has typed about one attempt and not sent yet."""

    __tablename__ = "note_draft"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    agent: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(2000), default="")
    call_again_at: Mapped[str] = mapped_column(String(32), default="")  # as typed, on the customer's clock
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)

"""Who leads, what the leader last showed and saw, and who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Dialect, Index, String, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.dashboard.view import EngineOnDashboard
from dialer.db.base import Base, UtcDateTime


class Lease(Base):
    """The right to lead one PBX until a moment, with a number that only grows."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    fencing: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EngineJson(TypeDecorator[EngineOnDashboard]):
    """An engine's part of the dashboard as JSON, read back as far as this version understands it."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: EngineOnDashboard | None, dialect: Dialect) -> Any:
        """Store plain JSON."""
        del dialect
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> EngineOnDashboard:
        """Read it; what cannot be read is unknown."""
        del dialect
        return EngineOnDashboard.from_json(value)


class EngineDashboard(Base):
    """What the engine of one PBX last had in mind, for the dashboard."""

    __tablename__ = "engine_dashboard"

    pbx: Mapped[str] = mapped_column(String(60), primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[EngineOnDashboard] = mapped_column(EngineJson)


class LastRoster(Base):
    """Who was at work on one PBX when an engine last saw it; `at_work`: agent to state and reason."""

    __tablename__ = "last_roster"

    pbx: Mapped[str] = mapped_column(String(60), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    booted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when the PBX ran; None: not told
    at_work: Mapped[dict[str, list[str]]] = mapped_column(JSON)


class RenderingRow(Base):
    """What an engine last saw of the files it renders for one PBX, who asks for them, what came of it."""

    __tablename__ = "rendering"

    pbx: Mapped[str] = mapped_column(String(60), primary_key=True)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `RenderingSeen`, without any secret
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: nobody waits
    asked_by: Mapped[str | None] = mapped_column(String(120))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_well: Mapped[bool | None]
    outcome: Mapped[str | None] = mapped_column(String(2000))


class Audit(Base):
    """Who did what, and when. Only ever added to."""

    __tablename__ = "audit"
    __table_args__ = tuple(
        Index(f"ix_audit_{name}_at", name, "at") for name in ("actor", "action", "subject")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

"""The rendered files of each PBX, between the engine that looks and renders and the people who ask it to."""

from datetime import datetime

from dialer.core.organisation.rendering import Rendering, RenderingSeen
from dialer.db.models import RenderingRow
from dialer.db.queries import audit, renderings
from dialer.db.session import Database


def read_renderings(database: Database) -> tuple[Rendering, ...]:
    """How the files of every PBX stand that an engine has ever looked at, by name."""
    with database.read() as tx:
        return tuple(_told(row) for row in renderings.all_of(tx))


def is_rendering_asked(database: Database, pbx: str) -> bool:
    """Whether a person waits for this PBX's files to be rendered."""
    with database.read() as tx:
        return renderings.is_asked(tx, pbx)


def note_look(database: Database, pbx: str, seen: RenderingSeen, now: datetime) -> None:
    """Keep what an engine has just seen, in place of what was known before."""
    with database.write() as tx:
        renderings.keep(tx, pbx, looked_at=now, seen=seen.model_dump(mode="json"))


def ask_for_rendering(database: Database, pbx: str, actor: str, now: datetime) -> str | None:
    """Have the engine of this PBX render and reload; why it will not, or None. Asked twice, done once."""
    with database.write() as tx:
        row = renderings.of(tx, pbx)
        if row is None:
            return f"no engine has looked at the files of {pbx} yet"
        standing = _told(row)
        if standing.is_silent(now):
            return f"no engine has looked at the files of {pbx} since {standing.looked_at:%Y-%m-%d %H:%M} UTC"
        if standing.seen.obstacle is not None:
            return standing.seen.obstacle
        if standing.asked_at is None:
            renderings.keep(tx, pbx, asked_at=now, asked_by=actor)
            audit.add(tx, now, actor, "rendering.asked", pbx, {"folder": standing.seen.folder})
    return None


def note_rendering(database: Database, pbx: str, outcome: str, now: datetime, *, well: bool) -> None:
    """Keep what came of it, and that nobody waits for it any more."""
    with database.write() as tx:
        row = renderings.of(tx, pbx)
        asked_by = None if row is None else row.asked_by
        renderings.keep(
            tx, pbx, asked_at=None, asked_by=None, done_at=now, done_well=well, outcome=outcome[:2000]
        )
        audit.add(
            tx, now, "engine", "rendering.done" if well else "rendering.failed", pbx,
            {"asked_by": asked_by, "outcome": outcome},
        )  # fmt: skip


def _told(row: RenderingRow) -> Rendering:
    return Rendering(
        pbx=row.pbx,
        looked_at=row.looked_at,
        seen=RenderingSeen.model_validate(row.seen),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        done_at=row.done_at,
        done_well=row.done_well,
        outcome=row.outcome,
    )

"""Who did what, and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from dialer.db.evidence_log import will_seal
from dialer.db.models import Audit
from dialer.db.session import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenActs:
    """Which lines of the audit: from `since` on and before `until`; None: whoever, whatever, about anything.

    `actions` are kinds of acts, `subjects` what they are about by the beginning of their kind.
    """

    since: datetime
    until: datetime
    actor: str | None = None
    actions: Collection[str] | None = None
    subjects: Mapping[str, Collection[str]] | None = None


def add(  # noqa: PLR0917 - a line of the audit in the order it is read
    tx: Transaction, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    """Write one line, which the decision log takes up as the transaction ends."""
    act = Audit(at=at, actor=actor[:120], action=action, subject=subject[:120], details=dict(details))
    tx.add(act)
    will_seal(tx, act)


def of_action(tx: Transaction, action: str, since: datetime) -> Sequence[Audit]:
    """The lines about one kind of action since, oldest first."""
    chosen = select(Audit).where(Audit.at >= since, Audit.action == action)
    return tx.scalars(chosen.order_by(Audit.at, Audit.id)).all()


def chosen(tx: Transaction, acts: ChosenActs, limit: int, before: int | None = None) -> Sequence[Audit]:
    """The newest of these lines; where a line `before` is named, those before it."""
    found = select(Audit).where(Audit.at >= acts.since, Audit.at < acts.until)
    if acts.actor is not None:
        found = found.where(Audit.actor == acts.actor)
    if acts.actions is not None:
        found = found.where(Audit.action.in_(acts.actions))
    if acts.subjects is not None:
        about = [
            Audit.action.startswith(kind, autoescape=True) & Audit.subject.in_(names)
            for kind, names in acts.subjects.items()
            if names
        ]
        named = {name for names in acts.subjects.values() for name in names}
        # told once more without the kinds, so that an index of what acts are about is enough to find them
        found = found.where(Audit.subject.in_(named), or_(*about))
    last = tx.get(Audit, before) if before is not None else None
    if last is not None:
        found = found.where(or_(Audit.at < last.at, (Audit.at == last.at) & (Audit.id < last.id)))
    return tx.scalars(found.order_by(Audit.at.desc(), Audit.id.desc()).limit(limit)).all()


def kinds(tx: Transaction) -> Sequence[str]:
    """Every kind of act that was ever written down, by one look into an index for each."""
    first = select(func.min(Audit.action).label("action")).cte("kind", recursive=True)
    following = select(func.min(Audit.action)).where(Audit.action > first.c.action).scalar_subquery()
    every = first.union_all(select(following).where(first.c.action.is_not(None)))
    return tx.scalars(select(every.c.action).where(every.c.action.is_not(None))).all()


def of_subject(tx: Transaction, actions: str, subject: str, since: datetime, limit: int) -> Sequence[Audit]:
    """The newest lines about one subject since, of the actions that begin so."""
    chosen = select(Audit).where(
        Audit.subject == subject, Audit.at >= since, Audit.action.startswith(actions, autoescape=True)
    )
    return tx.scalars(chosen.order_by(Audit.at.desc(), Audit.id.desc()).limit(limit)).all()


def latest(tx: Transaction, limit: int) -> Sequence[Audit]:
    """The newest lines."""
    return tx.scalars(select(Audit).order_by(Audit.id.desc()).limit(limit)).all()

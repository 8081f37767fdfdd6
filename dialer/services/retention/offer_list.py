"""The offers that agents may give: added, changed and closed by managers, audited."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dialer.core.retention.allowance import OfferTerms
from dialer.db.models import RetentionOffer
from dialer.db.queries import audit, given_offers
from dialer.db.session import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDraft:
    """An offer as a manager writes it; its limits are `OfferTerms`."""

    name: str
    words: str
    cost: float
    margin: float | None
    terms: OfferTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCard:
    """An offer as it stands."""

    id: int
    name: str
    words: str
    cost: float
    margin: float | None
    per_customer: int | None
    per_agent: int | None
    per_team: int | None
    per_day: int | None
    valid_from: date | None
    valid_until: date | None
    campaigns: tuple[int, ...]
    closed_at: datetime | None


class OfferNameTaken(Exception):
    """Another offer has this name."""


def list_offers(database: Database) -> tuple[OfferCard, ...]:
    """Every offer, those that are closed too, by name."""
    with database.read() as tx:
        return tuple(_card(row) for row in given_offers.every_offer(tx, closed=True))


def add_offer(database: Database, draft: OfferDraft, actor: str, now: datetime) -> OfferCard:
    """Add an offer; agents see it at once. Raises `OfferNameTaken`."""
    with database.write() as tx:
        if given_offers.offer_named(tx, draft.name) is not None:
            raise OfferNameTaken(draft.name)
        row = RetentionOffer(name=draft.name, created_at=now, **_values(draft))
        given_offers.add(tx, row)
        audit.add(tx, now, actor, "offer.added", draft.name, {"cost": draft.cost})
        return _card(row)


def change_offer(
    database: Database, offer: int, draft: OfferDraft, actor: str, now: datetime
) -> OfferCard | None:
    """Make an offer what this says; None where there is none. Raises `OfferNameTaken`.

    What was given before keeps the cost it had.
    """
    with database.write() as tx:
        row = given_offers.offer(tx, offer, lock=True)
        if row is None:
            return None
        other = given_offers.offer_named(tx, draft.name)
        if other is not None and other.id != offer:
            raise OfferNameTaken(draft.name)
        changed: dict[str, Any] = {}
        for name, value in {"name": draft.name, **_values(draft)}.items():
            if getattr(row, name) != value:
                changed[name] = [str(getattr(row, name)), str(value)]
                setattr(row, name, value)
        if changed:
            audit.add(tx, now, actor, "offer.changed", draft.name, changed)
        return _card(row)


def close_offer(database: Database, offer: int, actor: str, now: datetime, *, closed: bool) -> bool:
    """Let agents see an offer no more, or again; False where there is none."""
    with database.write() as tx:
        row = given_offers.offer(tx, offer, lock=True)
        if row is None:
            return False
        if (row.closed_at is not None) != closed:
            row.closed_at = now if closed else None
            audit.add(tx, now, actor, "offer.withdrawn" if closed else "offer.renewed", row.name, {})
        return True


def terms_of(row: RetentionOffer) -> OfferTerms:
    """An offer's limits and when it holds."""
    return OfferTerms(
        per_customer=row.per_customer,
        per_agent=row.per_agent,
        per_team=row.per_team,
        per_day=row.per_day,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        campaigns=frozenset(row.campaigns),
    )


def _values(draft: OfferDraft) -> dict[str, Any]:
    terms = draft.terms
    return {
        "words": draft.words,
        "cost": draft.cost,
        "margin": draft.margin,
        "per_customer": terms.per_customer,
        "per_agent": terms.per_agent,
        "per_team": terms.per_team,
        "per_day": terms.per_day,
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
        "campaigns": sorted(terms.campaigns),
    }


def _card(row: RetentionOffer) -> OfferCard:
    return OfferCard(
        id=row.id,
        name=row.name,
        words=row.words,
        cost=row.cost,
        margin=row.margin,
        per_customer=row.per_customer,
        per_agent=row.per_agent,
        per_team=row.per_team,
        per_day=row.per_day,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        campaigns=tuple(row.campaigns),
        closed_at=row.closed_at,
    )

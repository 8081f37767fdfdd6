"""Who answers when, as `contact_learning` left it in the database: asked at every look for work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from churnmodel.contactability import ContactModel
from dialer.core.compliance.windows import is_zone, zone_of
from dialer.db.queries import learning
from dialer.db.queries.due_leads import DueLeadRow
from dialer.db.session import Database, Transaction


def local_clock(zones: Sequence[str], moment: datetime) -> datetime | None:
    """The moment on the clock of a place's first zone, or None where no zone is known."""
    if not zones or not is_zone(zones[0]):
        return None
    return moment.astimezone(zone_of(zones[0]))


@dataclass(frozen=True, slots=True)
class Answering:
    """What was learned of answering: a lead's chances by the hours of a day. Asked at every look for work."""

    learned: int
    model: ContactModel

    def chances(self, lead: DueLeadRow, weekday: int) -> tuple[float, ...]:
        """The lead's chance of an answer in each of the 24 hours of a weekday (0 is Monday)."""
        return _chances(
            self, weekday, attempts=lead.attempts_made, customer=str(lead.customer_id), number=lead.e164
        )

    def __hash__(self) -> int:
        return self.learned

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answering) and other.learned == self.learned and other.model is self.model


def answering(database: Database, tx: Transaction) -> Answering | None:
    """What was learned last, read once for each learning; None until enough was."""
    newest = learning.latest_contact(tx)
    return None if newest is None else Answering(newest[0], _model(database, newest))


@lru_cache(maxsize=20_000)
def _chances(
    known: Answering, weekday: int, *, attempts: int, customer: str, number: str
) -> tuple[float, ...]:
    return known.model.by_hour(weekday=weekday, attempts=attempts, customer=customer, number=number)


@lru_cache(maxsize=2)
def _model(database: Database, newest: tuple[Any, ...]) -> ContactModel:
    with database.read() as tx:
        return ContactModel.from_dict(learning.contact_body(tx, newest[0]))

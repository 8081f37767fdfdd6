"""What there is to do next: due promises, then callable leads of running campaigns."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from dialer.core.compliance.gate import GateFacts, clocks_of
from dialer.core.compliance.rulebook import Purpose, Rulebook
from dialer.core.compliance.windows import is_zone, refusal_of
from dialer.core.order import DueLead, DuePromise, by_rank, in_turn
from dialer.db.models import Lead
from dialer.db.queries import leads, promises
from dialer.db.session import Book
from dialer.services.contact import answering


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadWork:
    """A lead that may be rung as far as a cheap look tells; the gate has the last word."""

    lead: int
    campaign: int
    queue: str
    ring_s: int
    answer_probability: float | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseWork:
    """A promise whose next call is due; its customer is handed to `queue`."""

    promise: int
    queue: str
    ring_s: int
    virtual_join: datetime


Work = LeadWork | PromiseWork


def next_work(
    book: Book, pbx: str, now: datetime, *, limit: int
) -> tuple[tuple[PromiseWork, ...], tuple[LeadWork, ...]]:
    """Due promises in order of place, and at most `limit` callable leads of each running campaign.

    Cheap enough for every turn of the engine: places that are closed are left out by one look at a clock
    each, numbers on the do-not-call list or in the air by the query. Caps and spacing are the gate's.
    """
    del pbx  # any PBX may do any work: the claim decides who does it
    policy = book.policy
    with book.read() as tx:
        due = promises.due(tx, now, limit)
        places = [(place.id, place.country, tuple(place.zones)) for place in leads.all_places(tx)]
        chance = answering(book, tx, {key: zones for key, _, zones in places}, now)
        found: dict[int, tuple[Lead, LeadWork]] = {}
        for campaign in leads.running(tx):
            purpose = Purpose(campaign.purpose)
            opened = [
                key
                for key, country, zones in places
                if is_open(policy.rulebook, purpose, country, zones, now)
            ]
            for lead in leads.callable_leads(tx, campaign, opened, now, limit):
                work = LeadWork(
                    lead=lead.id,
                    campaign=campaign.id,
                    queue=campaign.queue,
                    ring_s=campaign.ring_s,
                    answer_probability=chance(lead, lead.place_id),
                    value=lead.gain or 0.0,
                )
                found[lead.id] = (lead, work)
    turns = in_turn(DuePromise(promise=row.id, virtual_join=row.virtual_join) for row in due)
    ranked = by_rank(
        DueLead(
            lead=lead.id,
            campaign=lead.campaign_id,
            rank=lead.rank,
            value=work.value,
            asked_again=lead.asked_again,
        )
        for lead, work in found.values()
    )
    return (
        tuple(
            PromiseWork(
                promise=turn.promise,
                queue=policy.outbound_queue,
                ring_s=policy.ring_s,
                virtual_join=turn.virtual_join,
            )
            for turn in turns
        ),
        tuple(found[due_lead.lead][1] for due_lead in ranked),
    )


def is_open(
    rulebook: Rulebook, purpose: Purpose, country: str, zones: tuple[str, ...], now: datetime
) -> bool:
    """Whether every clock of a place is open; windows begin and end on whole minutes."""
    minute = now.replace(second=0, microsecond=0)
    return _open_in_minute(_Keyed(rulebook), purpose, country, zones, minute)


class _Keyed:
    """A rulebook as a cache key: by identity, since it is never changed and too big to hash."""

    __slots__ = ("rulebook",)

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook

    def __hash__(self) -> int:
        return id(self.rulebook)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.rulebook is self.rulebook


@lru_cache(maxsize=4096)
def _open_in_minute(
    keyed: _Keyed, purpose: Purpose, country: str, zones: tuple[str, ...], minute: datetime
) -> bool:
    rules = keyed.rulebook
    if refusal_of((rules.queue.clock(),), minute) is not None:
        return False
    if not zones or not all(is_zone(zone) for zone in zones):
        return purpose is Purpose.REQUESTED
    facts = GateFacts(purpose=purpose, country=country, zones=zones)
    return refusal_of(clocks_of(facts, rules), minute) is None

"""Attempts: opened, found, counted; and the compliance check's refusals."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import BindParameter, Table, and_, bindparam, exists, func, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from callbacks.refusals import Refusal
from dialer.core.calling.attempt import AttemptState
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Attempt, Campaign, CustomerNumber, DispositionRow, Lead, Prohibition, RefusalRow
from dialer.db.queries.agents import is_asking
from dialer.db.session import Transaction
from telephony.calls.events import Outcome

#: of the table and not of the class, whose rows the session would look after
_TABLE: Final = cast("Table", Attempt.__table__)


def insert_attempt(tx: Transaction, **values: Any) -> bool:
    """Write one intent; False where another live attempt to the same number was first."""
    return bool(insert_attempts(tx, [values]))


def insert_attempts(tx: Transaction, rows: Sequence[dict[str, Any]]) -> frozenset[str]:
    """Write these intents, of the same columns each; those written, by id.

    Left out is whoever has a number to which another live attempt was first.
    """
    if not rows:
        return frozenset()
    fresh = _FRESH[tx.get_bind().dialect.name]
    return frozenset(tx.scalars(fresh, [{**row, "state": AttemptState.INTENT} for row in rows]))


#: made once, by dialect, as everything that is asked of every call: making it takes longer than the database
_FRESH: Final = {
    dialect.__name__.rsplit(".", maxsplit=1)[-1]: dialect.insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["e164"], index_where=Attempt.ended_at.is_(None))
    .returning(_TABLE.c.id)
    for dialect in (postgresql, sqlite)
}


_LOCKED: Final = select(Attempt).where(Attempt.id == bindparam("id")).with_for_update()


_LOCKED_MANY: Final = (
    select(Attempt)
    .where(Attempt.id.in_(bindparam("ids", expanding=True)))
    .order_by(Attempt.id)
    .with_for_update()
)


def lock_attempt(tx: Transaction, attempt: str) -> Attempt | None:
    """One attempt, which nobody else changes until the transaction ends."""
    return tx.scalar(_LOCKED, {"id": attempt})


def lock_attempts(tx: Transaction, wanted: Collection[str]) -> dict[str, Attempt]:
    """Those of these attempts that there are, by id, in whose order they are locked."""
    if not wanted:
        return {}
    return {attempt.id: attempt for attempt in tx.scalars(_LOCKED_MANY, {"ids": sorted(wanted)})}


def find_attempt(tx: Transaction, attempt: str) -> Attempt | None:
    """One attempt, to look at."""
    return tx.get(Attempt, attempt)


def existing(tx: Transaction, known: Collection[str]) -> frozenset[str]:
    """Those of these attempts that the database has."""
    return frozenset(tx.scalars(select(Attempt.id).where(Attempt.id.in_(known))))


def open_of(tx: Transaction, pbx: str) -> Sequence[Attempt]:
    """Every attempt on its way at one PBX, oldest first."""
    chosen = select(Attempt).where(Attempt.ended_at.is_(None), Attempt.pbx == pbx)
    return tx.scalars(chosen.order_by(Attempt.created_at, Attempt.id)).all()


def add_refusal(tx: Transaction, refusal: Refusal, **values: Any) -> None:
    """Write down one refusal: by which rule, until when, and of what."""
    tx.add(RefusalRow(rule=refusal.rule.value, until=refusal.until, **values))


class OthersCall(NamedTuple):
    """A counted call of a campaign to a number, under another lead than the one that asks."""

    lead_id: int
    e164: str
    connected_at: datetime | None
    word: Disposition | None
    lead: LeadState
    held_by: str | None
    prohibited: bool


_ASKED: Final[BindParameter[int]] = bindparam("leads", expanding=True)
#: the number each lead stands at, and all that its customer has
_THEIR_NUMBERS: Final = union(
    select(Lead.id, Lead.campaign_id, Lead.e164).where(Lead.id.in_(_ASKED)),
    select(Lead.id, Lead.campaign_id, CustomerNumber.e164)
    .join(CustomerNumber, CustomerNumber.customer_id == Lead.customer_id)
    .where(Lead.id.in_(_ASKED)),
).subquery()
_OTHER: Final = aliased(Lead)
_OF_OTHERS: Final = (
    select(
        _THEIR_NUMBERS.c.id,
        _OTHER.id,
        Attempt.e164,
        Attempt.connected_at,
        DispositionRow.disposition,
        _OTHER.state,
        _OTHER.held_by,
        Prohibition.customer_id.is_not(None),
    )
    .select_from(_THEIR_NUMBERS)
    .join(
        Attempt,
        and_(
            Attempt.e164 == _THEIR_NUMBERS.c.e164,
            Attempt.campaign_id == _THEIR_NUMBERS.c.campaign_id,
            Attempt.lead_id != _THEIR_NUMBERS.c.id,
        ),
    )
    .join(_OTHER, _OTHER.id == Attempt.lead_id)
    .outerjoin(DispositionRow, DispositionRow.attempt_id == Attempt.id)
    .outerjoin(Prohibition, Prohibition.customer_id == _OTHER.customer_id)
    .where(Attempt.counted, Attempt.consumed_at.is_not(None))
)


def of_others(tx: Transaction, asked: Collection[int]) -> dict[int, list[OthersCall]]:
    """For each of these leads: what was rung at its customer's numbers for its campaign's other leads."""
    found: dict[int, list[OthersCall]] = {lead: [] for lead in asked}
    for lead, *others in tx.execute(_OF_OTHERS, {"leads": list(asked)}):
        found[lead].append(OthersCall._make(others))
    return found


def open_by_team(tx: Transaction) -> dict[str | None, dict[AttemptState, int]]:
    """How many attempts are on their way, by their campaign's team and by state; None: of no team."""
    chosen = (
        select(Campaign.team_id, Attempt.state, func.count())
        .outerjoin(Campaign, Campaign.id == Attempt.campaign_id)
        .where(Attempt.ended_at.is_(None))
        .group_by(Campaign.team_id, Attempt.state)
    )
    found: dict[str | None, dict[AttemptState, int]] = defaultdict(dict)
    for team, state, count in tx.execute(chosen):
        found[team][state] = count
    return found


def outcome_before(tx: Transaction, attempt: Attempt, *, since: datetime) -> Outcome | None:
    """What the call to the same number before this one came to, if it was made since."""
    chosen = select(Attempt.outcome).where(
        Attempt.e164 == attempt.e164,
        Attempt.created_at >= since,
        Attempt.created_at < attempt.created_at,
        Attempt.consumed_at.is_not(None),
    )
    return tx.scalar(chosen.order_by(Attempt.created_at.desc()).limit(1))


def count_of_wish(tx: Transaction, wish: int) -> int:
    """How many calls there were to speak this wish's code."""
    return len(tx.scalars(select(Attempt.id).where(Attempt.wish_id == wish)).all())


def count_of_promise(tx: Transaction, promise: int, outcome: Outcome) -> int:
    """How many calls for one promise came to this."""
    chosen = select(func.count()).where(Attempt.promise_id == promise, Attempt.outcome == outcome)
    return int(tx.scalar(chosen) or 0)


def return_leads(tx: Transaction, limit: int) -> list[float]:
    """Seconds from the order until the customer wanted an agent, of the latest promises that got one.

    Found by the promises' numbers, which grow with time: calls of campaigns between them cost nothing.
    """
    chosen = (
        select(Attempt.created_at, Attempt.connected_at, Attempt.waited_s)
        .where(
            Attempt.promise_id.is_not(None), Attempt.connected_at.is_not(None), Attempt.waited_s.is_not(None)
        )
        .order_by(Attempt.promise_id.desc())
        .limit(limit)
    )
    return [
        (connected - created).total_seconds() - waited_s
        for created, connected, waited_s in tx.execute(chosen)
        if connected is not None and waited_s is not None
    ]


def count_uncounted(tx: Transaction, lead: int, *, since: datetime) -> int:
    """How many of a lead's attempts failed on our side since."""
    chosen = select(func.count()).where(
        Attempt.lead_id == lead, Attempt.counted.is_(False), Attempt.created_at >= since
    )
    return int(tx.scalar(chosen) or 0)


class Closing(NamedTuple):
    """When an agent said that the talk, and that the wrap-up, is about to end."""

    talk: datetime | None
    wrap_up: datetime | None


class SaidOfCall(NamedTuple):
    """What an agent said of a call, so far."""

    closing: Closing
    disposed: bool


_SAID_OF: Final = (
    select(Attempt.id, Attempt.closing_at, Attempt.wrap_closing_at, DispositionRow.id)
    .outerjoin(DispositionRow, DispositionRow.attempt_id == Attempt.id)
    .where(Attempt.id.in_(bindparam("attempts", expanding=True)))
)


def said_of(tx: Transaction, attempts: Collection[str]) -> dict[str, SaidOfCall]:
    """What was said of each of these."""
    return {
        attempt: SaidOfCall(Closing(talk, wrap_up), word is not None)
        for attempt, talk, wrap_up, word in tx.execute(_SAID_OF, {"attempts": list(attempts)})
    }


_SAID_AND_ASKED: Final = _SAID_OF.add_columns(exists().where(*is_asking(bindparam("pbx"))))


def said_and_asked(
    tx: Transaction, attempts: Collection[str], pbx: str
) -> tuple[dict[str, SaidOfCall], bool | None]:
    """The same, and whether an agent of this PBX wishes or plans something; None where no row could tell."""
    rows = tx.execute(_SAID_AND_ASKED, {"attempts": list(attempts), "pbx": pbx}).all()
    said = {row[0]: SaidOfCall(Closing(row[1], row[2]), row[3] is not None) for row in rows}
    return said, bool(rows[0][-1]) if rows else None


def machines_suspected(tx: Transaction, attempts: Collection[str]) -> frozenset[str]:
    """Those of the attempts that an answering machine may have picked up."""
    chosen = select(Attempt.id).where(Attempt.id.in_(attempts), Attempt.machine_suspected)
    return frozenset(tx.scalars(chosen))


def count_opened(tx: Transaction) -> tuple[int, int]:
    """How many attempts were opened so far, and how many of them the dial permit refused."""
    refused = func.count().filter(Attempt.state == AttemptState.REFUSED)
    opened, no = tx.execute(select(func.count(), refused).select_from(Attempt)).one()
    return opened, no

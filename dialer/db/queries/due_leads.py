"""The next leads of a list, found by index however long the list is and whatever holds most of it.

A lead that has to wait for a moment `rests`, which is part of the index: nobody walks past it until then.
What a look finds in front and nobody may ring is put off by whoever looked, so that no look meets it twice.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    false,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)

from callbacks.refusals import Rule
from dialer.core.calling.campaign import LeadState
from dialer.core.compliance.rulebook import Purpose
from dialer.db.base import UtcDateTime, written_out
from dialer.db.models import Attempt, Campaign, DoNotCall, Lead, Preview, Prohibition, Promise
from dialer.db.queries.leases import WHOLE, EngineShare
from dialer.db.queries.registers import entry_for
from dialer.db.session import Transaction

CANDIDATES: Final = 64  # leads looked at at once: an engine of fifty free agents is served by the first look
MOST_CANDIDATES: Final = 1024  # in one look, where many in a row must not be rung: a few milliseconds
LAST_RANK: Final = 2**31 - 1  # the greatest number of the column
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)  # before any lead
STATEMENTS: Final = 500  # that are kept: a few for each of the campaigns that run, of which there are a dozen
WOKEN_AT_ONCE: Final = 5_000  # leads whose moment has come: a tenth of a second's writing at the most

_NOW: Final = bindparam("now", type_=UtcDateTime)
#: what does not change is written out: psycopg goes through each value of a statement at each turn, and
#: through the text of one that is longer than 4,096 characters
_LISTED: Final = written_out(LeadState.LISTED)


class DueLeadRow(NamedTuple):
    """What a turn has to know of a lead."""

    id: int
    customer_id: int
    rank: int
    asked_again: bool
    owed: bool
    attempts_made: int
    gain: float | None
    e164: str
    dialing_region_id: int


class LeadsFound(NamedTuple):
    """Leads that may be rung as far as a cheap look tells, and those in front of them that may not.

    `behind`: more whose moment has come than were looked at.
    """

    free: list[DueLeadRow]
    held: list[tuple[int, Rule]]
    closed: list[tuple[int, int]]  # by place
    behind: bool


def callable_leads(
    tx: Transaction,
    campaign: Campaign,
    dialing_regions: Collection[int],
    now: datetime,
    limit: int,
    *,
    share: EngineShare = WHOLE,
) -> LeadsFound:
    """The campaign's next leads: agreed calls first, then by rank.

    They are due, in a place that is open, not in the air, not promised a call, and not on the
    do-not-call list. Of several engines each gets leads of its own share, so that they do not all reach for
    the same ones; where that is used up, or rests, whatever there is.
    """
    found = _callable(tx, campaign, dialing_regions, now, limit, share)
    if share.of > 1 and len(found.free) < limit:
        return _callable(tx, campaign, dialing_regions, now, limit, WHOLE)
    return found


def _callable(  # noqa: PLR0917 - whose leads, where, when, and how many
    tx: Transaction,
    campaign: Campaign,
    dialing_regions: Collection[int],
    now: datetime,
    limit: int,
    share: EngineShare,
) -> LeadsFound:
    opened = frozenset(dialing_regions)
    at_once = CANDIDATES
    while True:
        found = LeadsFound([], [], [], behind=False)
        preview, purpose = campaign.mode == "preview", Purpose(campaign.purpose)
        statement = _candidates(campaign.id, preview, purpose, at_once, share)
        rows = tx.connection().execute(statement, {"now": now}).all()  # the session would make each row anew
        for _resting, busy, rule, *columns in rows:
            lead = DueLeadRow._make(columns)
            if rule is not None:
                found.held.append((lead.id, Rule(rule)))
            elif lead.dialing_region_id not in opened:
                found.closed.append((lead.id, lead.dialing_region_id))
            elif not busy:
                found.free.append(lead)
        full = max(sum(1 for row in rows if row[0] is resting) for resting in (True, False)) >= at_once
        if len(found.free) >= limit or not full or at_once >= MOST_CANDIDATES:
            found.free.sort(key=lambda lead: (not lead.asked_again, lead.rank))
            behind = sum(1 for row in rows if row[0]) >= at_once
            return LeadsFound(found.free[:limit], found.held, found.closed, behind)
        at_once *= 4


@lru_cache(STATEMENTS)
def _candidates(
    campaign: int,
    preview: bool,  # noqa: FBT001 - a key
    purpose: Purpose,
    at_once: int,
    share: EngineShare,
) -> Select[Any]:
    """The first leads of a list by rank, agreed ones, those whose moment came, and what holds each.

    Made once: making it takes longer than the database does. The few candidates come first and are then
    looked up one by one, which costs the same whatever the do-not-call list has grown to; as one join the
    planner reads that list whole once it seems cheaper. All but the moment is written out, since a planner
    that does not know it guesses a tenth of the table, or another index. Rows are compared whole, since by
    single columns it may take another index, and then walks through everybody who was called.
    """
    first = union_all(
        *(_in_order(campaign, at_once, share, asked_again=agreed) for agreed in (True, False)),
        _whose_moment_came(campaign, at_once, share),
    ).subquery("found")
    busy = [
        exists().where(Attempt.e164 == first.c.e164, Attempt.ended_at.is_(None)),
        exists().where(Promise.e164 == first.c.e164, Promise.ended_at.is_(None)),
    ]
    if preview:
        busy.append(exists().where(Preview.lead_id == first.c.id))
    holding: list[tuple[ColumnElement[bool], Rule]] = []
    if purpose is not Purpose.REQUESTED:
        listed = select(DoNotCall.e164).where(DoNotCall.e164 == first.c.e164)
        person = select(Prohibition.customer_id).where(Prohibition.customer_id == first.c.customer_id)
        holding += [(_there(listed), Rule.DNC_LISTED), (_there(person), Rule.DNC_PERSON)]
    if purpose is Purpose.MARKETING:
        holding.append((_there(entry_for(first.c.e164)), Rule.DNC_REGISTER))
    named: list[tuple[ColumnElement[bool], ColumnElement[str]]] = [
        (held, written_out(by)) for held, by in holding
    ]
    rule: ColumnElement[Any] = case(*named) if named else null()
    columns = [first.c[name] for name in DueLeadRow._fields]
    return select(first.c.resting, or_(*busy), rule, *columns)


def _in_order(campaign: int, at_once: int, share: EngineShare, *, asked_again: bool) -> Any:
    """One half of those who do not rest, by rank: the index gives the order, and nothing is sorted."""
    row = tuple_(Lead.campaign_id, Lead.state, Lead.rests, Lead.asked_again, Lead.rank)
    half = (written_out(campaign), _LISTED, false(), true() if asked_again else false())
    chosen = (
        select(*_columns(), false().label("resting"))
        .where(
            row > tuple_(*half, written_out(0)),
            row <= tuple_(*half, written_out(LAST_RANK)),
            Lead.next_at <= _NOW,
        )
        .order_by(Lead.campaign_id, Lead.state, Lead.rests, Lead.asked_again, Lead.rank)
    )
    return _few(chosen, at_once, share)


def _whose_moment_came(campaign: int, at_once: int, share: EngineShare) -> Any:
    """Those who rested until a moment that is over, in the order of their moments."""
    row = tuple_(Lead.campaign_id, Lead.state, Lead.next_at)
    resting = (written_out(campaign), _LISTED)
    chosen = (
        select(*_columns(), true().label("resting"))
        .where(
            Lead.rests, row > tuple_(*resting, literal(LONG_AGO, UtcDateTime)), row <= tuple_(*resting, _NOW)
        )
        .order_by(Lead.campaign_id, Lead.state, Lead.next_at)
    )
    return _few(chosen, at_once, share)


def _columns() -> list[ColumnElement[Any]]:
    return [getattr(Lead, name) for name in DueLeadRow._fields]


def _few(chosen: Select[Any], at_once: int, share: EngineShare) -> Any:
    if share.of > 1:
        chosen = chosen.where(Lead.id % written_out(share.of) == written_out(share.part))
    return select(chosen.limit(written_out(at_once)).subquery("few"))


def _there(found: Select[Any]) -> ColumnElement[bool]:
    """That a look by key finds something: one value, which no planner turns into a read of the whole table.

    An EXISTS it may: once it takes a table for small, or the candidates for many, it reads all of it.
    """
    return found.limit(written_out(1)).scalar_subquery().is_not(None)


def rest(tx: Transaction, leads: Sequence[int], until: datetime, rule: Rule) -> None:
    """Let these leads rest until a moment, by a rule, where they are still listed and awake or due."""
    for start in range(0, len(leads), MOST_CANDIDATES):
        tx.execute(
            update(Lead)
            .where(Lead.id.in_(leads[start : start + MOST_CANDIDATES]), Lead.state == LeadState.LISTED)
            .where(Lead.next_at < until)
            .values(next_at=until, rests=True, held_by=rule.value)
            .execution_options(synchronize_session=False)
        )


def wake(tx: Transaction, campaign: int, now: datetime) -> None:
    """Put leads whose moment came back into the order of their list, the first `WOKEN_AT_ONCE` of them."""
    chosen = (
        select(Lead.id)
        .where(Lead.campaign_id == campaign, Lead.state == LeadState.LISTED, Lead.rests, Lead.next_at <= now)
        .order_by(Lead.campaign_id, Lead.next_at)
        .limit(WOKEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    tx.execute(
        update(Lead)
        .where(Lead.id.in_(chosen.scalar_subquery()))
        .values(rests=False)
        .execution_options(synchronize_session=False)
    )


def free_from(tx: Transaction, rule: Rule, now: datetime, *whose: ColumnElement[bool]) -> None:
    """Let these leads be looked at again at once, if it is this rule that they rest by."""
    tx.execute(
        update(Lead)
        .where(*whose, Lead.state == LeadState.LISTED, Lead.held_by == rule.value)
        .values(next_at=now, held_by=None)
        .execution_options(synchronize_session=False)
    )

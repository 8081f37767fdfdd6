"""How many calls of each campaign a person answered, and how many were left alone, by quarter of an hour.

Kept by whoever changes an attempt, in the same transaction, so that a turn adds up a hundred numbers a
campaign however many calls there were. The calls themselves are counted once a night, and what differs is
set right.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Executable, Table, and_, bindparam, case, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.calling.campaign import CampaignState
from dialer.db.base import UtcDateTime, written_out
from dialer.db.models import Attempt, CallCount, Campaign
from dialer.db.queries import due_promises, organisation
from dialer.db.session import Transaction
from telephony.calls.events import Outcome

SLOT_MINUTES: Final = 15  # every clock's midnight is the beginning of one
#: what of an attempt is counted
COUNTED: Final = frozenset({"answered_at", "outcome", "abandoned"})


class DayCounts(NamedTuple):
    """Answered by a person, and left alone; since the one moment and since the other."""

    answered: int = 0
    abandoned: int = 0
    answered_today: int = 0
    abandoned_today: int = 0


class Counted(NamedTuple):
    """What one attempt adds."""

    answered: int
    abandoned: int


def slot_of(at: datetime) -> datetime:
    """The quarter of an hour that a moment is in."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % SLOT_MINUTES, second=0, microsecond=0)


def counted(answered_at: datetime | None, outcome: Outcome | None, *, abandoned: bool) -> Counted:
    """What an attempt adds as it stands; answering machines are no persons."""
    return Counted(int(answered_at is not None and outcome is not Outcome.MACHINE), int(abandoned))


def follow(tx: Transaction, attempt: Attempt, values: Mapping[str, Any]) -> None:
    """Count what changes by these new values of an attempt; to be called before it has them."""
    if attempt.campaign_id is None or not COUNTED & values.keys():
        return
    now = {name: values.get(name, getattr(attempt, name)) for name in COUNTED}
    before = counted(attempt.answered_at, attempt.outcome, abandoned=attempt.abandoned)
    after = counted(now["answered_at"], now["outcome"], abandoned=now["abandoned"])
    if before == after:
        return
    tx.execute(
        _adding(tx.get_bind().dialect.name),
        {
            "campaign_id": attempt.campaign_id,
            "slot": slot_of(attempt.created_at),
            "pbx": attempt.pbx,
            "answered": after.answered - before.answered,
            "abandoned": after.abandoned - before.abandoned,
        },
    )


@cache
def _adding(dialect: str) -> Executable:
    """What adds to a slot's counts; made once: it is asked of every call that a person answers."""
    table = cast("Table", CallCount.__table__)
    fresh = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    return fresh.on_conflict_do_update(
        index_elements=["campaign_id", "slot", "pbx"],
        set_={name: table.c[name] + fresh.excluded[name] for name in ("answered", "abandoned")},
    )


#: of the quarters that are added up, and written into the statement: a planner that does not know it expects
#: a third of them all
_FIRST: Final = bindparam("first", type_=UtcDateTime, literal_execute=True)
#: made once: it is asked at every turn
_RUNNING: Final = (
    select(
        Campaign,
        *(
            func.coalesce(func.sum(case((CallCount.slot >= of, what), else_=0)), 0)
            for of in (bindparam("day", type_=UtcDateTime), bindparam("midnight", type_=UtcDateTime))
            for what in (CallCount.answered, CallCount.abandoned)
        ),
        due_promises.NEXT_MOMENT,
        organisation.VERSION,
    )
    .outerjoin(
        CallCount,
        and_(CallCount.campaign_id == Campaign.id, CallCount.slot >= _FIRST),
    )
    .where(Campaign.state == written_out(CampaignState.RUNNING))
    .group_by(Campaign.id)
    .order_by(Campaign.id)
)


#: the same where no campaign runs
_BESIDE: Final = select(due_promises.NEXT_MOMENT, organisation.VERSION)


class Running(NamedTuple):
    """What is to be dialled, and whether that is by rules which have changed since."""

    campaigns: list[tuple[Campaign, DayCounts]]  # oldest first
    promised_at: datetime | None  # when the first waiting promise that nobody holds is due, or was
    organisation: int  # its version


def running(tx: Transaction, since: datetime, today: datetime) -> Running:
    """The running campaigns with what was counted from the slots of the two moments on, and what is beside.

    One question for all of it: it is asked every second.
    """
    day, midnight = slot_of(since), slot_of(today)
    found = tx.execute(_RUNNING, {"day": day, "midnight": midnight, "first": min(day, midnight)}).all()
    promised_at, version = (found[0] if found else tx.execute(_BESIDE).one())[-2:]
    return Running(
        campaigns=[(campaign, DayCounts(*map(int, counts))) for campaign, *counts, _, _ in found],
        promised_at=promised_at,
        organisation=version or 0,
    )


def by_team(tx: Transaction, since: datetime) -> dict[str | None, tuple[int, int, float]]:
    """Of each team's campaigns since a moment's slot: answered, left alone, and the strictest share aimed at.

    None: campaigns of the whole house.
    """
    chosen = (
        select(
            Campaign.team_id,
            func.sum(CallCount.answered),
            func.sum(CallCount.abandoned),
            func.min(Campaign.abandon_target),
        )
        .join(CallCount, CallCount.campaign_id == Campaign.id)
        .where(CallCount.slot >= slot_of(since))
        .group_by(Campaign.team_id)
    )
    return {team: (int(answered), int(alone), aim) for team, answered, alone, aim in tx.execute(chosen)}


def recount(tx: Transaction, since: datetime, until: datetime) -> int:
    """Count the calls placed between the slots of these moments anew, and forget older ones.

    Gives how many slots were wrong; they no longer are.
    """
    since, until = slot_of(since), slot_of(until)
    tx.execute(delete(CallCount).where(CallCount.slot < since))
    kept = {
        (row.campaign_id, row.slot, row.pbx): Counted(row.answered, row.abandoned)
        for row in tx.scalars(select(CallCount).where(CallCount.slot < until))
    }
    truth = _counted_between(tx, since, until)
    nothing = Counted(0, 0)
    wrong = {
        key: truth.get(key, nothing)
        for key in truth.keys() | kept.keys()
        if truth.get(key, nothing) != kept.get(key, nothing)
    }
    for (campaign, slot, pbx), found in wrong.items():
        tx.execute(
            delete(CallCount).where(
                CallCount.campaign_id == campaign, CallCount.slot == slot, CallCount.pbx == pbx
            )
        )
        tx.execute(insert(CallCount).values(campaign_id=campaign, slot=slot, pbx=pbx, **found._asdict()))
    return len(wrong)


def _counted_between(
    tx: Transaction, since: datetime, until: datetime
) -> dict[tuple[int, datetime, str], Counted]:
    """The same from the calls themselves."""
    found: dict[tuple[int, datetime, str], Counted] = {}
    chosen = select(
        Attempt.campaign_id,
        Attempt.pbx,
        Attempt.created_at,
        Attempt.answered_at,
        Attempt.outcome,
        Attempt.abandoned,
    ).where(
        Attempt.campaign_id.is_not(None),
        Attempt.created_at >= since,
        Attempt.created_at < until,
        or_(Attempt.answered_at.is_not(None), Attempt.abandoned),
    )
    for campaign, pbx, created_at, answered_at, outcome, alone in tx.execute(chosen):
        if campaign is None:
            continue
        key = campaign, slot_of(created_at), pbx
        one, before = counted(answered_at, outcome, abandoned=alone), found.get(key, Counted(0, 0))
        found[key] = Counted(before.answered + one.answered, before.abandoned + one.abandoned)
    return found

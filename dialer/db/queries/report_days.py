"""What each report counts of a stretch of time, in one or two statements over indexes of times."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, and_, case, exists, func, or_, select

from callbacks.lifecycle import PromiseState
from dialer.core.agents.my_day import RESOLVED_AFTER
from dialer.core.calling.caller_story import SHORT_S, SOON_S
from dialer.core.calling.disposition import Disposition
from dialer.core.organisation.house_words import label_of
from dialer.core.reporting.day_report import DayLine
from dialer.core.surveys.promoter_score import DETRACTS_UNTIL, PROMOTES_FROM
from dialer.db.models import (
    Attempt,
    Campaign,
    DispositionRow,
    InboundCall,
    Promise,
    ReportDay,
    ReportMailing,
    Survey,
)
from dialer.db.queries import agent_days, organisation
from dialer.db.session import Transaction
from telephony.calls.events import Outcome

PROMISED: Final = "(promises)"
NOT_SAID: Final = "(not said)"
WE_RANG: Final = "we rang"
THEY_RANG: Final = "they rang"
DAY_S: Final = 86_400.0
MILLISECONDS: Final = 3  # digits of a second
WORDS_OF_CONTACTS: Final = (
    Disposition.SAVED,
    Disposition.OFFER_MADE,
    Disposition.LOST,
    Disposition.CALL_AGAIN,
    Disposition.OPT_OUT,
)

#: names, then counts in the order of the report's columns
Counted = tuple[tuple[str, ...], tuple[float, ...]]
ReadDay = Callable[[Transaction, datetime, datetime], Sequence[Counted]]


def contacts(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Calls placed in this time by campaign."""
    names = {row.id: row.name for row in tx.execute(select(Campaign.id, Campaign.name))}
    chosen = (
        select(
            Attempt.campaign_id,
            func.count(),
            _count(Attempt.answered_at.is_not(None), _no_machine()),
            _count(Attempt.connected_at.is_not(None)),
            _count(Attempt.abandoned),
            *(_count(DispositionRow.disposition == word) for word in WORDS_OF_CONTACTS),
            _total(Attempt.talk_s),
        )
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .where(Attempt.created_at >= since, Attempt.created_at < until)
        .group_by(Attempt.campaign_id)
    )
    return [((names.get(key or 0, PROMISED),), _floats(counts)) for key, *counts in tx.execute(chosen)]


def agents(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Talks that began in this time by agent."""
    rung = (
        select(
            Attempt.agent,
            func.count(),
            _count(DispositionRow.id.is_not(None)),
            _count(DispositionRow.disposition == Disposition.SAVED),
            _count(DispositionRow.disposition == Disposition.LOST),
            _count(Promise.state == PromiseState.KEPT),
            _total(Attempt.talk_s),
        )
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .join(Promise, Promise.id == Attempt.promise_id, isouter=True)
        .where(Attempt.created_at >= since, Attempt.created_at < until)
        .where(Attempt.agent.is_not(None), Attempt.connected_at.is_not(None))
        .group_by(Attempt.agent)
    )
    rang_in = (
        select(
            InboundCall.agent,
            func.count(),
            _count(InboundCall.disposition.is_not(None)),
            _count(InboundCall.disposition == Disposition.SAVED),
            _count(InboundCall.disposition == Disposition.LOST),
            _total(InboundCall.talk_s),
        )
        .where(InboundCall.joined_at >= since, InboundCall.joined_at < until)
        .where(InboundCall.agent.is_not(None), InboundCall.connected_at.is_not(None))
        .group_by(InboundCall.agent)
    )
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * 7)
    for agent, talks, words, saved, lost, kept, talk_s in tx.execute(rung):
        _add(sums[agent or ""], (talks, 0, words, saved, lost, kept, talk_s))
    for agent, talks, words, saved, lost, talk_s in tx.execute(rang_in):
        _add(sums[agent or ""], (talks, talks, words, saved, lost, 0, talk_s))
    return [((agent,), tuple(counts)) for agent, counts in sums.items()]


def promises(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Promises made in this time by queue, as they stand now."""
    first = select(func.min(Attempt.created_at)).where(Attempt.promise_id == Promise.id).scalar_subquery()
    ends = (PromiseState.KEPT, PromiseState.SETTLED, PromiseState.CANCELLED, PromiseState.CLOSED)
    chosen = (
        select(
            Promise.queue,
            func.count(),
            *(_count(Promise.state == state) for state in ends),
            _count(Promise.ended_at.is_(None)),
            _count(Promise.said_until.is_not(None)),
            _count(Promise.said_until.is_not(None), first >= Promise.said_from, first <= Promise.said_until),
        )
        .where(Promise.made_at >= since, Promise.made_at < until)
        .group_by(Promise.queue)
    )
    return [((queue,), _floats(counts)) for queue, *counts in tx.execute(chosen)]


def service_level(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Callers who joined in this time by queue; counted as `caller_story` does it."""
    connected, call = InboundCall.connected_at.is_not(None), InboundCall
    promised = exists().where(Promise.source_call == call.caller)
    gave_up = and_(~connected, ~promised, call.abandoned)
    waited = _seconds(tx, call.joined_at, func.coalesce(call.connected_at, call.left_at))
    chosen = (
        select(
            call.queue,
            func.count(),
            _count(connected),
            _count(gave_up),
            _count(~connected, promised),
            _count(connected, waited <= SOON_S),
            _count(or_(connected, and_(gave_up, waited >= SHORT_S))),
            _total(case((connected, waited), else_=0.0)),
            _total(call.talk_s),
        )
        .where(call.joined_at >= since, call.joined_at < until)
        .group_by(call.queue)
    )
    return [((queue,), _floats(counts)) for queue, *counts in tx.execute(chosen)]


def resolution(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Talks that began in this time with somebody known, and those that no other followed within a week."""
    talks: list[tuple[str, int | None, str, datetime]] = []
    for way, table, began in (
        (WE_RANG, Attempt, Attempt.created_at),
        (THEY_RANG, InboundCall, InboundCall.joined_at),
    ):
        chosen = select(table.customer_id, table.e164, table.connected_at).where(
            began >= since, began < until, table.connected_at.is_not(None)
        )
        talks += [(way, customer, e164, at) for customer, e164, at in tx.execute(chosen) if at is not None]
    known = [talk for talk in talks if talk[1] is not None or talk[2].startswith("+")]
    customers = sorted({talk[1] for talk in known if talk[1] is not None})
    numbers = sorted({talk[2] for talk in known if talk[1] is None})
    by_customer, by_number = agent_days.contacts_of(tx, customers, numbers, since)
    sums: dict[str, list[float]] = {}
    for way, customer, e164, at in known:
        others = by_customer[customer] if customer is not None else by_number[e164]
        again = any(at < other <= at + RESOLVED_AFTER for other in others)
        _add(sums.setdefault(way, [0.0, 0.0]), (1, 0 if again else 1))
    return [((way,), tuple(counts)) for way, counts in sums.items()]


def reasons(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Talks that began in this time by what the agent said they were about."""
    sums: dict[str, list[float]] = {}
    for row in agent_days.reasons_since(tx, since, until):
        rung, rang_in = (0, row.talks) if row.rang_in else (row.talks, 0)
        place = sums.setdefault(row.reason.value if row.reason else NOT_SAID, [0.0] * 5)
        _add(place, (row.talks, rung, rang_in, row.saved, row.lost))
    return [((reason,), tuple(counts)) for reason, counts in sums.items()]


def words(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Talks that began in this time by the house's word for what came of them, labelled as it is now."""
    rung = (
        select(DispositionRow.disposition, DispositionRow.said_as, func.count(), _total(Attempt.talk_s))
        .select_from(Attempt)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .where(Attempt.created_at >= since, Attempt.created_at < until, Attempt.connected_at.is_not(None))
        .group_by(DispositionRow.disposition, DispositionRow.said_as)
    )
    rang_in = (
        select(InboundCall.disposition, InboundCall.said_as, func.count(), _total(InboundCall.talk_s))
        .where(InboundCall.joined_at >= since, InboundCall.joined_at < until)
        .where(InboundCall.connected_at.is_not(None))
        .group_by(InboundCall.disposition, InboundCall.said_as)
    )
    house = organisation.house_words(tx)
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * 4)
    for chosen, (we_rang, they_rang) in ((rung, (1, 0)), (rang_in, (0, 1))):
        for meaning, said_as, talks, talk_s in tx.execute(chosen):
            said = (label_of(house, meaning, said_as or ""), meaning.value) if meaning else (NOT_SAID, "")
            _add(sums[said], (talks, talks * we_rang, talks * they_rang, talk_s))
    return [(said, tuple(counts)) for said, counts in sums.items()]


def promoters(tx: Transaction, since: datetime, until: datetime) -> Sequence[Counted]:
    """Customers who were asked in this time, and what they answered, by the queue of the talk."""
    queue = func.coalesce(Attempt.queue, InboundCall.queue, "")
    score = Survey.score
    chosen = (
        select(
            queue,
            func.count(),
            _count(score.is_not(None)),
            _count(score >= PROMOTES_FROM),
            _count(score > DETRACTS_UNTIL, score < PROMOTES_FROM),
            _count(score <= DETRACTS_UNTIL),
        )
        .select_from(Survey)
        .join(Attempt, Attempt.id == Survey.attempt_id, isouter=True)
        .join(InboundCall, InboundCall.id == Survey.inbound_call_id, isouter=True)
        .where(Survey.asked_at >= since, Survey.asked_at < until)
        .group_by(Attempt.queue, InboundCall.queue)
    )
    return [((name,), _floats(counts)) for name, *counts in tx.execute(chosen)]


READ_DAY: Final[Mapping[str, ReadDay]] = {
    "contacts": contacts,
    "agents": agents,
    "promises": promises,
    "service-level": service_level,
    "resolution": resolution,
    "reasons": reasons,
    "words": words,
    "promoters": promoters,
}


def _count(*conditions: ColumnElement[bool] | Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)


def _total(column: Any) -> ColumnElement[float]:
    return func.coalesce(func.sum(column), 0.0)


def _no_machine() -> ColumnElement[bool]:
    return or_(Attempt.outcome.is_(None), Attempt.outcome != Outcome.MACHINE)


def _seconds(tx: Transaction, since: Any, until: Any) -> ColumnElement[float]:
    """Seconds from one moment to the other, by the database."""
    if tx.get_bind().dialect.name == "postgresql":
        return func.extract("epoch", until - since).cast(Float)
    # a Julian day has some forty microseconds of noise: who waited 5 s is not to have waited 4.99999
    return func.round((func.julianday(until) - func.julianday(since)) * DAY_S, MILLISECONDS)


def _floats(counts: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(count) for count in counts)


def _add(sums: list[float], more: Sequence[float]) -> None:
    for number, count in enumerate(more):
        sums[number] += count


def kept(tx: Transaction, report: str, first: date, last: date) -> dict[date, list[DayLine]]:
    """The figures that are kept of these days."""
    chosen = select(ReportDay.day, ReportDay.lines).where(
        ReportDay.report == report, ReportDay.day >= first, ReportDay.day <= last
    )
    return {
        day: [DayLine(day=day, keys=tuple(keys), counts=tuple(counts)) for keys, counts in lines]
        for day, lines in tx.execute(chosen)
    }


def days_kept(tx: Transaction, report: str, first: date) -> frozenset[date]:
    """The days from `first` on of which figures are kept."""
    chosen = select(ReportDay.day).where(ReportDay.report == report, ReportDay.day >= first)
    return frozenset(tx.scalars(chosen))


def keep(tx: Transaction, report: str, day: date, lines: Sequence[DayLine], now: datetime) -> None:
    """Keep the figures of a day, instead of what was kept of it before."""
    keep_rows(tx, report, day, [[list(line.keys), list(line.counts)] for line in lines], now)


def keep_rows(tx: Transaction, report: str, day: date, rows: Sequence[Any], now: datetime) -> None:
    """The same of a report whose rows are no sums."""
    tx.merge(ReportDay(report=report, day=day, read_at=now, lines=list(rows)))


def newest(tx: Transaction, report: str, last: date) -> list[Any]:
    """The rows that were kept last, up to this day; none where there are none."""
    chosen = select(ReportDay.lines).where(ReportDay.report == report, ReportDay.day <= last)
    return tx.scalar(chosen.order_by(ReportDay.day.desc()).limit(1)) or []


def mailings(tx: Transaction) -> Sequence[ReportMailing]:
    """Every report that is sent again and again, oldest first."""
    return tx.scalars(select(ReportMailing).order_by(ReportMailing.id)).all()

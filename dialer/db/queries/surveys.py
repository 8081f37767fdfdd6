"""Whom to ask how a talk went, whom we asked, and what they answered."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import exists, select

from dialer.core.calling.disposition import Disposition
from dialer.core.surveys.promoter_score import SurveyWay
from dialer.db.models import Attempt, Customer, DispositionRow, DoNotCall, InboundCall, Prohibition, Survey
from dialer.db.session import Transaction

LONGEST_CALL: Final = timedelta(hours=6)  # a call that ended now began within


class EndedTalk(NamedTuple):
    """A talk that is over, with a customer who may be asked."""

    attempt: str | None
    inbound: int | None
    customer: int
    e164: str
    language: str
    attributes: dict[str, Any]


def talks_over(
    tx: Transaction, since: datetime, until: datetime, words: Collection[Disposition], limit: int
) -> Sequence[EndedTalk]:
    """Talks that ended in this time with one of these words and were not asked about.

    Nobody who objected, or whose number is on the do-not-call list, is among them.
    """
    about = (Customer.id, Customer.language, Customer.attributes)
    rung = (
        select(Attempt.id, Attempt.e164, *about)
        .join(Customer, Customer.id == Attempt.customer_id)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id)
        .where(
            Attempt.created_at >= since - LONGEST_CALL, Attempt.ended_at >= since, Attempt.ended_at < until
        )
        .where(DispositionRow.disposition.in_(words), *_askable(Attempt.e164))
        .where(~exists().where(Survey.attempt_id == Attempt.id))
        .limit(limit)
    )
    rang_in = (
        select(InboundCall.id, InboundCall.e164, *about)
        .join(Customer, Customer.id == InboundCall.customer_id)
        .where(
            InboundCall.joined_at >= since - LONGEST_CALL,
            InboundCall.ended_at >= since,
            InboundCall.ended_at < until,
        )
        .where(InboundCall.disposition.in_(words), *_askable(InboundCall.e164))
        .where(~exists().where(Survey.inbound_call_id == InboundCall.id))
        .limit(limit)
    )
    return [
        *(EndedTalk(call, None, *rest) for call, *rest in _in_order(tx, rung)),
        *(EndedTalk(None, call, *rest) for call, *rest in _in_order(tx, rang_in)),
    ][:limit]


class TalkOnLine(NamedTuple):
    """A talk whose customer is still on the line, and what the agent said of it as yet."""

    talk: EndedTalk
    word: Disposition | None


def talk_on_line(tx: Transaction, pbx: str, call: str) -> TalkOnLine | None:
    """The talk of this call, an attempt's or a live caller's; None where there was none, or nobody to ask.

    Nobody who objected, whose number is on the do-not-call list, or who was asked about it is asked.
    """
    about = (Customer.id, Customer.language, Customer.attributes)
    rung = (
        select(Attempt.id, Attempt.e164, *about, DispositionRow.disposition)
        .join(Customer, Customer.id == Attempt.customer_id)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .where(Attempt.id == call, Attempt.connected_at.is_not(None), *_askable(Attempt.e164))
        .where(~exists().where(Survey.attempt_id == Attempt.id))
    )
    rang_in = (
        select(InboundCall.id, InboundCall.e164, *about, InboundCall.disposition)
        .join(Customer, Customer.id == InboundCall.customer_id)
        .where(InboundCall.pbx == pbx, InboundCall.caller == call, InboundCall.connected_at.is_not(None))
        .where(*_askable(InboundCall.e164), ~exists().where(Survey.inbound_call_id == InboundCall.id))
    )
    row = tx.execute(rung).first()
    if row is not None:
        attempt, e164, customer, language, attributes, word = row
        return TalkOnLine(EndedTalk(attempt, None, customer, e164, language, attributes), word)
    own = tx.execute(rang_in).first()
    if own is None:
        return None
    inbound, e164, customer, language, attributes, word = own
    return TalkOnLine(EndedTalk(None, inbound, customer, e164, language, attributes), word)


def asked_of(tx: Transaction, customer: int) -> Sequence[datetime]:
    """When this customer was asked before."""
    return tx.scalars(select(Survey.asked_at).where(Survey.customer_id == customer)).all()


def add(tx: Transaction, talk: EndedTalk, way: SurveyWay, now: datetime) -> int:
    """Write down that a customer is asked about a talk; its id."""
    row = Survey(
        attempt_id=talk.attempt,
        inbound_call_id=talk.inbound,
        customer_id=talk.customer,
        way=way,
        asked_at=now,
    )
    tx.add(row)
    tx.flush()
    return row.id


def find(tx: Transaction, survey: int) -> Survey | None:
    """One question that was put."""
    return tx.get(Survey, survey)


def _askable(number: Any) -> tuple[Any, ...]:
    return (
        ~exists().where(Prohibition.customer_id == Customer.id),
        ~exists().where(DoNotCall.e164 == number),
    )


def _in_order(tx: Transaction, chosen: Any) -> Sequence[tuple[Any, ...]]:
    return [
        (call, customer, e164, language, attributes)
        for call, e164, customer, language, attributes in tx.execute(chosen)
    ]

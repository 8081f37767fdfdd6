"""What is learned afterwards: outcomes of customers, effects of campaigns, who answers when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select, update

from dialer.core.calling.attempt import AttemptState
from dialer.core.calling.disposition import Disposition as DispositionWord
from dialer.db.models import (
    AssignmentRow,
    Attempt,
    Campaign,
    ChurnLabelRow,
    ContactModelRow,
    Customer,
    CustomerNumber,
    DialingRegion,
    DispositionRow,
    ModelVersion,
    SaveRateEstimate,
    Score,
)
from dialer.db.queries.bulk_rows import is_one_of, put_rows
from dialer.db.session import Transaction


def ids_by_external(tx: Transaction, external: Collection[str]) -> dict[str, int]:
    """The database's own numbers of customers, by the company's ids."""
    chosen = select(Customer.external_id, Customer.id).where(is_one_of(tx, Customer.external_id, external))
    return {row[0]: row[1] for row in tx.execute(chosen)}


def customer_ids(tx: Transaction, after: int, limit: int) -> Sequence[int]:
    """The next customers' numbers, for going through all of them piece by piece."""
    return tx.scalars(select(Customer.id).where(Customer.id > after).order_by(Customer.id).limit(limit)).all()


class LatestOutcome(NamedTuple):
    """What was said last of a customer."""

    customer_id: int
    left: bool
    at: datetime
    known_at: datetime

    @property
    def dated(self) -> bool:
        """Whether the moment was told, and is not that of the telling."""
        return self.at != self.known_at


def latest_outcomes(tx: Transaction, customers: Collection[int]) -> dict[int, LatestOutcome]:
    """What was said last of each of these customers."""
    chosen = select(ChurnLabelRow.customer_id, ChurnLabelRow.left, ChurnLabelRow.at, ChurnLabelRow.known_at)
    rows = tx.execute(chosen.where(ChurnLabelRow.id.in_(_newest(tx, customers))))
    return {row[0]: LatestOutcome._make(row) for row in rows}


def last_words(tx: Transaction, customers: Collection[int], since: datetime) -> dict[int, tuple[bool, bool]]:
    """Whether each of these customers was said last to have left, and whether that is so since a moment."""
    chosen = select(ChurnLabelRow.customer_id, ChurnLabelRow.left, ChurnLabelRow.at >= since)
    rows = tx.connection().execute(chosen.where(ChurnLabelRow.id.in_(_newest(tx, customers))))
    return {customer: (left, recent) for customer, left, recent in rows}


def _newest(tx: Transaction, customers: Collection[int]) -> Select[int]:
    return (
        select(func.max(ChurnLabelRow.id))
        .where(is_one_of(tx, ChurnLabelRow.customer_id, customers))
        .group_by(ChurnLabelRow.customer_id)
    )


def last_told(tx: Transaction) -> dict[int, datetime]:
    """Of which moment was said last whether each customer had left."""
    newest = select(func.max(ChurnLabelRow.id)).group_by(ChurnLabelRow.customer_id)
    chosen = select(ChurnLabelRow.customer_id, ChurnLabelRow.at).where(ChurnLabelRow.id.in_(newest))
    return {row[0]: row[1] for row in tx.execute(chosen)}


def last_word(tx: Transaction) -> dict[int, bool]:
    """Whether it was said last of each customer that they left."""
    newest = select(func.max(ChurnLabelRow.id)).group_by(ChurnLabelRow.customer_id)
    chosen = select(ChurnLabelRow.customer_id, ChurnLabelRow.left).where(ChurnLabelRow.id.in_(newest))
    return {row[0]: row[1] for row in tx.execute(chosen)}


def add_outcomes(tx: Transaction, rows: Sequence[tuple[int, bool, datetime, datetime, str]]) -> None:
    """Add what was said: customer, left, when, known when, source; nothing ever changes or removes it."""
    put_rows(tx, "churn_label", ("customer_id", "left", "at", "known_at", "source"), rows)


def known_after(tx: Transaction, since: datetime) -> dict[str, datetime]:
    """Customers, by the company's ids, of whom an outcome became known after a moment: when it did last."""
    chosen = (
        select(Customer.external_id, func.max(ChurnLabelRow.known_at))
        .join(Customer, Customer.id == ChurnLabelRow.customer_id)
        .where(ChurnLabelRow.known_at > since)
        .group_by(Customer.external_id)
    )
    return {row[0]: row[1] for row in tx.execute(chosen)}


def matured_scores(tx: Transaction, model: int) -> list[tuple[float, bool]]:
    """A model's risk of each customer, and whether one left, where that became known after the scoring.

    Risk is the chance of leaving uncalled, so whom any campaign was to call is left aside.
    """
    called = (
        select(AssignmentRow.customer_id)
        .join(Campaign, Campaign.id == AssignmentRow.campaign_id)
        .where(AssignmentRow.call, Campaign.started_at.is_not(None))
    )
    newest = (
        select(func.max(ChurnLabelRow.id).label("id"))
        .join(Score, Score.customer_id == ChurnLabelRow.customer_id)
        .where(Score.model_id == model, ChurnLabelRow.known_at > Score.scored_at)
        .where(ChurnLabelRow.customer_id.not_in(called))
        .group_by(ChurnLabelRow.customer_id)
    ).subquery()
    chosen = (
        select(Score.risk, ChurnLabelRow.left)
        .join(newest, newest.c.id == ChurnLabelRow.id)
        .join(Score, (Score.customer_id == ChurnLabelRow.customer_id) & (Score.model_id == model))
    )
    return [(risk, left) for risk, left in tx.execute(chosen)]


# What calling changed -------------------------------------------------------------------------------


class Spent(NamedTuple):
    """What was spent on one lead, in calls and offers."""

    answered: int = 0  # calls that reached somebody
    in_vain: int = 0  # calls that rang and did not
    offered: bool = False


def spent_by_lead(tx: Transaction, campaign: int) -> dict[int, Spent]:
    """What was spent on each lead that was rung.

    An offer cost something where an agent said that one was made, and where a customer was saved by a
    campaign that has one.
    """
    answered = Attempt.answered_at.is_not(None)
    chosen = (
        select(
            Attempt.lead_id,
            func.count().filter(answered),
            func.count().filter(~answered, Attempt.counted, Attempt.state == AttemptState.FINISHED),
        )
        .where(Attempt.campaign_id == campaign, Attempt.lead_id.is_not(None))
        .group_by(Attempt.lead_id)
    )
    said = (
        select(Attempt.lead_id)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(Attempt.campaign_id == campaign, Attempt.lead_id.is_not(None))
        .where(
            or_(
                DispositionRow.disposition == DispositionWord.OFFER_MADE,
                (DispositionRow.disposition == DispositionWord.SAVED) & (Campaign.offer != ""),
            )
        )
    )
    offered = set(tx.scalars(said))
    return {
        lead: Spent(answered=reached, in_vain=in_vain, offered=lead in offered)
        for lead, reached, in_vain in tx.execute(chosen)
        if lead is not None
    }


def add_save_rate(tx: Transaction, **values: Any) -> None:
    """Keep what a call is taken to keep of leavers."""
    tx.add(SaveRateEstimate(**values))


def latest_save_rate(tx: Transaction) -> dict[str, Any] | None:
    """What was settled last, as plain values."""
    chosen = select(SaveRateEstimate.body).order_by(SaveRateEstimate.id.desc()).limit(1)
    return tx.scalars(chosen).one_or_none()


# Who answers when -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedAttempt:
    """One attempt that rang, as learning reads it."""

    lead: int | None
    promise: int | None
    customer: int | None
    number: str
    zones: list[str]
    made_at: datetime
    answered: bool
    drawn: bool  # at an hour that chance drew


def finished_attempts(tx: Transaction, limit: int) -> list[FinishedAttempt]:
    """The newest finished attempts that count, oldest first."""
    chosen = (
        select(
            Attempt.lead_id,
            Attempt.promise_id,
            Attempt.customer_id,
            Attempt.e164,
            DialingRegion.zones,
            Attempt.created_at,
            Attempt.answered_at,
            Attempt.slot_propensity,
        )
        .join(
            CustomerNumber,
            (CustomerNumber.customer_id == Attempt.customer_id) & (CustomerNumber.e164 == Attempt.e164),
        )
        .join(DialingRegion, DialingRegion.id == CustomerNumber.dialing_region_id)
        .where(Attempt.state == AttemptState.FINISHED, Attempt.counted)  # the others rang nobody
        .order_by(Attempt.created_at.desc(), Attempt.id)
        .limit(limit)
    )
    rows = [
        FinishedAttempt(
            lead=lead,
            promise=promise,
            customer=customer,
            number=number,
            zones=zones,
            made_at=made,
            answered=answered is not None,
            drawn=drawn is not None,
        )
        for lead, promise, customer, number, zones, made, answered, drawn in tx.execute(chosen)
    ]
    return rows[::-1]


def add_contact(tx: Transaction, **values: Any) -> None:
    """Keep what was learned of answering."""
    tx.add(ContactModelRow(**values))


def latest_contact(tx: Transaction) -> tuple[int, datetime, int] | None:
    """The newest learning: number, time, attempts; cheap enough for every look for work."""
    chosen = select(ContactModelRow.id, ContactModelRow.learned_at, ContactModelRow.attempts)
    row = tx.execute(chosen.order_by(ContactModelRow.id.desc()).limit(1)).one_or_none()
    return (row[0], row[1], row[2]) if row is not None else None


def contact_body(tx: Transaction, learned: int) -> dict[str, Any]:
    """What was learned, as plain values."""
    return tx.get_one(ContactModelRow, learned).body


# The life of a model --------------------------------------------------------------------------------


def find_model(tx: Transaction, model: int) -> ModelVersion | None:
    """One model version."""
    return tx.get(ModelVersion, model)


def set_role(tx: Transaction, model: int, role: str) -> None:
    """Say what a model is for: champion, challenger or retired."""
    tx.execute(update(ModelVersion).where(ModelVersion.id == model).values(role=role))

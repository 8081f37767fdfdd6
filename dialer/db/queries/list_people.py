"""Who could be on a list: counted, read in the list's order, and looked at in a sample of the customers."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true

from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.core.calling.list_filter import ListFilter
from dialer.core.calling.list_preview import ListTotals, SeenCustomer
from dialer.core.calling.shared_numbers import SharingRecord
from dialer.db.models import Campaign, ChurnLabelRow, Customer, CustomerNumber, Lead, Score
from dialer.db.queries.bulk_rows import is_one_of
from dialer.db.queries.customer_sets import is_in
from dialer.db.queries.list_conditions import holds
from dialer.db.queries.sources import closed_customers
from dialer.db.session import Transaction

READ_AT_ONCE: Final = 5_000  # customers, where all of them are walked through; bounds memory


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAsked:
    """Who is asked for: a filter, the model whose scores it is about, and the moment of asking."""

    filters: ListFilter
    model: int | None
    now: datetime


#: one customer who could be listed, with what the model in use says: Winback's id of them, the company's,
#: their household, risk, value, gain, uplift, and whether they reach the least risk and gain and a call does
#: no harm
Considered = tuple[int, str, str | None, float | None, float | None, float | None, float | None, int]


def totals(tx: Transaction, asked: ListAsked) -> ListTotals:
    """Count everybody once."""
    passes, out = _passes(asked.filters), func.coalesce(Score.left_out, false())
    taken, gain = and_(passes, ~out), Score.expected_gain
    counted = (
        true(),
        passes,
        and_(passes, out),
        and_(taken, gain < 0),
        and_(taken, gain >= max(0.0, asked.filters.min_gain or 0.0)),
        is_in(_waiting(), few=False),
    )
    sums = (func.coalesce(func.sum(case((what, 1), else_=0)), 0) for what in counted)
    chosen = _with_number(select(*sums).select_from(Customer), asked.model)
    return ListTotals._make(
        int(count) for count in tx.execute(chosen.where(*_conditions(tx, asked, few=False))).one()
    )


def numbers_and_gain(tx: Transaction, asked: ListAsked, limit: int) -> tuple[int, float]:
    """Of the first `limit` on a list: how many telephones are rung at first, and what calls are to bring."""
    listed = (
        _with_number(select(CustomerNumber.e164, Score.expected_gain).select_from(Customer), asked.model)
        .where(
            *_conditions(tx, asked, few=False),
            _passes(asked.filters),
            ~func.coalesce(Score.left_out, false()),
        )
        .order_by(*_ORDER)
        .limit(limit)
    ).subquery()
    numbers, gain = tx.execute(
        select(func.count(listed.c.e164.distinct()), func.sum(listed.c.expected_gain))
    ).one()
    return numbers or 0, float(gain or 0.0)


def considered(tx: Transaction, asked: ListAsked) -> Iterator[Sequence[Considered]]:
    """Every customer with a number who meets the conditions, a part at a time as they are read.

    Most expected gain first.
    """
    fits = and_(_passes(asked.filters), ~func.coalesce(Score.left_out, false()))
    columns = (
        Customer.id,
        Customer.external_id,
        Customer.household,
        Score.risk,
        Score.value,
        Score.expected_gain,
        Score.uplift,
        case((fits, 1), else_=0),
    )
    chosen = (
        _with_number(select(*columns).select_from(Customer), asked.model)
        .where(*_conditions(tx, asked, few=False))
        .order_by(*_ORDER)
    )
    # past the session, which makes each row anew
    found = tx.connection().execution_options(yield_per=READ_AT_ONCE).execute(chosen)
    return cast("Iterator[Sequence[Considered]]", found.partitions())


def gains(tx: Transaction, asked: ListAsked, top: int | None) -> list[float]:
    """What a call to each of the first `top` on a list is to bring, most first; 0 where nothing is known.

    Those with a score are read in the order of an index, and none behind the last who is on the list: it
    costs what the list takes, not what the book holds.
    """
    few = top is not None
    conditions = _conditions(tx, asked, few=few)
    first = (CustomerNumber.customer_id == Customer.id) & (CustomerNumber.position == 0)
    chosen = (
        select(Score.expected_gain)
        .join(Customer, Customer.id == Score.customer_id)
        .join(CustomerNumber, first)
        .where(Score.model_id == asked.model, Score.left_out.is_(False), _passes(asked.filters), *conditions)
        .order_by(Score.expected_gain.desc())
        .limit(top)
    )
    found = list(tx.scalars(chosen)) if asked.model is not None else []
    if (top is not None and len(found) >= top) or asked.filters.by_score:
        return found
    unknown = select(Score.customer_id).where(Score.model_id == asked.model)
    chosen = select(Customer.id).join(CustomerNumber, first).where(*conditions, ~is_in(unknown, few=few))
    rest = chosen.limit(top - len(found) if top is not None else None).subquery()
    return found + [0.0] * (tx.scalar(select(func.count()).select_from(rest)) or 0)


def seen(tx: Transaction, asked: ListAsked, among: Collection[int] | None) -> list[SeenCustomer]:
    """What each condition says of the customers who could be on a list, only of those `among` these ids."""
    filters = asked.filters
    flags = [holds(tx, each, asked.now, few=True) for each in filters.narrowed.where]
    on_others = is_in(_on(filters), few=True) if filters.narrowed.not_on else false()
    chosen = _with_number(
        select(
            Customer.id,
            CustomerNumber.e164,
            Score.risk,
            Score.expected_gain,
            func.coalesce(Score.left_out, false()),
            on_others,
            is_in(_waiting(), few=True),
            *flags,
        ).select_from(Customer),
        asked.model,
    ).where(*_who_may_be(asked, few=True))
    if among is not None:
        chosen = chosen.where(is_one_of(tx, Customer.id, among))
    return [
        SeenCustomer(key, e164, risk, gain, bool(out), bool(others), bool(waiting), tuple(map(bool, meets)))
        for key, e164, risk, gain, out, others, waiting, *meets in tx.connection().execute(chosen).all()
    ]


def count_up_to(tx: Transaction, limit: int) -> int:
    """How many customers there are, or `limit` where there are more: counting a million takes its time."""
    some = select(Customer.id).limit(limit).subquery()
    return tx.scalar(select(func.count()).select_from(some)) or 0


def id_span(tx: Transaction) -> range:
    """From the lowest of the customers' ids to the highest."""
    lowest, highest = tx.scalar(select(func.min(Customer.id))), tx.scalar(select(func.max(Customer.id)))
    return range(lowest or 0, (highest or -1) + 1)


def count_ids(tx: Transaction, among: Collection[int]) -> int:
    """How many of these ids are customers'."""
    return tx.scalar(select(func.count()).select_from(Customer).where(is_one_of(tx, Customer.id, among))) or 0


class Described(NamedTuple):
    """The company's own id of a customer, their name, and what their score rests on."""

    external_id: str
    name: str
    reasons: list[dict[str, Any]]


def described(tx: Transaction, model: int | None, ids: Sequence[int]) -> dict[int, Described]:
    """A few customers by Winback's own ids."""
    chosen = (
        select(Customer.id, Customer.external_id, Customer.name, Score.reasons)
        .outerjoin(Score, (Score.customer_id == Customer.id) & (Score.model_id == model))
        .where(Customer.id.in_(ids))
    )
    return {
        key: Described(external, name, reasons or []) for key, external, name, reasons in tx.execute(chosen)
    }


def sharing(tx: Transaction) -> list[SharingRecord]:
    """Every record that has a number which another one has too."""
    twice = (
        select(CustomerNumber.e164).group_by(CustomerNumber.e164).having(func.count() > 1).scalar_subquery()
    )
    chosen = (
        select(CustomerNumber.e164, Customer.external_id, Customer.household)
        .join(Customer, Customer.id == CustomerNumber.customer_id)
        .where(CustomerNumber.e164.in_(twice))
        .order_by(CustomerNumber.e164, Customer.id)
    )
    return [SharingRecord(row[0], row[1], row[2]) for row in tx.execute(chosen)]


_ORDER: Final = (
    Score.expected_gain.desc().nulls_last(),
    Score.risk.desc(),
    Customer.id,
)


def _with_number(chosen: Any, model: int | None) -> Any:
    """Customers who can be rung at all, with their score by a model where they have one."""
    first = (CustomerNumber.customer_id == Customer.id) & (CustomerNumber.position == 0)
    return chosen.join(CustomerNumber, first).outerjoin(
        Score, (Score.customer_id == Customer.id) & (Score.model_id == model)
    )


def _passes(filters: ListFilter) -> ColumnElement[bool]:
    """Whether somebody reaches the least risk and gain; who has no score reaches none."""
    least: list[ColumnElement[bool]] = [true()]
    if filters.min_risk is not None:
        least.append(func.coalesce(Score.risk >= filters.min_risk, false()))
    if filters.min_gain is not None:
        least.append(func.coalesce(Score.expected_gain >= filters.min_gain, false()))
    return and_(*least)


def _conditions(tx: Transaction, asked: ListAsked, *, few: bool) -> list[ColumnElement[bool]]:
    """Who can be meant, and meets the conditions."""
    narrowed = asked.filters.narrowed
    conditions = _who_may_be(asked, few=few)
    flags = [holds(tx, each, asked.now, few=few) for each in narrowed.where]
    if flags:
        conditions.append(or_(*flags) if narrowed.any_of else and_(*flags))
    if narrowed.not_on:
        conditions.append(~is_in(_on(asked.filters), few=few))
    return conditions


def _who_may_be(asked: ListAsked, *, few: bool) -> list[ColumnElement[bool]]:
    """Who can be meant at all; who is known to have left is no longer there to be kept."""
    conditions = [_equals(name, value) for name, value in asked.filters.equals.items()]
    conditions.append(~is_in(closed_customers(), few=few))
    if not asked.filters.with_left:
        conditions.append(~_has_left())
    return conditions


def _has_left() -> ColumnElement[bool]:
    """Whether what was said last of a customer is that they left; looked up by index for each."""
    said = select(ChurnLabelRow.left).where(ChurnLabelRow.customer_id == Customer.id)
    last = said.order_by(ChurnLabelRow.id.desc()).limit(1).correlate(Customer)
    return func.coalesce(last.scalar_subquery(), false())


def _on(filters: ListFilter) -> Any:
    return select(Lead.customer_id).where(Lead.campaign_id.in_(filters.narrowed.not_on))


def _waiting() -> Any:
    """Customers who wait on the list of a campaign that is not finished."""
    going = select(Lead.customer_id).join(Campaign, Campaign.id == Lead.campaign_id)
    return going.where(Lead.state == LeadState.LISTED, Campaign.state != CampaignState.FINISHED)


def _equals(name: str, value: Any) -> ColumnElement[bool]:
    """One attribute of the customer file has this value, as text or as a number."""
    held = Customer.attributes[name]
    same: ColumnElement[bool]
    if isinstance(value, bool):
        same = held.as_boolean() == value
    elif isinstance(value, int | float):
        same = held.as_float() == float(value)
    else:
        same = held.as_string() == str(value)
    return same

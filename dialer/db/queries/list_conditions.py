"""Conditions on the customers' own columns as SQL, and which columns there are."""

import operator
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, false, func, or_, select

from dialer.core.calling.list_condition import OF_DAYS, ConditionSign, ListCondition, day_of, number_of
from dialer.db.models import Customer, CustomerSnapshot
from dialer.db.queries.list_facts import fact_holds
from dialer.db.queries.written_values import is_between, written_day, written_number
from dialer.db.session import Transaction

SAMPLE: Final = 500  # newest customers, of whom the columns are read
COMPARE: Final = {
    ConditionSign.AT_LEAST: operator.ge,
    ConditionSign.AT_MOST: operator.le,
    ConditionSign.ABOVE: operator.gt,
    ConditionSign.BELOW: operator.lt,
}


def holds(tx: Transaction, condition: ListCondition, now: datetime, *, few: bool) -> ColumnElement[bool]:
    """A condition on a customer, never NULL; a value that is no number or no day is in no range of them.

    `few`: it is asked of a few customers only.
    """
    if condition.fact is not None:
        return func.coalesce(fact_holds(tx, condition, now, partial(column_names, tx), few=few), false())
    if condition.is_range:
        return func.coalesce(_in_range(tx, condition), false())
    if condition.comparison in OF_DAYS:
        return func.coalesce(_in_days(tx, condition, now), false())
    held = Customer.attributes[condition.column].as_string()
    same: list[ColumnElement[bool]] = [func.lower(held).in_([value.lower() for value in condition.values])]
    numbers = [each for each in map(number_of, condition.values) if each is not None]
    if numbers:
        same.append(written_number(tx, held).in_(numbers))
    one = func.coalesce(or_(*same), false())
    return one if condition.comparison is ConditionSign.IS else ~one


def _in_range(tx: Transaction, condition: ListCondition) -> ColumnElement[bool]:
    compare, limit = COMPARE[condition.comparison], condition.values[0]
    held, day = Customer.attributes[condition.column].as_string(), day_of(limit)
    found: ColumnElement[bool] = (
        compare(written_day(tx, held), day)
        if day is not None
        else compare(written_number(tx, held), number_of(limit) or 0.0)
    )
    return found


def _in_days(tx: Transaction, condition: ListCondition, now: datetime) -> ColumnElement[bool]:
    today, days = now.astimezone(UTC).date(), timedelta(days=condition.days)
    if condition.comparison is ConditionSign.CHANGED:
        return _changed(condition.column, now - days)
    day = written_day(tx, Customer.attributes[condition.column].as_string())
    if condition.comparison is ConditionSign.IN_NEXT:
        return is_between(day, today, today + days)
    lately = func.coalesce(is_between(day, today - days, today), false())
    return lately if condition.comparison is ConditionSign.IN_LAST else ~lately


def _changed(column: str, since: datetime) -> ColumnElement[bool]:
    """Whether a column says something else than it did at some time since then."""
    was, held = CustomerSnapshot.attributes[column].as_string(), Customer.attributes[column].as_string()
    return exists().where(
        CustomerSnapshot.customer_id == Customer.id,
        CustomerSnapshot.until >= since,
        was.is_distinct_from(held),
    )


def column_names(tx: Transaction) -> frozenset[str]:
    """The columns that the newest customers have."""
    return frozenset(name for attributes in sampled_attributes(tx) for name in attributes)


def sampled_attributes(tx: Transaction) -> Sequence[Mapping[str, Any]]:
    """The attributes of the newest customers: which columns there are, and what stands in them."""
    return tx.scalars(select(Customer.attributes).order_by(Customer.id.desc()).limit(SAMPLE)).all()

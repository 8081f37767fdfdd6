"""Conditions on the customers' own columns as SQL, and which columns there are."""

import operator
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, case, false, func, or_, select

from dialer.core.calling.list_condition import ConditionSign, ListCondition, number_of
from dialer.db.models import Customer
from dialer.db.session import Transaction

NUMBERS: Final = ("number", "integer", "real")  # what PostgreSQL and SQLite call a JSON number
SAMPLE: Final = 500  # newest customers, of whom the columns are read


def holds(tx: Transaction, condition: ListCondition) -> ColumnElement[bool]:
    """A condition on one attribute; a value that is no number is in no range."""
    held = Customer.attributes[condition.column]
    if condition.is_range:
        number = _number(tx, condition.column)
        limit = number_of(condition.values[0]) or 0.0
        compare = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
        found: ColumnElement[bool] = compare[condition.comparison.value](number, limit)
        return func.coalesce(found, false())
    text = func.lower(held.as_string())
    same: list[ColumnElement[bool]] = [text.in_([value.lower() for value in condition.values])]
    numbers = [each for each in map(number_of, condition.values) if each is not None]
    if numbers:
        same.append(_number(tx, condition.column).in_(numbers))
    one = func.coalesce(or_(*same), false())
    return one if condition.comparison is ConditionSign.IS else ~one


def _number(tx: Transaction, column: str) -> ColumnElement[float]:
    """An attribute as a number; NULL where it is another kind of value, which a cast would stumble over."""
    held = Customer.attributes[column]
    if tx.get_bind().dialect.name == "postgresql":
        kind = func.json_typeof(held)
    else:
        kind = func.json_type(Customer.attributes, f'$."{column}"')
    return case((kind.in_(NUMBERS), held.as_float()), else_=None)


def sampled_attributes(tx: Transaction) -> Sequence[Mapping[str, Any]]:
    """The attributes of the newest customers: which columns there are, and what stands in them."""
    return tx.scalars(select(Customer.attributes).order_by(Customer.id.desc()).limit(SAMPLE)).all()

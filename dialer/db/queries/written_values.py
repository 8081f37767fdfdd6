"""Numbers and days written in a text, as SQL: what a cell says, and NULL where it says no such thing."""

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, String, and_, case, cast, func

from dialer.db.session import Transaction

#: as JSON writes numbers, so that both databases take the same; longer ones PostgreSQL could not hold
NUMBER: Final = r"^-?(0|[1-9][0-9]{0,199})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,2})?$"
DAY_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
DAY_GLOB: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"
DAY_LENGTH: Final = len("2026-12-31")


def written_number(tx: Transaction, text: ColumnElement[Any]) -> ColumnElement[float]:
    """The number that a text is."""
    if tx.get_bind().dialect.name == "postgresql":
        is_number: ColumnElement[bool] = text.op("~")(NUMBER)
    else:
        # nothing but valid JSON has a type; SQLite has no patterns of its own
        kind = case((func.json_valid(text) == 1, func.json_type(text)), else_=None)
        is_number = kind.in_(("integer", "real"))
    return case((is_number, cast(text, Float)), else_=None)


def written_day(tx: Transaction, text: ColumnElement[Any]) -> ColumnElement[str]:
    """The day with which a text begins, as ISO 8601 has it: such days are in order as texts are."""
    if tx.get_bind().dialect.name == "postgresql":
        is_day: ColumnElement[bool] = text.op("~")(DAY_PATTERN)
    else:
        is_day = text.op("GLOB")(DAY_GLOB)
    return case((is_day, func.substr(cast(text, String), 1, DAY_LENGTH)), else_=None)


def is_between(day: ColumnElement[str], first: date, last: date) -> ColumnElement[bool]:
    """Whether a written day is one from `first` to `last`."""
    return and_(day >= first.isoformat(), day <= last.isoformat())

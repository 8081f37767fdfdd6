"""What every table shares: naming, time in UTC, words stored by value."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Dialect, Enum, MetaData, TypeDecorator, literal_column
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one metadata (names of constraints are fixed, so that migrations can name them)."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out; a naive time is refused before it reaches the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone must not be stored: {value!r}")
        stored = value.astimezone(UTC)
        return stored.replace(tzinfo=None) if dialect.name == "sqlite" else stored

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def word(kind: type[StrEnum]) -> Enum:
    """A column of one machine's words, stored by value and readable in any SQL shell."""

    def values(members: Any) -> list[str]:
        return [member.value for member in members]

    return Enum(kind, values_callable=values, native_enum=False, create_constraint=False, length=24)


def written_out(value: int | StrEnum) -> ColumnElement[Any]:
    """A number or word of ours as part of a statement's text, which a planner can plan by.

    For what is planned once and asked again and again; what comes from outside is never written out.
    """
    return literal_column(str(int(value)) if isinstance(value, int) else f"'{value.value}'")

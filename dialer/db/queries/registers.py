"""Registers and the millions of numbers on them, in whole sets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, SQLColumnExpression, cast, func, insert, select, update

from dialer.db.models import Register, RegisteredNumber
from dialer.db.session import Transaction

#: asked of every marketing call, so in the driver's own words
_FIND = {
    "sqlite": "SELECT 1 FROM registered_number WHERE number = ? LIMIT 1",
    "postgresql": "SELECT 1 FROM registered_number WHERE number = %s::bigint LIMIT 1",
}
_PUT = {
    "sqlite": "INSERT OR IGNORE INTO registered_number (number, register_id) VALUES (?, ?)",
    "postgresql": "INSERT INTO registered_number (number, register_id) "
    "SELECT unnest(%s::bigint[]), %s ON CONFLICT DO NOTHING",
}
_TAKE = {
    "sqlite": "DELETE FROM registered_number WHERE number = ? AND register_id = ?",
    "postgresql": "DELETE FROM registered_number WHERE number = ANY(%s::bigint[]) AND register_id = %s",
}


def all_of(tx: Transaction) -> Sequence[Register]:
    """Every register, by name."""
    return tx.scalars(select(Register).order_by(Register.name)).all()


def find(tx: Transaction, name: str) -> Register | None:
    """One register by name."""
    return tx.scalar(select(Register).where(Register.name == name))


def begin(tx: Transaction, name: str, countries: Sequence[str], now: datetime) -> int:
    """The id of a register, written down with no number if it is a new one."""
    known = find(tx, name)
    if known is not None:
        return known.id
    fresh = {"name": name, "countries": list(countries), "file_name": "", "dated": now, "imported_at": now}
    return tx.scalars(insert(Register).values(**fresh, numbers=0, bad=0).returning(Register.id)).one()


def note(tx: Transaction, register: int, **values: Any) -> None:
    """Write down what the newest file of a register was."""
    tx.execute(update(Register).where(Register.id == register).values(**values))


def numbers_after(tx: Transaction, register: int, after: int, limit: int) -> Sequence[int]:
    """The next numbers of a register in order."""
    chosen = (
        select(RegisteredNumber.number)
        .where(RegisteredNumber.number > after, RegisteredNumber.register_id == register)
        .order_by(RegisteredNumber.number)
        .limit(limit)
    )
    return tx.scalars(chosen).all()


def put(tx: Transaction, register: int, numbers: Sequence[int]) -> None:
    """Put numbers on a register."""
    _each(tx, _PUT, register, numbers)


def take(tx: Transaction, register: int, numbers: Sequence[int]) -> None:
    """Take numbers off a register."""
    _each(tx, _TAKE, register, numbers)


def holds(tx: Transaction, e164: str) -> bool:
    """Whether any register holds this number."""
    connection = tx.connection()
    found = connection.exec_driver_sql(_FIND[connection.dialect.name], (int(e164.removeprefix("+")),))
    return found.first() is not None


def names_holding(tx: Transaction, e164: str) -> Sequence[str]:
    """The registers that hold this number, by name."""
    found = select(RegisteredNumber.register_id).where(RegisteredNumber.number == int(e164.removeprefix("+")))
    return tx.scalars(select(Register.name).where(Register.id.in_(found)).order_by(Register.name)).all()


def entry_for(e164: SQLColumnExpression[str]) -> Select[int]:
    """A register's entry of a column's number; looked up by the key, however many rows there are."""
    digits = cast(func.substr(e164, 2), BigInteger)
    return select(RegisteredNumber.number).where(RegisteredNumber.number == digits).limit(1)


def _each(tx: Transaction, statements: dict[str, str], register: int, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    connection = tx.connection()
    dialect = connection.dialect.name
    if dialect == "sqlite":
        connection.exec_driver_sql(statements[dialect], [(number, register) for number in numbers])
    else:
        connection.exec_driver_sql(statements[dialect], (list(numbers), register))

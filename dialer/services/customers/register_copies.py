"""The registers that were imported: of when their copies are, and whether these may still be used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dialer.core.compliance.registers import MONTH_DAYS, RULES, RegisterCopy, RegisterSource
from dialer.db.models import Register
from dialer.db.queries import registers
from dialer.db.session import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCard:
    """A register as a page or a command shows it."""

    copy: RegisterCopy
    file_name: str
    imported_at: datetime
    numbers: int
    stale: bool


def list_registers(database: Database, now: datetime) -> tuple[RegisterCard, ...]:
    """Every register that was imported, by name."""
    with database.read() as tx:
        return tuple(
            RegisterCard(
                copy=copy,
                file_name=row.file_name,
                imported_at=row.imported_at,
                numbers=row.numbers,
                stale=copy.is_stale(now),
            )
            for row in registers.all_of(tx)
            for copy in (_copy(row),)
        )


def register_copies(tx: Transaction) -> tuple[RegisterCopy, ...]:
    """How old the copy of each register is."""
    return tuple(map(_copy, registers.all_of(tx)))


def copy_of(name: str, countries: Iterable[str], dated: datetime) -> RegisterCopy:
    """How old a register's copy may be depends on whose register it is, which its name begins with."""
    rule = RULES.get(RegisterSource(name.split("-", maxsplit=1)[0]))
    most_days = rule.most_days if rule is not None else MONTH_DAYS
    return RegisterCopy(name=name, countries=tuple(countries), dated=dated, most_days=most_days)


def _copy(row: Register) -> RegisterCopy:
    return copy_of(row.name, row.countries, row.dated)

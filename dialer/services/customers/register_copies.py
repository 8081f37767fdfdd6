"""The registers that were imported: of when their copies are, and whether these may still be used."""

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


def _copy(row: Register) -> RegisterCopy:
    rule = RULES.get(RegisterSource(row.name.split("-")[0]))
    return RegisterCopy(
        name=row.name,
        countries=tuple(row.countries),
        dated=row.dated,
        most_days=rule.most_days if rule is not None else MONTH_DAYS,
    )

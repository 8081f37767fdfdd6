"""Public registers of numbers that want no marketing calls, and the numbers on them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.db.base import Base, UtcDateTime


class Register(Base):
    """One register as it was last imported."""

    __tablename__ = "register"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    countries: Mapped[list[Any]] = mapped_column(JSON)  # ISO codes of those it is about
    file_name: Mapped[str] = mapped_column(String(255))
    dated: Mapped[datetime] = mapped_column(UtcDateTime)  # when the file was taken from the register
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    numbers: Mapped[int]  # how many the file held
    bad: Mapped[int]  # lines of it that gave none


class RegisteredNumber(Base):
    """A number on a register: its digits with the country code, and nothing else, for there are millions."""

    __tablename__ = "registered_number"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy declares it

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: not a foreign key: the look at it would cost more than the row, and a register is never deleted
    register_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)

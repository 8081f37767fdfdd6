"""Conditions on the customers of a list, as people write them: `monthly_charge >= 60`, `contract = A | B`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Final

_SHAPE: Final = re.compile(
    r"\s*(?P<column>[^\"\\\x00-\x1f\x7f]+?)\s*(?P<sign>>=|<=|!=|=|<|>)\s*(?P<value>.+?)\s*"
)
BETWEEN_VALUES: Final = "|"


class ConditionSign(StrEnum):
    """How a column's value is held against what is written."""

    IS = "="  # one of the values
    IS_NOT = "!="  # none of them, or not known
    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCondition:
    """A column of the customers' own, a comparison, and one value or more; a range has one, a number."""

    column: str
    comparison: ConditionSign
    values: tuple[str, ...]

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.column} {self.comparison} {f' {BETWEEN_VALUES} '.join(self.values)}"

    @property
    def is_range(self) -> bool:
        """Whether numbers are compared."""
        return self.comparison not in {ConditionSign.IS, ConditionSign.IS_NOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """All of the conditions, or any of them; and nobody who is on the lists of these campaigns."""

    where: tuple[ListCondition, ...] = ()
    any_of: bool = False
    not_on: tuple[int, ...] = ()


NOTHING: Final = Narrowed()


def read_condition(text: str) -> ListCondition:
    """A condition from its line; raises ValueError with what was expected."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise ValueError(
            f"not a condition: {text.strip()!r}; write it as monthly_charge >= 60, or plan = A | B"
        )
    comparison = ConditionSign(found["sign"])
    values = tuple(part.strip() for part in found["value"].split(BETWEEN_VALUES) if part.strip())
    condition = ListCondition(column=found["column"], comparison=comparison, values=values)
    if not values:
        raise ValueError(f"{text.strip()!r} names no value")
    if condition.is_range and (len(values) > 1 or number_of(values[0]) is None):
        raise ValueError(f"{text.strip()!r}: after {comparison} there is one number, such as 60 or 12.5")
    return condition


def number_of(text: str) -> float | None:
    """The number that a text is, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None

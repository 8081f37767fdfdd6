"""Conditions on the customers of a list, as people write them: `monthly_charge >= 60`, `contract = A | B`.

A name is a column of the customers' own, or with `@` something that Winback knows: `@last_word = lost`.
Events are days or changes in a column: `contract_end in next 60 days`, `price changed in last 30 days`.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Final

from dialer.core.calling.disposition import Disposition

BETWEEN_VALUES: Final = "|"
NEVER: Final = "none"  # of the last word: nobody has said one yet
MOST_DAYS: Final = 3650  # ten years: longer than anything of a customer is kept


class ConditionSign(StrEnum):
    """How a column's value is held against what is written."""

    IS = "="  # one of the values
    IS_NOT = "!="  # none of them, or not known
    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"
    IN_NEXT = "in next"  # so many days, today among them
    IN_LAST = "in last"
    NOT_IN_LAST = "not in last"  # longer ago, still to come, or never
    CHANGED = "changed in last"  # the value is another than it was then


OF_DAYS: Final = frozenset(
    {ConditionSign.IN_NEXT, ConditionSign.IN_LAST, ConditionSign.NOT_IN_LAST, ConditionSign.CHANGED}
)
OF_VALUES: Final = frozenset({ConditionSign.IS, ConditionSign.IS_NOT})


class KnownFact(StrEnum):
    """What Winback knows of customers besides their columns."""

    LAST_CONTACT = "@last_contact"  # the last talk, whoever rang
    LAST_WORD = "@last_word"  # how that ended, in an agent's word
    CONSENT = "@consent"  # to marketing by telephone, on this day
    IMPORT = "@import"  # the file that brought or changed them last: its number or its name
    LANGUAGE = "@language"


SIGNS_OF: Final = {
    KnownFact.LAST_CONTACT: frozenset({ConditionSign.IN_LAST, ConditionSign.NOT_IN_LAST}),
    KnownFact.LAST_WORD: OF_VALUES,
    KnownFact.CONSENT: OF_VALUES,
    KnownFact.IMPORT: OF_VALUES,
    KnownFact.LANGUAGE: OF_VALUES,
}
#: the only values there are of these
VALUES_OF: Final = {
    KnownFact.LAST_WORD: (*(word.value for word in Disposition), NEVER),
    KnownFact.CONSENT: ("yes", "no"),
}

_SHAPE: Final = re.compile(
    r"\s*(?P<column>[^\"\\\x00-\x1f\x7f]+?)"
    r"(?:\s*(?P<sign>>=|<=|!=|=|<|>)\s*(?P<value>.+?)"
    r"|\s+(?P<when>changed in last|not in last|in last|in next)\s+(?P<days>[0-9]+)(?:\s+days?)?)\s*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCondition:
    """A column or a known fact, a comparison, and one value or more; a range has one, as have days."""

    column: str
    comparison: ConditionSign
    values: tuple[str, ...]

    def __str__(self) -> str:
        """As it is written."""
        days = " days" if self.comparison in OF_DAYS else ""
        return f"{self.column} {self.comparison} {f' {BETWEEN_VALUES} '.join(self.values)}{days}"

    @property
    def is_range(self) -> bool:
        """Whether numbers or days are compared."""
        return self.comparison not in OF_VALUES | OF_DAYS

    @property
    def days(self) -> int:
        """How many days it is about, where it is about days."""
        return int(self.values[0])

    @property
    def fact(self) -> KnownFact | None:
        """What of Winback's own knowledge it asks for; None: a column."""
        return KnownFact(self.column) if self.column.startswith("@") else None


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
            f"not a condition: {text.strip()!r}; write it as monthly_charge >= 60, plan = A | B, "
            "or contract_end in next 60 days"
        )
    comparison = ConditionSign(found["sign"] or found["when"])
    written = found["value"] or found["days"]
    values = tuple(part.strip() for part in written.split(BETWEEN_VALUES) if part.strip())
    condition = ListCondition(column=found["column"], comparison=comparison, values=values)
    fault = _fault(condition)
    if fault is not None:
        raise ValueError(f"{text.strip()!r}: {fault}")
    return condition


def _fault(condition: ListCondition) -> str | None:
    """What is wrong with it, or None."""
    sign, values = condition.comparison, condition.values
    if not values:
        return "it names no value"
    if sign in OF_DAYS and not 1 <= int(values[0]) <= MOST_DAYS:
        return f"days are a number from 1 to {MOST_DAYS}"
    if condition.is_range and (len(values) > 1 or (number_of(values[0]) is None and not day_of(values[0]))):
        return f"after {sign} there is one number, such as 60 or 12.5, or a day, such as 2026-12-31"
    if not condition.column.startswith("@"):
        return None
    if condition.column not in set(KnownFact):
        return f"there is no {condition.column}; there are {', '.join(KnownFact)}"
    fact = KnownFact(condition.column)
    if sign not in SIGNS_OF[fact]:
        return f"{fact} goes with {' or '.join(sorted(SIGNS_OF[fact]))}"
    allowed = VALUES_OF.get(fact)
    if allowed is not None and not set(values) <= set(allowed):
        return f"{fact} is one of {', '.join(allowed)}"
    return None


def number_of(text: str) -> float | None:
    """The number that a text is, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def day_of(text: str) -> str | None:
    """The day that a text is, as it was written (ISO 8601), or None."""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == len("2026-12-31") else None
    except ValueError:
        return None

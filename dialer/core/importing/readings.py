"""The two readings of a column that its values leave open, and what a person picks of them.

`1.234` is a thousand and more, or a little over one; 03/04/2026 is in April, or in March.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reading(StrEnum):
    """How a column's numbers or days are meant."""

    POINT = "decimal point"
    COMMA = "decimal comma"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenColumn:
    """A column that may be read in two ways: one of its cells, and what it is in each; empty: nothing."""

    column: str
    example: str
    readings: Mapping[Reading, str]
    said: Reading | None = None  # what a person said of it, which this cell contradicts

    @property
    def is_of_days(self) -> bool:
        """Whether it holds days, not numbers."""
        return Reading.DAY_FIRST in self.readings

    @property
    def sentence(self) -> str:
        """What is wrong with it, in words."""
        if self.said is not None:
            return f"column {self.column!r} is said to be written as {self.said}, and {self.example!r} is not"
        (first, one), (second, other) = self.readings.items()
        one, other = one or "nothing", other or "nothing"
        return f"column {self.column!r}: {self.example!r} may be {one} ({first}) or {other} ({second})"

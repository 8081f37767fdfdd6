"""Who belongs on a list, as one value: what a page, a command and a saved list say, and every query reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from dialer.core.calling.list_condition import NOTHING, Narrowed, read_condition
from dialer.core.sentence import Figure, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """Which customers belong on a list; risk is 0 to 1, gain is money, `equals` is by attribute."""

    min_risk: float | None = None
    min_gain: float | None = None
    with_left: bool = False  # also those of whom was said last that they left: for a win-back
    equals: Mapping[str, Any] = field(default_factory=dict)
    narrowed: Narrowed = NOTHING

    @property
    def by_score(self) -> bool:
        """Whether only those with a score can be on the list."""
        return self.min_risk is not None or self.min_gain is not None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """A filter from what `as_stored` made of it; what an older version did not know is unset."""
        return cls(
            min_risk=stored.get("min_risk"),
            min_gain=stored.get("min_gain"),
            with_left=bool(stored.get("with_left")),
            equals=dict(stored.get("equals") or {}),
            narrowed=Narrowed(
                where=tuple(read_condition(line) for line in stored.get("where") or ()),
                any_of=bool(stored.get("any_of")),
                not_on=tuple(stored.get("not_on") or ()),
            ),
        )

    def in_words(self) -> tuple[str, ...]:
        """What it asks for, one thing after the other; nothing where it takes everybody."""
        lines: list[str] = [f"{name} = {value}" for name, value in self.equals.items()]
        where = [str(each) for each in self.narrowed.where]
        if where and self.narrowed.any_of:
            lines.append(Sentence("one of: %(conditions)s", conditions=", ".join(where)))
        else:
            lines += where
        if self.min_risk is not None:
            lines.append(Sentence("risk at least %(risk)s", risk=_as_typed(self.min_risk)))
        if self.min_gain is not None:
            lines.append(Sentence("gain at least %(gain)s", gain=_as_typed(self.min_gain)))
        if self.with_left:
            lines.append(Sentence("also those who have left"))
        if self.narrowed.not_on:
            lines.append(Sentence("nobody of %(lists)s other lists", lists=len(self.narrowed.not_on)))
        return tuple(lines)

    def as_stored(self) -> dict[str, Any]:
        """The filter as JSON has it, conditions as they are written."""
        return {
            "min_risk": self.min_risk,
            "min_gain": self.min_gain,
            "with_left": self.with_left,
            "equals": dict(self.equals),
            "where": [str(each) for each in self.narrowed.where],
            "any_of": self.narrowed.any_of,
            "not_on": list(self.narrowed.not_on),
        }


def _as_typed(value: float) -> Figure:
    """With as many decimals as it was typed with."""
    exponent = Decimal(f"{value:g}").as_tuple().exponent
    return Figure(value, max(0, -exponent) if isinstance(exponent, int) else 0)

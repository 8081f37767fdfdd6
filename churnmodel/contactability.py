"""Will a person answer: P(answer | customer, number, hour, weekday, attempts so far), from the first day.

Log-odds as a sum of effects: the hour, the hour of that weekday, the attempts so far, the customer, the
number, the customer's own part of the day. With no data the answer is the priors. An effect that is not known
is averaged over, not set to zero (Zeger, Liang and Albert 1988). `contact_fit` learns them from attempts.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

HOURS: Final = 24
DAYS: Final = 7
MOST_ATTEMPTS: Final = 6
"""Attempts so far are counted up to here; further ones are alike."""

FIRST_RATE: Final = 0.3
"""Answer rate before any attempt is known: mid-range of published residential campaigns (20 to 40 %)."""

FIRST_FALL: Final = -0.16
"""Log-odds lost with each attempt not answered, before it is learned: the odds fall by 15 %."""

CUSTOMER_SPREAD: Final = 0.8
"""How far customers usually lie from the mean before that is learned, log-odds."""

DAY_PARTS: Final = (0,) * 9 + (1,) * 4 + (2,) * 4 + (3,) * 7
"""Part of the day by hour: before 9, 9 to 13, 13 to 17, from 17."""

PARTS: Final = 4
LOWEST: Final = 0.005
HIGHEST: Final = 0.98
AVERAGING: Final = 0.346
"""Shrinks log-odds so that averaging over a normal effect is allowed for: 1 / sqrt(1 + 0.346 variance)."""

Shrunk = tuple[float, float]
"""An effect in log-odds and the variance left in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactModel:
    """Everything learned from attempts, in plain numbers: asked while dialling, where no numpy is needed."""

    level: float
    slots: tuple[tuple[float, ...], ...]  # weekday x hour, log-odds
    attempts: tuple[float, ...]  # log-odds by attempts so far
    spread: float  # of customers
    customers: Mapping[str, Shrunk] = field(default_factory=dict)
    numbers: Mapping[str, Shrunk] = field(default_factory=dict)  # of customers with several
    day_parts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    learned_from: int = 0
    drawn: int = 0  # of them at an hour that chance drew
    trust: float = 1.0  # share of the hours' effects that held at drawn hours; they are shrunk by it already

    def by_hour(
        self, *, weekday: int, attempts: int = 0, customer: str = "", number: str = ""
    ) -> tuple[float, ...]:
        """Give the chance that a person answers in each of the 24 hours of a weekday; see `predict`."""
        effect, variance = self.customers.get(customer, (0.0, self.spread**2))
        its, left = self.numbers.get(number, (0.0, 0.0))
        own = self.day_parts.get(customer, (0.0,) * PARTS)
        always = self.level + self.attempts[min(attempts, MOST_ATTEMPTS)] + effect + its
        shrink = math.sqrt(1 + AVERAGING * (variance + left))
        return tuple(
            min(max(_chance((always + slot + own[part]) / shrink), LOWEST), HIGHEST)
            for slot, part in zip(self.slots[weekday], DAY_PARTS, strict=True)
        )

    def predict(
        self, *, hour: int, weekday: int, attempts: int = 0, customer: str = "", number: str = ""
    ) -> float:
        """Give the chance that a person answers.

        Args:
            hour: 0 to 23 on the customer's clock.
            weekday: 0 Monday to 6 Sunday.
            attempts: unanswered attempts so far for this matter.
            customer: their id, if they have been tried before.
            number: the number's id (a hash will do).
        """
        by_hour = self.by_hour(weekday=weekday, attempts=attempts, customer=customer, number=number)
        return by_hour[hour]

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for storing."""
        return {
            "level": self.level,
            "slots": [list(hours) for hours in self.slots],
            "attempts": list(self.attempts),
            "spread": self.spread,
            "customers": {name: list(pair) for name, pair in self.customers.items()},
            "numbers": {name: list(pair) for name, pair in self.numbers.items()},
            "day_parts": {name: list(parts) for name, parts in self.day_parts.items()},
            "learned_from": self.learned_from,
            "drawn": self.drawn,
            "trust": self.trust,
        }

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "ContactModel":
        """Read back what `as_dict` gave."""
        return ContactModel(
            level=float(plain["level"]),
            slots=tuple(tuple(map(float, hours)) for hours in plain["slots"]),
            attempts=tuple(map(float, plain["attempts"])),
            spread=float(plain["spread"]),
            customers={name: (pair[0], pair[1]) for name, pair in plain["customers"].items()},
            numbers={name: (pair[0], pair[1]) for name, pair in plain["numbers"].items()},
            day_parts={name: tuple(parts) for name, parts in plain["day_parts"].items()},
            learned_from=int(plain["learned_from"]),
            drawn=int(plain.get("drawn", 0)),
            trust=float(plain.get("trust", 1.0)),
        )


def first_day() -> ContactModel:
    """Give the model before any attempt: one rate for all slots, odds falling with attempts."""
    level = math.log(FIRST_RATE / (1 - FIRST_RATE)) * math.sqrt(1 + AVERAGING * CUSTOMER_SPREAD**2)
    return ContactModel(
        level=level,
        slots=((0.0,) * HOURS,) * DAYS,
        attempts=tuple(FIRST_FALL * count for count in range(MOST_ATTEMPTS + 1)),
        spread=CUSTOMER_SPREAD,
    )


def _chance(log_odds: float) -> float:
    """The probability, without overflow however far the log-odds are out."""
    return 0.5 * (1.0 + math.tanh(0.5 * log_odds))

"""How a list is ranked: by risk without the worst by uplift, or by uplift; and what the evidence must be.

Until there are enough randomised outcomes an uplift model ranks worse than risk does. So the list is ranked
by risk (times value) with the worst 30 % by uplift left out, which is safe and early; the full uplift
ranking is switched on only by evidence.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

ENOUGH_OUTCOMES: Final = 40_000
ENOUGH_EVENTS: Final = 2_000
"""Randomised outcomes, or events among them, from which uplift learners beat risk in simulation."""

EXCLUDED_SHARE: Final = 0.3
"""Share of the customers, worst by uplift, that is left out before uplift may rank."""


class RankingPolicy(StrEnum):
    """How the list is ranked."""

    RISK_MINUS_WORST_30 = "risk-minus-worst-30"
    UPLIFT = "uplift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Evidence before uplift may rank: so many randomised outcomes, or so many events among them."""

    outcomes: int = ENOUGH_OUTCOMES
    events: int = ENOUGH_EVENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingDecision:
    """The ranking policy, the evidence, and what is missing for the next one."""

    ranking_policy: RankingPolicy
    outcomes: int
    events: int
    gain: float  # uplift policy over risk policy, good outcomes per targeted customer
    gain_low: float  # its one-sided 95 % lower bound
    missing: tuple[str, ...]
    exclude: bool  # whether the worst 30 % by uplift are shown to be worse than the rest

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "ranking_policy": self.ranking_policy.value, "missing": list(self.missing)}

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "RankingDecision":
        """Read back what `as_dict` gave, or gave under its former name: models outlive an upgrade."""
        facts = {name: value for name, value in plain.items() if name != "regime"}
        policy = RankingPolicy(plain["ranking_policy"] if "ranking_policy" in plain else plain["regime"])
        return RankingDecision(**{**facts, "ranking_policy": policy, "missing": tuple(plain["missing"])})

"""The share of leavers whom a call keeps: what was assumed, drawn towards what hold-outs measured.

By intention to treat: of those who would have left uncalled, the share who stay for being assigned to be
called, reached or not. It prices a call while lists are ranked by risk.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

DEVIATIONS: Final = 2.0
"""Standard errors on either side of a 95 % interval, rounded up."""

LEAST_DOUBT: Final = 0.05
"""Standard error of any assumption, at least: who assumes that calls keep nobody may be wrong too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRate:
    """What hold-outs say of the save rate; below 0 calling drives customers away."""

    rate: float
    error: float  # standard error, of one look: a belief is weighed here, no claim is made
    customers: int  # with a known outcome, assigned by chance
    uncalled: int  # of them
    left_uncalled: int  # of these


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRate:
    """The save rate that prices a call, and where it comes from; all are shares of leavers."""

    assumed: float
    doubt: float  # standard error of the assumption: it says "between none and twice as many"
    measured: MeasuredRate | None
    weight: float  # of what was measured, 0 to 1
    estimate: float
    low: float  # 95 %
    high: float
    by_purpose: Mapping[str, MeasuredRate] = field(default_factory=dict)  # the same, kinds of campaigns apart

    @property
    def used(self) -> float:
        """The rate that gains are made with: the estimate, or 0 where that is below.

        Below zero the same formula would rank a list from the least likely to leave on, and turn it over
        whenever chance moves the estimate across zero. At zero no call is worth its cost and the order stays;
        stopping what does harm is the business of `effect.measure`.
        """
        return max(0.0, self.estimate)

    def in_words(self) -> str:
        """Sentences for a page or a command, with both numbers and what is used."""
        found = self.measured
        if found is None:
            return (
                f"A call is assumed to keep {self.assumed:.1%} of leavers (model.save_rate); "
                "no campaign has measured it yet."
            )
        said = [
            (
                f"A call is taken to keep {self.used:.1%} of leavers: {self.assumed:.1%} were assumed "
                f"(model.save_rate), {_within(found)} were measured by intention to treat of "
                f"{found.customers:,} customers, {found.uncalled:,} of them held out, which weighs "
                f"{self.weight:.0%}."
            )
        ]
        if self.estimate <= 0:
            said.append("Together they lie below zero: by them no call is worth its cost.")
        elif found.rate < 0:
            said.append("What was measured lies below zero: calls may drive customers away.")
        elif self.weight < 1 / 2:
            said.append("The measurement is too wide to outweigh the assumption.")
        if len(self.by_purpose) > 1:
            apart = ", ".join(f"{name} {_within(each)}" for name, each in self.by_purpose.items())
            said.append(f"By purpose: {apart}; a score is made for all of them.")
        return " ".join(said)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for the database."""
        return {
            "assumed": self.assumed,
            "measured": None if self.measured is None else asdict(self.measured),
            "by_purpose": {name: asdict(each) for name, each in self.by_purpose.items()},
        }

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "SaveRate":
        """Read back what `as_dict` gave."""
        measured = plain["measured"]
        return settle(
            plain["assumed"],
            None if measured is None else MeasuredRate(**measured),
            by_purpose={name: MeasuredRate(**each) for name, each in plain["by_purpose"].items()},
        )


def _within(found: MeasuredRate) -> str:
    half = DEVIATIONS * found.error
    return f"{found.rate:.1%} (95 %: {found.rate - half:.1%} to {found.rate + half:.1%})"


def settle(
    assumed: float,
    measured: MeasuredRate | None = None,
    *,
    by_purpose: Mapping[str, MeasuredRate] | None = None,
) -> SaveRate:
    """Weigh assumption and measurement by their precision (the conjugate mean of two normals).

    The assumption's own 95 % interval is from none to twice as many, so that its standard error is half of
    it. Two retention trials in print lie on either side of that: a call kept one leaver in nine (Godinho de
    Matos et al. 2018), an offer drove two in three more away (Ascarza et al. 2016).
    """
    doubt = max(assumed / DEVIATIONS, LEAST_DOUBT)
    weight, estimate, error = 0.0, assumed, doubt
    if measured is not None:
        precision = (doubt**-2, measured.error**-2)
        weight = precision[1] / sum(precision)
        estimate = (1 - weight) * assumed + weight * measured.rate
        error = sum(precision) ** -0.5
    return SaveRate(
        assumed=assumed,
        doubt=doubt,
        measured=measured,
        weight=weight,
        estimate=estimate,
        low=estimate - DEVIATIONS * error,
        high=estimate + DEVIATIONS * error,
        by_purpose=by_purpose or {},
    )

"""The bars that the churn model has to reach, and what was measured: one table, made by one command.

A mark names where its figure stands in what was measured, so that nothing here computes a figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One bar: `path` leads to the figure, which must be at least or at most `bar`; None is only stated."""

    data: str
    measure: str
    path: tuple[str, ...]
    least: float | None = None
    most: float | None = None

    def reached(self, value: float) -> bool | None:
        """Say whether the figure reaches the bar; None if there is no bar."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def bar(self) -> str:
        """The bar in words."""
        least = [] if self.least is None else [f">= {self.least:g}"]
        most = [] if self.most is None else [f"<= {self.most:g}"]
        return " and ".join(least + most) or "stated"


CALIBRATION: Final = 0.025
"""Calibration error (15 bins) allowed on every set of risk."""

ABOUT_ZERO: Final = 0.02
"""Qini of the risk ranking on the women's mail: three standard errors around no skill."""

MARKS: Final = (
    Target(data="telco_ibm", measure="ROC-AUC", path=("telco_ibm", "roc_auc"), least=0.848),
    Target(data="telco_ibm", measure="log-loss", path=("telco_ibm", "log_loss"), most=0.414),
    Target(data="telco_ibm", measure="Brier", path=("telco_ibm", "brier"), most=0.135),
    Target(data="bank_random", measure="ROC-AUC", path=("bank_random", "roc_auc"), least=0.8),
    Target(data="bank_random", measure="PR-AUC", path=("bank_random", "pr_auc"), least=0.47),
    Target(data="bank_in_time", measure="ROC-AUC, retrained", path=("bank_in_time", "roc_auc"), least=0.65),
    Target(
        data="bank_in_time",
        measure="ROC-AUC, one split",
        path=("bank_in_time", "single_split", "roc_auc"),
        least=0.623,
    ),
    Target(
        data="bank_in_time",
        measure="ROC-AUC within periods",
        path=("bank_in_time", "within_period_roc_auc"),
    ),
    Target(
        data="hillstrom_women_visit",
        measure="normalised Qini",
        path=("hillstrom_women_visit", "qini"),
        least=0.058,
    ),
    Target(
        data="hillstrom_women_visit",
        measure="Qini of risk ranking",
        path=("hillstrom_women_visit", "risk_ranking_qini"),
        least=-ABOUT_ZERO,
        most=ABOUT_ZERO,
    ),
    Target(
        data="made-up trial",
        measure="prevented against risk, 160,000 outcomes, mean of seeds",
        path=("trials", "large", "mean"),
        least=1.25,
    ),
    Target(
        data="made-up trial",
        measure="prevented against risk, 10,000 outcomes, worst seed",
        path=("trials", "small", "worst"),
        least=0.97,
    ),
    Target(
        data="simulated year",
        measure="share of years whose interval covers the truth",
        path=("trials", "years", "covered"),
        least=0.93,
    ),
    Target(data="scoring", measure="seconds against the bare predict", path=("scale", "ratio"), most=1.5),
    Target(data="scoring", measure="peak memory, MiB", path=("scale", "peak_mib"), most=1024),
)


def table_of(measured: Mapping[str, Any], marks: Sequence[Target] = MARKS) -> list[dict[str, Any]]:
    """Give one row a mark whose figure was measured: data, measure, bar, measured and whether it is reached.

    Every risk set that was measured also has its calibration error judged.
    """
    calibrated = tuple(
        Target(data=name, measure="ECE, 15 bins", path=(name, "ece"), most=CALIBRATION)
        for name, figures in measured.items()
        if "ece" in figures
    )
    rows = []
    for mark in (*marks, *calibrated):
        value = _at(measured, mark.path)
        if value is not None:
            rows.append(
                {
                    "data": mark.data,
                    "measure": mark.measure,
                    "bar": mark.bar,
                    "measured": value,
                    "reached": mark.reached(value),
                }
            )
    return rows


def _at(measured: Mapping[str, Any], path: Sequence[str]) -> float | None:
    found: Any = measured
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return float(found)

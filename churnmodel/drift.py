"""Has the world moved since training: shares, levels and gaps, told as attention, not as alarm.

PSI is compared with the larger of the usual 0.1 and what chance alone would give at this sample size: with no
drift, PSI over B bins of samples n and m behaves like (1/n + 1/m) times a chi-square of B-1 degrees. Without
that bound small files cry wolf every week (Yurdakul 2018).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from scipy.stats import chi2

from churnmodel.array_types import Floats
from churnmodel.data.features import Features

BINS: Final = 10
NOTICE: Final = 0.10
ATTENTION: Final = 0.25
"""The usual PSI marks of a moderate and a large shift."""

CHANCE: Final = 0.999
"""How rarely chance alone may pass the bound: about fifty columns are looked at each time."""

NEW_LEVEL_SHARE: Final = 0.01
"""Share of rows with levels never seen from which a category counts as changed."""

MISSING_CHANGE: Final = 0.05
FLOOR: Final = 1e-4
"""Smallest share of a bin, so that an empty one does not make PSI infinite."""


class Concern(StrEnum):
    """How much attention a change deserves."""

    NONE = "none"
    NOTICE = "notice"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What training rows looked like: cuts and shares of each column and of the score."""

    cuts: tuple[Floats, ...]  # by column; for categories the codes
    shares: tuple[Floats, ...]  # one longer than the bins: the last is missing
    score_cuts: Floats
    score_shares: Floats
    rows: int

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for storing beside a model."""
        return {
            "cuts": [cuts.tolist() for cuts in self.cuts],
            "shares": [shares.tolist() for shares in self.shares],
            "score_cuts": self.score_cuts.tolist(),
            "score_shares": self.score_shares.tolist(),
            "rows": self.rows,
        }

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "Baseline":
        """Read back what `as_dict` gave."""
        return Baseline(
            cuts=tuple(np.array(cuts, dtype=np.float64) for cuts in plain["cuts"]),
            shares=tuple(np.array(shares, dtype=np.float64) for shares in plain["shares"]),
            score_cuts=np.array(plain["score_cuts"], dtype=np.float64),
            score_shares=np.array(plain["score_shares"], dtype=np.float64),
            rows=int(plain["rows"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureShift:
    """What moved in one column (or in the score)."""

    name: str
    psi: float
    bound: float  # PSI that chance alone passes once in a thousand
    missing_before: float
    missing_after: float
    new_levels: float  # share of rows with a level never seen
    concern: Concern
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelGap:
    """Calibration in the large of a matured cohort: predicted against seen rate."""

    predicted: float
    seen: float
    deviations: float  # gap in standard errors
    concern: Concern


def baseline(features: Features, matrix: Floats, risk: Floats) -> Baseline:
    """Describe training rows for later comparison."""
    cuts, shares = [], []
    for index, reader in enumerate(features.readers):
        x = matrix[:, index]
        edges = np.arange(len(reader.levels), dtype=np.float64) if reader.is_category else _cuts(x)
        cuts.append(edges)
        shares.append(_shares(x, edges))
    score_cuts = _cuts(risk)
    return Baseline(
        cuts=tuple(cuts),
        shares=tuple(shares),
        score_cuts=score_cuts,
        score_shares=_shares(risk, score_cuts),
        rows=len(matrix),
    )


def shifts(base: Baseline, features: Features, matrix: Floats, risk: Floats) -> tuple[FeatureShift, ...]:
    """Compare rows of a later file with the baseline, every column and the score; worst concern first."""
    found = []
    for index, reader in enumerate(features.readers):
        x = matrix[:, index]
        new = float((x >= len(reader.levels)).mean()) if reader.is_category and len(x) else 0.0
        found.append(
            _shift(reader.name, base.shares[index], _shares(x, base.cuts[index]), base.rows, len(x), new)
        )
    found.append(
        _shift("score", base.score_shares, _shares(risk, base.score_cuts), base.rows, len(risk), 0.0)
    )
    severity = {Concern.ATTENTION: 0, Concern.NOTICE: 1, Concern.NONE: 2}
    return tuple(sorted(found, key=lambda shift: (severity[shift.concern], -shift.psi)))


def level_gap(risk: Floats, churned: Floats) -> LevelGap:
    """Compare mean predicted with seen churn of customers whose horizon is over."""
    gap = float(churned.mean() - risk.mean())
    error = float(np.sqrt((risk * (1 - risk)).sum())) / len(risk)
    deviations = gap / max(error, 1e-12)
    relative = abs(gap) / max(float(risk.mean()), 1e-9)
    concern = Concern.NONE
    if abs(deviations) > LEVEL_DEVIATIONS and relative > SMALL_GAP:
        concern = Concern.ATTENTION if relative > LARGE_GAP else Concern.NOTICE
    return LevelGap(
        predicted=float(risk.mean()),
        seen=float(churned.mean()),
        deviations=float(deviations),
        concern=concern,
    )


LEVEL_DEVIATIONS: Final = 3.0
SMALL_GAP: Final = 0.1
LARGE_GAP: Final = 0.25
"""A level off by a tenth of itself is worth knowing, by a quarter worth acting on; both beyond chance."""


def psi(before: Floats, after: Floats) -> float:
    """Population stability index of two lists of shares."""
    a, b = np.maximum(before, FLOOR), np.maximum(after, FLOOR)
    return float(((b - a) * np.log(b / a)).sum())


def psi_bound(bins: int, before_rows: int, after_rows: int) -> float:
    """PSI that chance alone passes once in a thousand."""
    return float((1 / max(before_rows, 1) + 1 / max(after_rows, 1)) * chi2.ppf(CHANCE, max(bins - 1, 1)))


def _shift(  # noqa: PLR0917 - six plain facts of one column
    name: str, before: Floats, after: Floats, before_rows: int, after_rows: int, new: float
) -> FeatureShift:
    found = psi(before, after)
    filled = int(((before > 0) | (after > 0)).sum())
    bound = psi_bound(filled, before_rows, after_rows)
    missing = (float(before[-1]), float(after[-1]))
    concern, rule = Concern.NONE, ""
    if found > max(NOTICE, bound):
        concern, rule = (
            (Concern.ATTENTION if found > max(ATTENTION, bound) else Concern.NOTICE),
            "drift.shares",
        )
    if new > NEW_LEVEL_SHARE:
        concern, rule = Concern.ATTENTION, "drift.new-levels"
    if abs(missing[1] - missing[0]) > MISSING_CHANGE and concern is Concern.NONE and found > bound:
        concern, rule = Concern.NOTICE, "drift.missing"
    return FeatureShift(
        name=name,
        psi=found,
        bound=bound,
        missing_before=missing[0],
        missing_after=missing[1],
        new_levels=new,
        concern=concern,
        rule=rule,
    )


def _cuts(x: Floats) -> Floats:
    known = x[~np.isnan(x)]
    if known.size == 0:
        return np.empty(0)
    return np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))


def _shares(x: Floats, cuts: Floats) -> Floats:
    if len(x) == 0:
        return np.zeros(len(cuts) + 2)
    index = np.searchsorted(cuts, x, side="right")
    index[np.isnan(x)] = len(cuts) + 1
    return np.asarray(np.bincount(index, minlength=len(cuts) + 2) / len(x), dtype=np.float64)

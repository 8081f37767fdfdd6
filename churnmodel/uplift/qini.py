"""How well a ranking finds those whom treatment helps: Qini curve, normalised area, effect by slice.

The normalised Qini is the area between the curve and the random line, over that of the perfect ranking
(Radcliffe 2007; perfect curve as in scikit-uplift, with negative effects). The adjusted one replaces each
outcome by its difference from what was expected of the customer anyway, which removes noise and no signal
(Bokelmann and Lessmann 2023).
"""

import numpy as np

from churnmodel.array_types import Floats, Ints


def qini_curve(outcome: Floats, treated: Floats, ranking: Floats) -> tuple[Floats, Floats]:
    """Give customers targeted (0…n) and treated outcomes above what the controls so far would give."""
    order = np.argsort(-ranking, kind="stable")
    y, t, r = outcome[order], treated[order], ranking[order]
    ends = np.append(np.flatnonzero(np.diff(r) != 0), len(r) - 1)
    treated_rows = np.cumsum(t)[ends]
    control_rows = (ends + 1) - treated_rows
    treated_sum = np.cumsum(y * t)[ends]
    control_sum = np.cumsum(y)[ends] - treated_sum
    share = np.divide(treated_rows, control_rows, out=np.zeros_like(treated_rows), where=control_rows > 0)
    gain = treated_sum - control_sum * share
    return np.append(0.0, ends + 1.0), np.append(0.0, gain)


def qini(outcome: Floats, treated: Floats, ranking: Floats, *, adjusted: Floats | None = None) -> float:
    """Normalised Qini of a ranking: 0 for random, 1 for perfect. Outcome 1 is the success.

    With `adjusted` the curve is drawn from those outcomes, and normalised by the same perfect curve.
    """
    x, y = qini_curve(outcome if adjusted is None else adjusted, treated, ranking)
    perfect_x, perfect_y = qini_curve(outcome, treated, outcome * treated - outcome * (1 - treated))
    baseline = float(perfect_y[-1]) * float(perfect_x[-1]) / 2
    area = float(np.trapezoid(y, x)) - float(y[-1]) * float(x[-1]) / 2
    perfect = float(np.trapezoid(perfect_y, perfect_x)) - baseline
    return area / perfect if perfect != 0 else 0.0


def effect_in(outcome: Floats, treated: Floats, rows: Ints) -> float:
    """Difference in mean outcome between treated and control among these rows; NaN if one side is empty."""
    y, t = outcome[rows], treated[rows] > 0
    if t.all() or not t.any():
        return float("nan")
    return float(y[t].mean() - y[~t].mean())


def top_rows(ranking: Floats, share: float) -> Ints:
    """Rows of the highest `share` of the ranking."""
    count = max(1, round(share * len(ranking)))
    return np.argsort(-ranking, kind="stable")[:count]


def bottom_rows(ranking: Floats, share: float) -> Ints:
    """Rows of the lowest `share` of the ranking."""
    return top_rows(-ranking, share)

"""The normalised Qini is the one of scikit-uplift, so that figures can be compared with published ones."""

import numpy as np
import pytest

from churnmodel.uplift.qini import qini


def trial(seed, share, level, indices):
    """A trial with a share of treated, a base rate, and a ranking of so many places (1: many ties)."""
    rng = np.random.default_rng(seed)
    x = rng.random(1000)
    treated = (rng.random(1000) < share).astype(float)
    outcome = (rng.random(1000) < level + 0.2 * x * treated).astype(float)
    return outcome, treated, np.round(x + rng.random(1000), indices)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ((1, 0.5, 0.3, 6), 0.056671440976489955),
        ((2, 0.85, 0.1, 6), -0.07690086725631194),
        ((3, 0.2, 0.5, 1), -0.019968126841289652),
    ],
)
def test_qini_is_that_of_scikit_uplift_with_uneven_arms_and_ties(made, expected):
    """Expected values from sklift.metrics.qini_auc_score of scikit-uplift 0.5.1 on the same rows."""
    assert qini(*trial(*made)) == pytest.approx(expected, abs=1e-12)

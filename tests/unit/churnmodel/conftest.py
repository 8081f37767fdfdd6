"""Fast rings need small models: what is tested here are properties, the figures are the bench's."""

import pytest


@pytest.fixture(autouse=True)
def small_boosting(monkeypatch):
    """One bag, few rounds: a boosted fit in a fraction of a second, wrong in figures, right in structure."""
    monkeypatch.setattr("churnmodel.risk.boosted.OUTER_BAGS", 1)
    monkeypatch.setattr("churnmodel.risk.boosted.MOST_ROUNDS", 200)
    monkeypatch.setattr("churnmodel.risk.boosted.PAIRS", 3)

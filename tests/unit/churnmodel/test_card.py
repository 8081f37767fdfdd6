"""The model card: complete in itself, escaped, with every plot."""

import xml.etree.ElementTree as ET

import numpy as np
import polars as pl
import pytest

from churnmodel.data.contract import infer_contract
from churnmodel.drift import Concern, FeatureShift
from churnmodel.reports.card import CardEvidence, model_card
from churnmodel.reports.fairness import audit_groups
from churnmodel.reports.plots import Curve, bar_plot, line_plot, ticks
from churnmodel.synthetic_customers import make_customers


def evidence(n=3000, *, shifts=(), groups=None):
    rng = np.random.default_rng(1)
    risk = rng.beta(1, 6, n)
    return CardEvidence(
        truth=(rng.random(n) < risk).astype(float),
        risk=risk,
        value=np.full(n, 400.0),
        shifts=shifts,
        groups=groups or {},
    )


def test_card_holds_figures_plots_audit_and_origin_and_loads_nothing():
    """One page, no network, no script; what the data says is escaped."""
    customers = make_customers(500, seed=1).rename({"plan": "<script>plan"})
    shift = FeatureShift(
        name="plan<b>", psi=0.3, bound=0.05, missing_before=0, missing_after=0, new_levels=0,
        concern=Concern.ATTENTION, rule="drift.shares",
    )  # fmt: skip
    data = evidence(shifts=(shift,))
    groups = audit_groups(pl.Series("region", ["north", "<south>"] * 1500), data.truth, data.risk)
    data = evidence(shifts=(shift,), groups={"region": groups})

    page = model_card(
        {"model": "ebm", "candidates": {"ebm": {"roc_auc": 0.85}}, "rows": 500, "data_sha256": "ab"},
        infer_contract(customers), data, identity={"trained": "<today>"},
    )  # fmt: skip

    assert 4 == page.count("<svg")
    assert "1 deserve attention: plan&lt;b&gt;" in page
    assert "The 20% of customers with the highest risk hold" in page
    assert "ebm (in use)" in page
    assert "0.8500" in page
    assert "not causes" in page
    assert "&lt;script&gt;plan" in page
    assert "&lt;south&gt;" in page
    assert "&lt;today&gt;" in page
    for forbidden in ("<script", "http://", "https://", "<link", "<img", "src="):
        assert forbidden not in page


def test_plots_are_well_formed_and_carry_their_title():
    """Broken SVG would show nothing and say nothing."""
    svg = line_plot("A & B", "x", "y", [Curve(label="one <1>", x=[0.0, 1.0], y=[1.0, 1.0], points=True)])
    bars = bar_plot("bars", "x", ["a", "b"], [0.0, 0.2], mark=0.1)

    for picture in (svg, bars):
        assert "svg" == ET.fromstring(picture).tag  # noqa: S314 - our own picture
    assert 'aria-label="A &amp; B"' in svg


@pytest.mark.parametrize(
    ("low", "high", "round_numbers"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.0, 6621.0, [0.0, 2000.0, 4000.0, 6000.0, 8000.0]),
        (-30.0, 80.0, [-50.0, -25.0, 0.0, 25.0, 50.0, 75.0, 100.0]),
        (0.3, 0.3, None),
    ],
)
def test_axes_have_round_numbers_that_reach_both_ends(low, high, round_numbers):
    found = ticks(low, high)

    assert found[0] <= low
    assert found[-1] >= high
    assert round_numbers is None or found == pytest.approx(round_numbers)


def test_audit_finds_the_group_whose_risk_is_told_too_low():
    """One region leaves twice as often as predicted; a group of three is not judged."""
    rng = np.random.default_rng(2)
    n = 6000
    region = np.where(np.arange(n) < 3, "islet", np.where(rng.random(n) < 0.5, "north", "south"))
    risk = np.full(n, 0.15) + 0.001 * rng.random(n)
    truth = (rng.random(n) < np.where(region == "south", 0.3, 0.15)).astype(float)

    notes = {one.group: one.note for one in audit_groups(pl.Series("region", region), truth, risk)}

    assert {"north": "", "south": "predicted too low", "islet": "too few to judge"} == notes

"""A model in use: its file alone is enough to see what moved, and its card is made by the run."""

import polars as pl
import pytest

from churnmodel.artefact import load, save
from churnmodel.data.contract import infer_contract
from churnmodel.drift import Concern
from churnmodel.metrics import roc_auc
from churnmodel.reports.drift_report import card_of, watch_drift
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.training import train_and_judge
from churnmodel.synthetic_customers import make_customers


@pytest.fixture(scope="module")
def trained():
    customers = make_customers(3000, seed=1)
    return train_and_judge(customers, infer_contract(customers, audit=["region"]), seed=1, candidates=QUICK)


def test_model_read_back_from_its_folder_sees_what_moved(trained, tmp_path):
    """The baseline travels in the manifest."""
    save(trained.model, tmp_path)
    model = load(tmp_path)
    later = make_customers(3000, seed=2)

    calm = watch_drift(model, later, churned=model.contract.labels(later))
    moved = watch_drift(model, later.with_columns(pl.col("tenure_months") // 4))

    assert calm.concern is not Concern.ATTENTION
    assert moved.concern is Concern.ATTENTION
    assert "tenure_months" in {shift.name for shift in moved.shifts if shift.concern is Concern.ATTENTION}


def test_evidence_is_out_of_fold(trained):
    """What the card shows is as good as the cross-validated figure, no better."""
    shown = roc_auc(trained.truth, trained.risk)

    assert shown == pytest.approx(trained.model.facts["figures"]["roc_auc"], abs=0.01)


def test_card_of_a_run_shows_the_audited_group_and_drift(trained):
    page = card_of(trained, later=make_customers(800, seed=3))

    assert "region" in page
    assert "north" in page
    assert 4 == page.count("<svg")
    assert "region" not in trained.model.features.names

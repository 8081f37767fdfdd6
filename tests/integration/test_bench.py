"""The bench runs any folder of data sets as it is, and no data set can stop the others."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from churnmodel.benchmarks.dataset_suite import bench_folder
from churnmodel.synthetic_customers import make_customers
from churnmodel.uplift.model_selection import judge_uplift

GIVEN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bench.toml"


@pytest.fixture
def quick(monkeypatch):
    """The smallest models: what is tested here is the way, not the figures."""
    monkeypatch.setattr("churnmodel.benchmarks.dataset_suite.FULL", ("logistic", "trees"))
    monkeypatch.setattr("churnmodel.benchmarks.dataset_suite.STEADY", ())
    monkeypatch.setattr("churnmodel.benchmarks.dataset_suite.BLOCKS", 3)
    monkeypatch.setattr("churnmodel.benchmarks.dataset_suite.judge_uplift", _few_learners)


_few_learners = partial(judge_uplift, learners=("t-linear", "to-linear"))


def ugly(n=1000):
    """Everything a real export does: blanks in numbers, an empty column, dates, duplicates."""
    rng = np.random.default_rng(1)
    frame = make_customers(n, seed=4).with_columns(
        pl.Series("empty", [None] * n, dtype=pl.String),
        pl.Series("bill", [f" {v:.2f}" if v > 0.1 else " " for v in rng.random(n)]),
        pl.Series("since", [f"20{10 + k % 9}-0{1 + k % 9}-1{k % 9}" for k in range(n)]),
        pl.Series("postcode", [f"P{k}" for k in rng.integers(0, 300, n)]),
        pl.Series("always", ["yes"] * n),
        pl.Series("duration", rng.random(n)),
    )
    return pl.concat([frame, frame.head(50)])


def test_ugly_files_run_as_they_are(tmp_path, quick):
    """CSV with semicolons, gzip, Parquet; random, dated and randomised: one line of figures each."""
    frame = ugly()
    frame.write_csv(tmp_path / "a.csv", separator=";")
    frame.write_parquet(tmp_path / "b.parquet")
    rng = np.random.default_rng(2)
    arm = rng.choice(["call", "none", "mail"], frame.height)
    frame.with_columns(pl.Series("arm", arm)).write_parquet(tmp_path / "c.parquet")
    (tmp_path / "bench.toml").write_text(
        """
[random]
file = "a.csv"
target = "churned"
positive = 1
id = ["id"]
drop = ["name"]
[dated]
file = "b.parquet"
task = "risk"
order = "rows"
target = "churned"
positive = "1"
where = { contract = ["month to month", "one year"] }
[trial]
file = "c.parquet"
task = "uplift"
treatment = "arm"
treated = "call"
control = "none"
target = "churned"
positive = "1"
goal = "lower"
[broken]
file = "nowhere.csv"
target = "churned"
"""
    )
    told = []

    found = bench_folder(tmp_path, repeats=1, progress=lambda stage, share: told.append((stage, share)))

    assert ["random", "dated", "trial", "broken"] == list(found)
    risk_keys = {"model", "roc_auc", "pr_auc", "lift_10", "log_loss", "brier", "ece"}
    assert risk_keys <= set(found["random"])
    assert risk_keys | {"within_period_roc_auc", "single_split"} <= set(found["dated"])
    assert "error" not in found["trial"], found["trial"]
    uplift_keys = {"learner", "qini", "qini_se", "top_decile_effect", "bottom_20_effect", "risk_ranking_qini"}
    assert uplift_keys <= set(found["trial"])
    assert "nowhere.csv: there is no such file" in found["broken"]["error"]
    assert 50 == found["random"]["rows_dropped"]
    assert {
        "empty": "shape.all-missing",
        "always": "shape.constant",
        "duration": "leak.after-call",
    }.items() <= (found["random"]["refused"].items())
    assert 0.6 < found["random"]["roc_auc"] < 0.85
    assert ("random: judge", 1.0) in told
    json.dumps(found)


@pytest.mark.skipif(not GIVEN.is_file(), reason="the given data sets lie beside the checkout, not in it")
def test_given_telco_file_reaches_its_target(quick):
    """ROC-AUC 0.848 or better and honest probabilities, cross-validated, without the slow candidate."""
    found = bench_folder(GIVEN, only=["telco_ibm"], repeats=1)["telco_ibm"]

    assert found["roc_auc"] >= 0.848
    assert found["log_loss"] <= 0.414
    assert found["brier"] <= 0.135
    assert found["ece"] <= 0.025

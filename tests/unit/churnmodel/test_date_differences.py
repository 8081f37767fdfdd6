"""The days between two dates are a feature of their own, in training, scoring, model files and reasons."""

import numpy as np
import polars as pl

from churnmodel.artefact import load, save
from churnmodel.data.contract import infer_contract
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.training import train_risk
from churnmodel.scoring.score import score

ROWS = 1500


def appointments():
    """Who books long ahead does not come; neither date says so alone."""
    rng = np.random.default_rng(3)
    day = np.datetime64("2026-01-01") + rng.integers(0, 365, ROWS)
    wait = rng.integers(0, 40, ROWS)
    missed = rng.random(ROWS) < 1 / (1 + np.exp(-(wait - 25) / 4))
    return pl.DataFrame(
        {
            "booked": pl.Series(day - wait).cast(pl.Date),
            "day": pl.Series(day).cast(pl.Date).dt.to_string("%Y-%m-%d"),
            "left": missed,
        }
    )


def test_a_wait_between_two_dates_is_learned_kept_and_said(tmp_path):
    frame = appointments()
    contract = infer_contract(frame)
    save(train_risk(frame, contract, seed=1, candidates=QUICK), tmp_path / "model")
    model = load(tmp_path / "model")

    assert ("booked", "day", "day - booked") == model.features.names
    assert model.facts["figures"]["roc_auc"] > 0.85
    fresh = frame.drop("left")
    days = model.features.matrix(fresh)[:, 2]
    assert (days == (fresh["day"].str.to_date() - fresh["booked"]).dt.total_days().to_numpy()).all()
    assert ("day",) == model.features.absent(fresh.drop("day"))
    said = score(model, fresh).get_column("reasons").explode().to_list()
    assert any("days from booked to day" in str(text) for text in said)


def test_dates_that_are_always_as_far_apart_say_nothing_together():
    frame = appointments().with_columns(pl.col("booked").dt.offset_by("7d").alias("a week later"))

    names = [column.name for column in infer_contract(frame).columns]

    assert "a week later - booked" not in names
    assert "day - a week later" in names

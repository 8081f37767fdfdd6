"""`winback model …`: the last line of a bench is JSON, the card is a page, drift is attention."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.testing import Result

import churnmodel.benchmarks.dataset_suite
from churnmodel.risk.candidates import QUICK
from churnmodel.synthetic_customers import make_customers

Type = Callable[..., Result]


def test_the_last_line_of_a_bench_is_one_json_object_by_data_set(
    type_in: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(churnmodel.benchmarks.dataset_suite, "FULL", QUICK)  # all candidates take a minute
    make_customers(400, seed=1).write_csv(tmp_path / "small.csv")
    (tmp_path / "bench.toml").write_text(
        '[small]\nfile = "small.csv"\ntask = "risk"\ntarget = "churned"\n'
        '[gone]\nfile = "gone.csv"\ntask = "risk"\ntarget = "churned"\n'
    )

    said = type_in("model", "bench", str(tmp_path), "--json", "--repeats", "1", code=1)
    found = json.loads(said.stdout.splitlines()[-1])

    assert {"model", "roc_auc", "pr_auc", "lift_10", "log_loss", "brier", "ece"} <= set(found["small"])
    assert "gone.csv" in found["gone"]["error"]
    assert "gone.csv" in said.stderr, "one set that cannot be run is said, and told by the exit code"


def test_all_bars_are_one_table_and_a_missed_one_is_told_by_the_exit_code(
    type_in_bench: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(churnmodel.benchmarks.dataset_suite, "FULL", QUICK)
    make_customers(400, seed=1).write_csv(tmp_path / "small.csv")
    (tmp_path / "bench.toml").write_text('[telco_ibm]\nfile = "small.csv"\ntarget = "churned"\n')

    said = type_in_bench(
        "churn",
        "targets",
        str(tmp_path),
        "--small",
        "0",
        "--large",
        "0",
        "--years",
        "1",
        "--rows",
        "0",
        "--json",
        code=1,
    )
    rows = {(row["data"], row["measure"]): row for row in json.loads(said.stdout.splitlines()[-1])}

    assert rows["telco_ibm", "ROC-AUC"]["reached"] is False, "400 made-up customers are no Telco"
    assert rows["simulated year", "share of years whose interval covers the truth"]["reached"] is True


def test_a_folder_without_a_list_of_data_is_a_failure_with_its_name(type_in: Type, tmp_path: Path) -> None:
    assert "bench.toml" in type_in("model", "bench", str(tmp_path), code=2).output


def customers_file(path: Path, seed: int, rows: int = 600) -> Path:
    make_customers(rows, seed=seed).write_csv(path)
    return path


def test_a_model_has_a_card_a_drift_and_a_line_in_the_list(type_in: Type, tmp_path: Path) -> None:
    assert "winback train" in type_in("model", "card", code=2).output
    assert "winback train" in type_in("model", "drift", code=2).output
    file = customers_file(tmp_path / "customers.csv", seed=1)
    type_in("import", str(file), "--label", "churned")
    assert "It is the champion" in type_in("train", "--quick").output

    type_in("model", "card", "--out", "card.html")
    page = Path("card.html").read_text(encoding="utf-8")

    assert page.startswith("<!doctype html>")
    assert 4 == page.count("<svg"), "lift, calibration, profit, drift"
    assert "0 of" in type_in("model", "drift").output
    assert "champion" in type_in("model", "list").output


def test_drift_is_told_with_its_rule_and_is_no_failure(type_in: Type, tmp_path: Path) -> None:
    type_in("import", str(customers_file(tmp_path / "customers.csv", seed=1)), "--label", "churned")
    type_in("train", "--quick")
    moved = make_customers(600, seed=2).with_columns(pl.col("monthly_charge") * 1.6)
    moved.write_csv(tmp_path / "later.csv")
    type_in("import", str(tmp_path / "later.csv"), "--label", "churned")

    said = type_in("model", "drift", code=0).output

    assert "monthly_charge" in said
    assert "drift.shares" in said


def test_a_second_model_stays_a_challenger_until_it_is_better_or_a_person_says_so(
    type_in: Type, tmp_path: Path
) -> None:
    type_in("import", str(customers_file(tmp_path / "customers.csv", seed=1)), "--label", "churned")
    type_in("train", "--quick")

    said = type_in("train", "--quick", "--seed", "2").output
    promoted = type_in("model", "promote", "2").output

    assert "It stays a challenger" in said
    assert "0 outcomes" in said
    assert "Model 2 is the champion" in promoted
    assert "no model 9" in type_in("model", "promote", "9", code=2).output


def test_large_files_are_scored_part_by_part_and_only_what_is_missing(type_in: Type, tmp_path: Path) -> None:
    make_customers(500, seed=1).write_parquet(tmp_path / "all.parquet")
    assert "winback train" in type_in("model", "score-files", "all.parquet", "--out", "s", code=2).output
    type_in("import", str(customers_file(tmp_path / "customers.csv", seed=1)), "--label", "churned")
    type_in("train", "--quick")

    first = type_in("model", "score-files", "all.parquet", "--out", "s", "--rows", "200").output
    again = type_in("model", "score-files", "all.parquet", "--out", "s", "--rows", "200").output

    assert "500 rows in 3 parts" in first
    assert "3 were not done" in first
    assert "0 were not done" in again

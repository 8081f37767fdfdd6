"""`winback model …`: the last line of a bench is JSON, the card is a page, drift is attention."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import churnmodel.bench
from churnmodel.candidates import QUICK
from churnmodel.synth import make_customers
from dialer.cli import data, factory, model

APP = typer.Typer()
APP.command("import")(data.import_file)
APP.command()(model.train)
APP.command()(model.score)
APP.add_typer(factory.group)

Type = Callable[..., Result]


@pytest.fixture
def type_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    monkeypatch.setenv("WINBACK_DATA_DIR", str(tmp_path / "house"))
    monkeypatch.setenv("WINBACK_LOG_LEVEL", "error")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(APP, words, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_last_line_of_a_bench_is_one_json_object_by_data_set(
    type_in: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(churnmodel.bench, "FULL", QUICK)  # all candidates take a minute
    make_customers(400, seed=1).write_csv(tmp_path / "small.csv")
    (tmp_path / "bench.toml").write_text(
        '[small]\nfile = "small.csv"\ntask = "risk"\ntarget = "churned"\n'
        '[gone]\nfile = "gone.csv"\ntask = "risk"\ntarget = "churned"\n'
    )

    said = type_in("model", "bench", str(tmp_path), "--json", "--repeats", "1")
    found = json.loads(said.stdout.splitlines()[-1])

    assert {"model", "roc_auc", "pr_auc", "lift_10", "log_loss", "brier", "ece"} <= set(found["small"])
    assert "error" in found["gone"]


def test_a_folder_without_a_list_of_data_is_a_failure_with_its_name(type_in: Type, tmp_path: Path) -> None:
    assert "bench.toml" in type_in("model", "bench", str(tmp_path), code=2).output

"""The command line as a person types it, in an installation of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from bench.__main__ import bench
from typer.testing import CliRunner, Result

from dialer.cli.commands import cli
from dialer.cli.console_output import console

Type = Callable[..., Result]


@pytest.fixture
def type_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """`winback WORDS`."""
    return _typing(cli, tmp_path, monkeypatch)


@pytest.fixture
def type_in_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """`python -m bench WORDS`."""
    return _typing(bench, tmp_path, monkeypatch)


def _typing(program: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    monkeypatch.setenv("WINBACK_DATA_DIR", str(tmp_path / "app"))
    monkeypatch.setenv("WINBACK_LOG_LEVEL", "error")
    monkeypatch.setattr(console, "width", 300)  # a narrow table would cut the words looked for
    monkeypatch.chdir(tmp_path)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(program, words, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run

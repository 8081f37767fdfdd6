"""The command line as a person types it, in an installation of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dialer.cli.console_output import console
from dialer.cli.root import cli

Type = Callable[..., Result]


@pytest.fixture
def type_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    monkeypatch.setenv("WINBACK_DATA_DIR", str(tmp_path / "app"))
    monkeypatch.setenv("WINBACK_LOG_LEVEL", "error")
    monkeypatch.setattr(console, "width", 300)  # a narrow table would cut the words looked for
    monkeypatch.chdir(tmp_path)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run

"""What a long command says of itself while it goes on."""

import io

import pytest
from rich.console import Console

from dialer.cli import console_output


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.setattr(console_output, "QUIET_FOR_S", 0.0)
    monkeypatch.setattr(console_output, "errors", Console(file=written, force_terminal=True, width=100))
    return written


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(console_output, "monotonic", lambda: now[0])
    return now


def test_counted_rows_have_a_rate(shown: io.StringIO, clock: list[float]) -> None:
    with console_output.meter({"import": "Reading"}) as show:
        show("import", 0.0, 100_000)
        clock[0] += 2.0
        show("import", 0.5, 100_000)

    assert "50%" in shown.getvalue()
    assert "25,000 rows/s" in shown.getvalue()


def test_a_share_alone_has_none(shown: io.StringIO, clock: list[float]) -> None:
    with console_output.meter({"import": "Reading"}) as show:
        show("import", 0.0)
        clock[0] += 2.0
        show("import", 0.5)

    assert "50%" in shown.getvalue()
    assert "rows/s" not in shown.getvalue()

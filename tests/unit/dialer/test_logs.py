"""What goes wrong again and again takes one line a minute, and a database's fault no traceback."""

import logging

import pytest
import structlog

from dialer.db.database_faults import DatabaseFault, DatabaseUnavailable
from dialer.logs import AGAIN_S, STANDARD_ERROR, OncePerMinute, set_up_logs


def passed(limit: OncePerMinute, event: str, **said: object) -> dict[str, object] | None:
    """The line, or None where it was left out."""
    try:
        return limit(None, "warning", {"event": event, **said})
    except structlog.DropEvent:
        return None


def test_one_kind_of_fault_takes_one_line_a_minute_that_counts_the_others() -> None:
    now = 0.0
    limit = OncePerMinute(lambda: now)

    first = passed(limit, "turn_failed", error="Full")
    others = [passed(limit, "turn_failed", error="Full") for _ in range(59)]
    now = AGAIN_S
    second = passed(limit, "turn_failed", error="Full")

    assert first == {"event": "turn_failed", "error": "Full"}
    assert others == [None] * 59
    assert second == {"event": "turn_failed", "error": "Full", "left_out": 59}


def test_another_event_another_error_and_a_line_without_an_error_are_told() -> None:
    limit = OncePerMinute(lambda: 0.0)
    passed(limit, "turn_failed", error="Full")

    assert passed(limit, "fact_not_written", error="Full")
    assert passed(limit, "turn_failed", error="Locked")
    assert passed(limit, "part_ended", part="worker")
    assert passed(limit, "part_ended", part="worker")


@pytest.fixture
def our_logs() -> object:
    """Logs as the commands set them up, and as they were afterwards."""
    set_up_logs("info")
    yield
    structlog.reset_defaults()
    for name in ("asyncio", "uvicorn"):
        logging.getLogger(name).handlers = []


@pytest.mark.usefixtures("our_logs")
def test_a_database_that_cannot_work_is_one_sentence_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(5):
        term = ExceptionGroup("a term", [DatabaseUnavailable(DatabaseFault.FULL)])
        structlog.get_logger().error("term_failed", errors=["..."], exc_info=term)

    (line,) = capsys.readouterr().err.splitlines()
    assert "database.full" in line
    assert "Traceback" not in line


@pytest.mark.usefixtures("our_logs")
def test_a_library_that_complains_of_every_connection_takes_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number in range(1000):
        logging.getLogger("asyncio").error("socket.accept() out of system resource\nsocket: %s", number)

    (line,) = capsys.readouterr().err.splitlines()
    assert "out of system resource" in line


@pytest.mark.usefixtures("our_logs")
def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk:
        def write(self, _text: str = "") -> None:
            raise OSError(28, "No space left on device")

        flush = write

        def isatty(self) -> bool:
            return False

    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", FullDisk())
        structlog.get_logger().warning("turn_failed", error="Full")
        STANDARD_ERROR.write("said")

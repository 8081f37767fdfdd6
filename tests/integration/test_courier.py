"""A real worker has a courier beside it: what is due goes out, and it ends with the worker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench.testbed.server import wait_until

from dialer.bootstrap import open_app
from dialer.services.promises.promises import PromiseRequest, make_promise
from dialer.settings import Settings

DEADLINE_S = 120.0  # two interpreters and every table of an empty database, on a busy machine
MOBILE = "+447700900123"


def wait_for(true: Callable[[], object], what: str) -> None:
    wait_until(lambda: bool(true()), DEADLINE_S, what)


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {
        **os.environ,
        "WINBACK_DATA_DIR": str(folder),
        "WINBACK_TEXTS__WAY": "file",
        "WINBACK_TEXTS__NAME": "Acme",
    }
    process = subprocess.Popen([sys.executable, "-m", "dialer.cli", "worker"], env=environ, cwd=folder)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def promise(folder: Path, call: str, number: str) -> None:
    with open_app(Settings(data_dir=folder)) as app:
        now = datetime.now(UTC)
        request = PromiseRequest(e164=number, queue="support", source_call=call, virtual_join=now)
        make_promise(app.database, request, now)


def texts(folder: Path) -> list[str]:
    path = folder / "texts.jsonl"
    if not path.exists():
        return []
    return [json.loads(line)["to"] for line in path.read_text(encoding="utf-8").splitlines()]


def courier_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The process ids of the worker's children that are couriers."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process.pid and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_worker_hands_over_what_is_due_and_its_courier_is_started_again_and_ends_with_it(
    tmp_path: Path,
) -> None:
    promise(tmp_path, "one", MOBILE)
    with worker(tmp_path) as process:
        wait_for(lambda: texts(tmp_path) == [MOBILE], "the first text")
        (first,) = courier_of(process)
        os.kill(first, signal.SIGKILL)
        promise(tmp_path, "two", "+447700900124")
        wait_for(lambda: len(texts(tmp_path)) == 2, "the text after the courier was killed")
        (second,) = courier_of(process)
        os.kill(process.pid, signal.SIGKILL)
        wait_for(lambda: not Path(f"/proc/{second}").exists(), "the courier's end")

    assert texts(tmp_path) == [MOBILE, "+447700900124"]

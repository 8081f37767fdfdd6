"""A part that ends unasked is started again; one that is asked to stop stays down. Real processes."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dialer.cli import process_supervisor
from dialer.cli.process_supervisor import LONGEST_PAUSE_S, Ended, ProcessSupervisor, pause_after

STUBBORN = "trap '' TERM; : >'{deaf}'; while :; do sleep 0.05; done"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_supervisor, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(process_supervisor, "STOP_WITHIN_S", 1.0)


class Part:
    """A part of the centre that can be broken."""

    def __init__(self, script: str = "exec sleep 600") -> None:
        self.script = script
        self.broken = 0
        self.processes: list[subprocess.Popen[bytes]] = []
        self.ends: list[Ended] = []
        self.said = threading.Event()
        self.supervisor = ProcessSupervisor("part", self.start, self.told)

    def start(self) -> subprocess.Popen[bytes]:
        if self.broken:
            self.broken -= 1
            raise OSError("no such program")
        self.processes.append(subprocess.Popen(["sh", "-c", self.script]))
        return self.processes[-1]

    def told(self, ended: Ended) -> None:
        self.ends.append(ended)


@pytest.fixture
def parts(quick: None) -> Iterator[Callable[..., Part]]:
    made: list[Part] = []

    def make(script: str = "exec sleep 600") -> Part:
        made.append(Part(script))
        made[-1].supervisor.begin()
        return made[-1]

    yield make
    for part in made:
        part.supervisor.end()
        assert all(process.poll() is not None for process in part.processes)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def test_a_killed_part_runs_again_and_its_end_is_told(parts: Callable[..., Part]) -> None:
    part = parts()
    part.processes[0].send_signal(signal.SIGKILL)

    until(lambda: len(part.processes) == 2)
    assert part.ends == [Ended(part="part", code=-9, again_in_s=0.02)]
    until(lambda: part.supervisor.pid == part.processes[1].pid)
    assert part.processes[1].poll() is None


def test_a_part_that_ends_again_and_again_waits_longer_each_time(parts: Callable[..., Part]) -> None:
    part = parts("exit 3")
    until(lambda: len(part.ends) >= 4)

    assert [end.again_in_s for end in part.ends[:4]] == [0.02, 0.04, 0.08, 0.16]
    assert {end.code for end in part.ends} == {3}


def test_no_pause_is_longer_than_a_repair_may_stay_unnoticed() -> None:
    pauses = [pause_after(ends) for ends in range(1, 40)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S


def test_a_start_that_fails_is_tried_again(parts: Callable[..., Part]) -> None:
    part = parts()
    part.broken = 2
    part.processes[0].kill()

    until(lambda: len(part.processes) == 2)
    assert [end.code for end in part.ends] == [-9, None, None]


def test_a_part_that_was_asked_to_stop_stays_down_and_nothing_is_told(parts: Callable[..., Part]) -> None:
    part = parts()
    part.supervisor.end()

    assert part.processes[0].poll() == -signal.SIGTERM
    assert (len(part.processes), part.ends) == (1, [])


def test_a_part_that_does_not_hear_is_killed(parts: Callable[..., Part], tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    part = parts(STUBBORN.format(deaf=deaf))
    until(deaf.exists)
    part.supervisor.end()

    assert part.processes[0].poll() == -signal.SIGKILL
    assert part.ends == []


def test_a_part_that_was_let_go_runs_on_and_is_not_started_again(parts: Callable[..., Part]) -> None:
    part = parts()
    part.supervisor.let_go()
    assert part.processes[0].poll() is None
    part.processes[0].kill()
    part.supervisor.end()

    assert (len(part.processes), part.ends) == (1, [])

"""What a measured floor is held to, and when clocks are not believed."""

import os
from pathlib import Path

import pytest

from dialer.cli import bench_floor_engine
from dialer.cli.bench_floor import bars_of
from dialer.cli.bench_floor_engine import machine_s, milliseconds


def floor(**other: float) -> dict[str, float]:
    return {
        "utilisation": 0.84,
        "lab_utilisation": 0.845,
        "turn_p99_ms": 60.0,
        "permit_p99_ms": 12.0,
        "statements_an_attempt": 20.0,
        "cpu_ms_an_attempt": 10.0,
        "machine_share": 0.6,
    } | other


def held(**floors: dict[str, float]) -> dict[str, bool]:
    idle = {"cpu_share": 0.02}
    return {bar.figure: bar.met for bar in bars_of({**floors, "idle": idle})}


def test_a_floor_that_does_as_the_lab_passes() -> None:
    assert all(held(small=floor(), large=floor()).values())


def test_a_floor_below_the_lab_does_not() -> None:
    assert not held(large=floor(utilisation=0.83))["large: utilisation"]


def test_clocks_are_not_judged_on_a_busy_machine_but_counts_are() -> None:
    found = held(large=floor(machine_share=0.9, turn_p99_ms=900.0, statements_an_attempt=80.0))

    assert {"large: statements an attempt": False, "idle: share of a processor": True} == found


def test_an_attempt_that_costs_more_on_a_larger_floor_is_told() -> None:
    assert not held(small=floor(), large=floor(cpu_ms_an_attempt=16.0))[
        "processor an attempt, large to small"
    ]


def test_a_percentile_needs_something_measured() -> None:
    assert milliseconds([], 99) is None
    assert milliseconds([0.02], 99) == 20.0
    assert 98.0 < (milliseconds([index / 1000 for index in range(1, 101)], 99) or 0.0) <= 100.0


def test_a_machine_is_at_work_for_whomever_but_not_while_it_waits_for_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  1000 200 300 90000 4000 10 20 70 500 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n")
    monkeypatch.setattr(bench_floor_engine, "STAT", stat)

    assert machine_s() == 1600 / os.sysconf("SC_CLK_TCK")

    stat.unlink()
    assert machine_s() == 0.0, "where nobody counts, no machine is busy"

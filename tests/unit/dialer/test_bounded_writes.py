"""A part of many rows is as large as has taken a tenth of a second so far."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dialer.db import bounded_writes
from dialer.db.bounded_writes import AIM_S, FIRST, GROWTH, LEAST, write_in_parts


class SlowDatabase:
    """Takes as long for each row as it is told to; stands for the clock, too."""

    def __init__(self, row_s: float) -> None:
        self.row_s, self.passed_s, self.parts = row_s, 0.0, list[int]()

    def monotonic(self) -> float:
        return self.passed_s

    @contextmanager
    def write(self) -> Iterator[None]:
        yield

    def take(self, _tx: object, rows: list[int]) -> int:
        self.parts.append(len(rows))
        self.passed_s += self.row_s * len(rows)
        return len(rows)


def parts_of(monkeypatch: pytest.MonkeyPatch, row_s: float, rows: int) -> list[int]:
    slow = SlowDatabase(row_s)
    monkeypatch.setattr(bounded_writes, "time", slow)
    assert rows == write_in_parts(slow, range(rows), slow.take)  # type: ignore[arg-type] # its twin
    return slow.parts


@pytest.mark.parametrize("row_s", [0.00001, 0.00002, 0.00008])
def test_parts_come_to_take_what_they_are_to_take(monkeypatch: pytest.MonkeyPatch, row_s: float) -> None:
    *_, settled, _last = parts_of(monkeypatch, row_s, 20_000)

    assert AIM_S == pytest.approx(settled * row_s, rel=0.05)


def test_parts_grow_slowly_and_a_slow_disk_makes_them_no_smaller_than_is_worth_a_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick, slow = parts_of(monkeypatch, 1e-9, 4_000), parts_of(monkeypatch, 0.01, 3 * LEAST)

    assert [FIRST, int(GROWTH * FIRST)] == quick[:2]
    assert [LEAST, LEAST] == slow[1:]


def test_no_rows_are_no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [] == parts_of(monkeypatch, 0.1, 0)

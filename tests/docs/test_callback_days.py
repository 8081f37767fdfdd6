"""The table of simulated days in docs/callbacks.md is of the shape that a few days have."""

import re
from pathlib import Path
from typing import Final

from dialer.lab.callback_report import LOADS, run_callbacks

DOCS: Final = Path(__file__).parents[2] / "docs" / "callbacks.md"
ROW: Final = re.compile(
    r"^\| (?P<load>\d\.\d) \| (?P<made>[\d,]+) \| (?P<kept>0\.\d+) \| (?P<window>\d+) of (?P<wait>\d+) min "
    r"\| (?P<over>\d\.\d+) \| (?P<bias>-?\d\.\d+) \| (?P<answer>\d\.\d) s \| (?P<occupancy>0\.\d+) \(",
    re.MULTILINE,
)
FEW_DAYS: Final = 2
#: what is promised of 95 in 100; how far below lies with who of a hundred customers was quick with the key
LONGEST_ANSWER_S: Final = 2.0
ENOUGH: Final = 1000  # calls: of fewer than a hundred one in twenty is anybody's
ANSWERS_APART_S: Final = 0.5  # two days of one load, from the mean of many
OCCUPANCY_APART: Final = 0.06  # two days of one load differ by as much from the mean of forty


def test_a_few_days_have_the_shape_of_the_table() -> None:
    rows = [match.groupdict() for match in ROW.finditer(DOCS.read_text())]
    assert [float(row["load"]) for row in rows] == list(LOADS)
    waits = [int(row["wait"]) for row in rows]
    assert waits == sorted(waits)

    lowest, highest = rows[0], rows[-1]
    found = run_callbacks(days=2 * FEW_DAYS, seed=2, loads=(LOADS[0], LOADS[-1]))["loads"]
    for row, few in zip((lowest, highest), found, strict=True):
        assert abs(float(row["occupancy"]) - few["occupancy"]) < OCCUPANCY_APART
        assert max(float(row["answer"]), few["after_answer_wait_p95_s"]) <= LONGEST_ANSWER_S
        if few["promises_made"] >= ENOUGH:
            assert abs(float(row["answer"]) - few["after_answer_wait_p95_s"]) <= ANSWERS_APART_S
    assert found[1]["promises_made"] >= ENOUGH, "of one load at least the waits are compared"
    a_day = [int(row["made"].replace(",", "")) for row in (lowest, highest)]
    assert (a_day[0] < a_day[1]) == (found[0]["promises_made"] < found[1]["promises_made"])
    assert found[0]["wait_min"] < found[1]["wait_min"]

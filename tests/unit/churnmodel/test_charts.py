"""Charts say what is there: a label stands at its own value, and both kinds of page use the same kit."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from churnmodel.reports import plots as card
from churnmodel.reports.charts import Axis, frame, label_ticks, text
from dialer.lab import plots as lab

ROW = {"utilisation": 0.861, "abandonment": 0.021, "abandonment_ci": 0.001, "idle_per_call_s": 31.0}


@pytest.mark.parametrize(
    ("values", "percent", "labels"),
    [
        ([0.0, 0.025, 0.05, 0.075], True, ["0.0 %", "2.5 %", "5.0 %", "7.5 %"]),
        ([0.0, 0.0025, 0.005], True, ["0.00 %", "0.25 %", "0.50 %"]),
        ([0.8, 0.85, 0.9], True, ["80 %", "85 %", "90 %"]),
        ([0.9975, 1.0], True, ["99.75 %", "100.00 %"]),
        ([0.0, 0.2, 0.4, 0.6000000000000001], False, ["0.0", "0.2", "0.4", "0.6"]),
        ([0.0, 2500.0], False, ["0", "2,500"]),
        ([-0.0, 1.0], False, ["0", "1"]),
        ([], False, []),
    ],
)
def test_a_label_is_exactly_where_it_stands(values, percent, labels):
    assert labels == label_ticks(values, percent=percent)


@pytest.mark.parametrize("span", [0.013, 0.04, 0.12, 0.3, 1.0, 7.0, 33.0, 900.0])
def test_no_two_ticks_of_an_axis_read_alike_and_their_distances_are_the_same(span):
    ticks = Axis(low=0.0, high=span, from_px=0.0, to_px=100.0).ticks(6)
    read = [
        float(label.removesuffix(" %").replace(",", "")) / 100.0 for label in label_ticks(ticks, percent=True)
    ]
    assert ticks == pytest.approx(read, abs=1e-9)
    steps = [after - before for before, after in pairwise(read)]
    assert steps == pytest.approx([steps[0]] * len(steps))


def test_the_labs_axes_say_what_they_stand_at():
    chart = ET.fromstring(lab.scatter({"winback": ROW}, 0.035))  # noqa: S314 - our own picture
    said = [each.text or "" for each in chart.iter("text")]
    shown = [label for label in said if re.fullmatch(r"[\d.]+ %", label)]
    assert shown[:6] == ["0.0 %", "2.5 %", "5.0 %", "7.5 %", "10.0 %", "12.5 %"]
    assert shown[6:] == ["84.5 %", "85.0 %", "85.5 %", "86.0 %", "86.5 %", "87.0 %"]


def test_both_pages_draw_with_the_one_kit():
    made = frame([text(1, 2, "<words>")], label='a "b"', width=10, height=20)
    assert ET.fromstring(made).get("aria-label") == 'a "b"'  # noqa: S314 - our own picture
    for pages in (card, lab):
        assert {pages.text, pages.frame, pages.label_ticks} == {text, frame, label_ticks}

"""The dashboard says plainly how far its figures can be trusted."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dialer.web.dashboard import SILENT_AFTER_S, judge_engines

BODY = {
    "engine": "engine-1",
    "link": "ready",
    "ready": True,
    "calls_on_the_way": 4,
    "calls_connected": 3,
    "waiting_callers": [{"number": None, "waited_s": 3.0}],
    "sentence": "3 free, 2 ringing: 1 more.",
    "utilisation": 0.75,
}


def engine(*, pbx: str = "pbx", age_s: float = 0.5, **changes: Any) -> dict[str, Any]:
    return {"pbx": pbx, "age_s": age_s, "taken_at": datetime(2026, 1, 1, tzinfo=UTC), "body": BODY | changes}


def test_an_engine_that_speaks_over_a_ready_link_needs_no_banner() -> None:
    said = judge_engines([engine()], {})

    assert (said["state"], said["banner"], said["in_air"]) == ("up", None, 4)
    assert said["reason"] == "3 free, 2 ringing: 1 more."


@pytest.mark.parametrize("link", ["down", "connecting", "auth", "booting", "closed", "unknown"])
def test_a_link_that_is_not_ready_raises_the_banner(link: str) -> None:
    said = judge_engines([engine(link=link)], {})

    assert said["state"] == "down"
    assert link in said["label"]
    assert "no working link to pbx" in said["banner"]


def test_over_a_ready_link_whose_truth_was_not_read_yet_nobody_is_called() -> None:
    said = judge_engines([engine(ready=False)], {})

    assert said["state"] == "asking"
    assert "Nobody new is called until it knows" in said["banner"]


def test_silence_outranks_what_the_engine_said_last() -> None:
    said = judge_engines([engine(age_s=SILENT_AFTER_S + 1)], {"dialling": 2, "answered": 1, "connected": 5})

    assert said["state"] == "silent"
    assert "has said nothing for 6 s" in said["banner"]
    assert said["in_air"] == 3  # as the database knows it: the engine's own figure is old


def test_no_engine_ever_says_what_to_start() -> None:
    said = judge_engines([], {"sent": 1})

    assert (said["state"], said["in_air"]) == ("never", 1)
    assert "winback engine" in said["banner"]


def test_the_worst_of_several_pbxs_is_shown_and_each_reason_is_named() -> None:
    said = judge_engines([engine(pbx="north"), engine(pbx="south", link="down", sentence="Waiting.")], {})

    assert said["state"] == "down"
    assert "south" in said["banner"]
    assert said["reason"] == "north: 3 free, 2 ringing: 1 more. south: Waiting."
    assert said["waiting_callers"] == 2

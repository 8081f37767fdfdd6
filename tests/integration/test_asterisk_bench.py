"""`winback bench telephony --asterisk` on a real Asterisk: the machinery; its figures are no test."""

import asyncio
import os
from collections.abc import Callable

import pytest
from typer.testing import Result

from telephony.bench.calls import measure
from telephony.testbed.install import install, why_not


def test_every_outcome_is_what_asterisks_own_books_say() -> None:
    reason = why_not()
    if reason is not None and os.environ.get("CI") != "true":
        pytest.skip(f"real Asterisk left out: {reason}")

    found, bars = asyncio.run(measure(install("sid"), rate=10, seconds=2))

    assert found["calls"] == 20
    assert found["calls_not_ended"] == 0
    assert found["examples"] == []
    assert found["events_lost"] == found["events_doubled"] == 0
    assert found["answer_to_queue_ms"]["calls"] == 6
    assert {"asterisk.events_lost", "asterisk.outcomes_differ"} <= {bar.figure for bar in bars if bar.met}


def test_without_that_asterisk_it_says_what_to_do(
    type_in: Callable[..., Result],
) -> None:
    said = type_in("bench", "telephony", "--asterisk", "/nowhere", "--json", code=2)

    assert "/nowhere" in said.output
    assert "Recording" not in said.output

"""`python -m bench telephony calls` on a real Asterisk: the machinery; its figures are no test."""

import asyncio
from collections.abc import Callable

from bench.telephony.calls import measure
from bench.testbed.install import Installation
from typer.testing import Result


def test_every_outcome_is_what_asterisks_own_records_say(asterisk: Callable[[str], Installation]) -> None:
    found, bars = asyncio.run(measure(asterisk("sid"), rate=10, seconds=2))

    assert found["calls"] == 20
    assert found["calls_not_ended"] == 0
    assert found["examples"] == []
    assert found["events_lost"] == found["events_doubled"] == 0
    assert found["answer_to_queue_ms"]["calls"] == 6
    assert {"asterisk.events_lost", "asterisk.outcomes_differ"} <= {bar.figure for bar in bars if bar.met}


def test_without_that_asterisk_it_says_what_to_do(
    type_in_bench: Callable[..., Result],
) -> None:
    said = type_in_bench("telephony", "calls", "/nowhere", "--json", code=2)

    assert "/nowhere" in said.output
    assert "calls a second" not in said.output

"""The benchmark's machinery works; its figures are no test."""

import asyncio

from telephony.bench import bench_link, busy_hour


def test_the_busy_hour_is_the_same_every_time() -> None:
    assert busy_hour(20) == busy_hour(20)


def test_both_readers_hear_every_event_and_every_call_ends() -> None:
    figures = asyncio.run(bench_link(20))
    assert figures["calls"] == 20
    assert figures["events"] > 20 * 8
    assert figures["ratio"] > 0

"""The benchmark's machinery works; its figures are no test."""

import asyncio
import re

from telephony.asterisk.ami.wire import FrameReader
from telephony.asterisk.config.manager_user import READ_CLASSES, UNHEARD_EVENTS
from telephony.bench.busy_minute import Recording, record
from telephony.bench.link import compare, replay
from telephony.bench.player import Player

SECONDS = 0.4  # twenty calls


def frames(recording: Recording, laps: int = 1) -> list[dict[str, str]]:
    said = b"".join(recording.said(step, laps) for step in range(recording.steps(laps)))
    return [dict(frame.pairs) for frame in FrameReader().receive(said)]


def test_the_recording_is_the_same_every_time() -> None:
    assert record(seconds=SECONDS) == record(seconds=SECONDS)


def test_the_recording_holds_what_the_rendered_manager_user_receives_and_nothing_else() -> None:
    heard = frames(record(seconds=SECONDS))

    assert not {frame["Event"] for frame in heard} & set(UNHEARD_EVENTS)
    assert {frame["Privilege"].split(",")[0] for frame in heard} <= set(READ_CLASSES)


def test_every_lap_says_the_same_of_other_calls() -> None:
    recording = record(seconds=SECONDS)
    single, several = frames(recording), frames(recording, laps=3)
    attempts = {
        frame["Uniqueid"] for frame in several if re.fullmatch(r"wb-lap[x0-9]+", frame.get("Uniqueid", ""))
    }

    assert len(single) == recording.events
    assert len(several) == 3 * recording.events
    assert len(attempts) == 3 * recording.calls


def test_both_readers_hear_every_event_and_every_call_ends() -> None:
    async def run() -> tuple[dict[str, float], dict[str, float]]:
        async with Player(SECONDS) as player:
            return (await compare(player, rounds=1))[0], (await replay(player, laps=2, speed=400))[0]

    compared, replayed = asyncio.run(run())

    assert compared["calls"] == 20
    assert compared["events"] > 20 * 8
    assert compared["ratio"] > 0
    assert replayed["calls"] == 40
    assert replayed["calls_not_ended_once"] == 0
    assert replayed["link_losses"] == 0

"""The link against panoramisk alone over the same bytes, and a busy hour replayed by the clock.

What is compared is the processor time each reader takes: on a shared machine the time of day measures
the neighbours. They take turns, several times.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from panoramisk import Manager

from telephony.asterisk.adapter import AmiPbx
from telephony.bench.busy_minute import CALLS_PER_SECOND, MINUTE_S, SLICE_S
from telephony.bench.figures import Bar, at_least, at_most
from telephony.bench.player import OVER, SLICES_A_MARK, Player
from telephony.calls.events import CallerJoined, Fact, Finished, LinkUp

SPEED: Final = 20.0  # at which a recorded hour has to go through
RATIO: Final = 0.8  # of panoramisk's pace, the least
ROUNDS: Final = 3
SAMPLE_EVERY_S: Final = 0.05
#: seconds: the queue grows if the reader is this much further behind at the end than at the beginning,
#: or the inbox by the events of so long
GROWTH_S: Final = 0.25


@dataclass(slots=True)
class _Heard:
    """What the reader makes of a play."""

    ended: set[str] = field(default_factory=set)
    ends: int = 0
    behind_s: list[float] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, fact: Fact) -> None:
        if isinstance(fact, Finished):
            self.ended.add(fact.attempt)
            self.ends += 1
        elif isinstance(fact, CallerJoined):
            self.behind_s.append(time.monotonic() - float(fact.number or 0))
            if fact.queue == OVER:
                self.over.set()
        elif isinstance(fact, LinkUp):
            self.ready.set()


@asynccontextmanager
async def _listening(player: Player) -> AsyncIterator[tuple[AmiPbx, _Heard]]:
    """Our reader, logged in, its first look at the PBX behind it."""
    pbx, heard = AmiPbx(player.settings, clock=lambda: datetime.now(UTC)), _Heard()

    async def listen() -> None:
        async for fact in pbx.facts():
            heard.take(fact)

    await pbx.start()
    listening = asyncio.create_task(listen())
    await heard.ready.wait()
    await pbx.snapshot()
    try:
        yield pbx, heard
    finally:
        await pbx.close()
        await listening


async def _over(player: Player, heard: _Heard) -> dict[str, Any]:
    """When everything was played and heard; or the link gave the connection up, which is a figure too."""
    played = await player.answer()
    if not played["cut"]:
        await heard.over.wait()
    return played


@dataclass(frozen=True, slots=True)
class _Took:
    processor_s: float
    wall_s: float


def _stopwatch() -> Callable[[], _Took]:
    processor, wall = time.process_time(), time.perf_counter()
    return lambda: _Took(time.process_time() - processor, time.perf_counter() - wall)


async def _ours(player: Player) -> _Took:
    """From the first byte to the last call's end, as facts."""
    async with _listening(player) as (_, heard):
        watch = _stopwatch()
        player.play(laps=1)
        await _over(player, heard)
        took = watch()
    if (heard.ends, len(heard.ended)) != (player.recording["calls"],) * 2:
        raise RuntimeError(f"{heard.ends} ends of {len(heard.ended)} calls: the reader lost or doubled some")
    return took


async def _panoramisk(player: Player) -> _Took:
    """Until panoramisk alone has parsed and handed out the last event."""
    settings = player.settings
    manager = Manager(
        host=settings.host,
        port=settings.port,
        username=settings.username,
        secret=settings.secret,
        ping_delay=3600,
    )
    booted, over = asyncio.Event(), asyncio.Event()

    def joined(_: Manager, message: Any) -> None:
        if message.Queue == OVER:
            over.set()

    manager.register_event("FullyBooted", callback=lambda *_: booted.set())
    manager.register_event("QueueCallerJoin", callback=joined)
    await manager.connect()
    await booted.wait()
    watch = _stopwatch()
    player.play(laps=1)
    await over.wait()
    took = watch()
    await player.answer()
    manager.close()
    return took


async def compare(player: Player, rounds: int = ROUNDS) -> tuple[dict[str, Any], list[Bar]]:
    """Events a second of both readers over the same bytes."""
    took: dict[str, list[_Took]] = {"ours": [], "panoramisk": []}
    for _ in range(rounds):
        for name, reader in (("ours", _ours), ("panoramisk", _panoramisk)):
            took[name].append(await reader(player))
    processor = {name: statistics.median(t.processor_s for t in each) for name, each in took.items()}
    wall = {name: statistics.median(t.wall_s for t in each) for name, each in took.items()}
    events, calls = player.recording["events"], player.recording["calls"]
    ratio = round(processor["panoramisk"] / processor["ours"], 3)
    return {
        "calls": calls,
        "events": events,
        "events_per_call": round(events / calls, 1),
        "bytes_per_event": round(player.recording["bytes"] / events),
        "events_per_processor_second": round(events / processor["ours"]),
        "panoramisk_events_per_processor_second": round(events / processor["panoramisk"]),
        "events_per_second": round(events / wall["ours"]),
        "panoramisk_events_per_second": round(events / wall["panoramisk"]),
        "ratio": ratio,
    }, [at_least("link.ratio", ratio, RATIO)]


async def replay(player: Player, *, laps: int, speed: float = SPEED) -> tuple[dict[str, Any], list[Bar]]:
    """The recording so many times, at `speed` times real pace by the clock; does the inbox grow?"""
    events, calls = player.recording["events"] * laps, player.recording["calls"] * laps
    seconds = calls / CALLS_PER_SECOND / speed
    depths: list[int] = []
    async with _listening(player) as (pbx, heard):
        watch = _stopwatch()
        player.play(laps, speed)
        # the last calls' ends come at a gentler pace: they are heard, and not sampled
        while not depths or watch().wall_s < seconds:
            depths.append(pbx.health().queue_depth)
            await asyncio.sleep(SAMPLE_EVERY_S)
        busy = watch().processor_s / seconds
        played = await _over(player, heard)
        health = pbx.health()
    behind = heard.behind_s[: max(1, round(seconds * speed / SLICE_S / SLICES_A_MARK))]
    most = round(GROWTH_S * events / seconds)
    return {
        "speed": speed,
        "recorded_minutes": round(calls / CALLS_PER_SECOND / MINUTE_S, 2),
        "seconds": round(seconds, 1),
        "calls": calls,
        "events": events,
        "events_per_second": round(events / seconds),
        "highest_depth": max(depths),
        "depth_at_end": depths[-1],
        "median_depth": statistics.median(depths),
        "depth_growth": _growth(depths),
        "highest_behind_s": round(max(behind), 3),
        "behind_at_end_s": round(behind[-1], 3),
        "median_behind_s": round(statistics.median(behind), 3),
        "behind_growth_s": round(_growth(behind), 3),
        "player_late_s": round(played["late_s"], 3),
        "reader_busy": round(busy, 3),
        "calls_not_ended_once": (calls - len(heard.ended)) + (heard.ends - len(heard.ended)),
        "link_losses": health.losses,
    }, [
        at_most("replay.depth_growth", _growth(depths), most),
        at_most("replay.behind_growth_s", round(_growth(behind), 3), GROWTH_S),
        at_most("replay.calls_not_ended_once", 2 * calls - len(heard.ended) - heard.ends, 0),
        at_most("replay.link_losses", health.losses, 0),
    ]


def _growth(samples: Sequence[float]) -> float:
    """How much more the last quarter shows than the first, in the median."""
    quarter = max(1, len(samples) // 4)
    return statistics.median(samples[-quarter:]) - statistics.median(samples[:quarter])

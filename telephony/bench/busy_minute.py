"""A busy minute of a PBX, recorded once and played again and again under other ids.

It holds what the rendered manager user receives: the simulated PBX says, event for event, what real
Asterisks say to that user (a test compares them on recordings), after its event filter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from telephony.asterisk.ami.wire import encode_event
from telephony.simulator.behaviour import Behaviour, SimulatedAgent
from telephony.simulator.effects import Emit, RunScript
from telephony.simulator.pbx import Exchange
from telephony.simulator.rng import stream

CALLS_PER_SECOND: Final = 50.0
MINUTE_S: Final = 60.0
#: what is sent at one go when the clock sets the pace: at twenty times real pace, every ten milliseconds
SLICE_S: Final = 0.2
#: enough for the four in ten who answer and talk for ten seconds; a longer talk would say no more
AGENTS: Final = 300
TALK_S: Final = 10.0
RING_S: Final = 60.0
_QUEUE: Final = "outbound"
_EPOCH: Final = 1_000_000_000  # of the PBX; its own ids begin with it
_LAPS: Final = 10_000  # ids have room for so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`slices` run on from the last call's beginning until that call has ended."""

    slices: tuple[bytes, ...]
    slices_a_lap: int  # a lap begins before the calls of the one before it have ended
    calls: int
    events: int

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.slices))

    def steps(self, laps: int) -> int:
        """How many slices long so many laps are."""
        return self.slices_a_lap * (laps - 1) + len(self.slices)

    def said(self, step: int, laps: int) -> bytes:
        """Everything said in this slice, by every lap that is in it, each under ids of its own."""
        return b"".join(
            self.slices[step - lap * self.slices_a_lap]
            .replace(_attempts_of(0), _attempts_of(lap))
            .replace(_ids_of(0), _ids_of(lap))
            for lap in range(min(laps, step // self.slices_a_lap + 1))
            if step - lap * self.slices_a_lap < len(self.slices)
        )


def record(*, seconds: float = MINUTE_S, seed: int = 1) -> Recording:
    """Calls at an even rate for so long, and what is said until the last one is over."""
    agents = tuple(SimulatedAgent(id=f"a{n}") for n in range(AGENTS))
    behaviour = Behaviour(agents=agents, callers_per_hour=0, talk_mean_s=TALK_S)
    exchange = Exchange(behaviour, seed=seed, epoch=float(_EPOCH))
    chance = stream(seed, "bench")
    slices: list[list[bytes]] = []
    calls = round(seconds * CALLS_PER_SECOND)
    for at, frame in _live(exchange, calls, numbers=lambda: f"07700900{chance.randrange(1000):03d}"):
        while len(slices) <= at // SLICE_S:
            slices.append([])
        slices[-1].append(frame)
    return Recording(
        slices=tuple(b"".join(each) for each in slices),
        slices_a_lap=max(1, round(seconds / SLICE_S)),
        calls=calls,
        events=sum(map(len, slices)),
    )


def _live(exchange: Exchange, calls: int, numbers: Callable[[], str]) -> Iterator[tuple[float, bytes]]:
    """Every event with its time, while the calls are placed and until they have ended."""
    for placed in range(calls):
        attempt = f"{_attempts_of(0).decode()}{placed:06d}"
        exchange.originate(attempt=attempt, queue=_QUEUE, timeout_s=RING_S)
        yield from _carry_out(exchange, numbers)
        until = (placed + 1) / CALLS_PER_SECOND
        while (due := exchange.next_at()) is not None and due <= until:
            exchange.advance(due)
            yield from _carry_out(exchange, numbers)
        exchange.advance(until)
    while exchange.calls and (due := exchange.next_at()) is not None:
        exchange.advance(due)
        yield from _carry_out(exchange, numbers)


def _carry_out(exchange: Exchange, numbers: Callable[[], str]) -> Iterator[tuple[float, bytes]]:
    """What the exchange wants said; its dial permit lets everybody through."""
    while effects := exchange.take():
        for effect in effects:
            if isinstance(effect, Emit):
                yield exchange.kernel.now, encode_event(effect.event, effect.pairs)
            elif isinstance(effect, RunScript):
                script = exchange.script(effect.key)
                for name, value in (("NUMBER", numbers()), ("RING", "25"), ("OK", "1")):
                    script.reply(f"SET VARIABLE WB_{name} {value}")
                exchange.script_over(effect.key)


def _attempts_of(lap: int) -> bytes:
    return b"wb-lap%04dx" % (lap % _LAPS)


def _ids_of(lap: int) -> bytes:
    return b"%d." % (_EPOCH + lap)

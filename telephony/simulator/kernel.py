"""The state everything in the simulated PBX shares: time, channels, what is to be said and done."""

import uuid
from collections import Counter

from telephony.simulator.behaviour import Behaviour
from telephony.simulator.channels import CAUSE_WORDS, Channel, bridge_pairs
from telephony.simulator.effects import Emit, KernelEffect, Pairs, Timeline
from telephony.simulator.ground_truth import GroundTruth
from telephony.simulator.rng import stream

# Scheduling and bridging inside the PBX itself; machine time, so `speed` leaves it alone.
SWITCHING_S = 0.02
_AGENT_EVENTS = ("Agent", "Queue")


class Kernel:
    """Channels by unique id, the timeline, and the effects not yet carried out."""

    def __init__(self, behaviour: Behaviour, *, seed: int, epoch: float) -> None:
        self.behaviour = behaviour
        self.seed = seed
        self.booted_at = epoch  # unix seconds
        self._epoch = epoch
        self.timeline = Timeline()
        self.channels: dict[str, Channel] = {}
        self.truth = GroundTruth()
        self.lines: Counter[str] = Counter()  # calls each trunk carries
        self.stuck: set[str] = set()  # unique ids of channels that never go away: a fault
        self._effects: list[KernelEffect] = []
        self._serial = 0
        self._names = 0
        self._bridges = stream(seed, "bridges")

    @property
    def now(self) -> float:
        """Seconds since the start of the simulation."""
        return self.timeline.now

    @property
    def unix_now(self) -> float:
        """The wall clock of this simulation."""
        return self._epoch + self.timeline.now

    def scaled(self, seconds: float) -> float:
        """A duration of the simulated people in seconds of this timeline."""
        return seconds / self.behaviour.speed

    def do(self, effect: KernelEffect) -> None:
        """Have this carried out by the shell."""
        self._effects.append(effect)

    def take(self) -> list[KernelEffect]:
        """What is to be carried out, in order; forgotten here."""
        effects, self._effects = self._effects, []
        return effects

    def emit(self, event: str, *groups: Pairs) -> None:
        """Say an event to every session."""
        kind = "agent" if event.startswith(_AGENT_EVENTS) else "call"
        pairs = (("Privilege", f"{kind},all"), *(pair for group in groups for pair in group))
        self._effects.append(Emit(event, pairs))

    def unique_id(self) -> str:
        """The next id the PBX makes by itself."""
        number = self._serial
        self._serial += 1
        return f"{int(self.booted_at)}.{number}"

    def name_serial(self) -> str:
        """The running number in a channel's name."""
        number = self._names
        self._names += 1
        return f"{number:08x}"

    def bridge_id(self) -> str:
        """A new bridge's id."""
        return str(uuid.UUID(int=self._bridges.getrandbits(128), version=4))

    def open(self, channel: Channel) -> Channel:
        """A new channel, announced."""
        self.channels[channel.unique_id] = channel
        self.emit("Newchannel", channel.pairs())
        return channel

    def become(self, channel: Channel, state: int) -> None:
        """Another state, announced."""
        channel.state = state
        self.emit("Newstate", channel.pairs())

    def close(self, channel: Channel, cause: int) -> None:
        """The end of a channel, announced once; a stuck one stays and nothing is said."""
        if channel.unique_id in self.stuck:
            return
        if self.channels.pop(channel.unique_id, None) is None:
            return
        words = CAUSE_WORDS.get(cause, "Unknown")
        self.emit("Hangup", channel.pairs(), (("Cause", str(cause)), ("Cause-txt", words)))

    def join(self, channel: Channel, bridge: str) -> None:
        """Into a bridge, announced."""
        channel.bridge = bridge
        self.emit("BridgeEnter", bridge_pairs(bridge, self._in_bridge(bridge)), channel.pairs())

    def part(self, channel: Channel) -> None:
        """Out of its bridge, announced; nothing when it is in none."""
        bridge, channel.bridge = channel.bridge, ""
        if bridge:
            self.emit("BridgeLeave", bridge_pairs(bridge, self._in_bridge(bridge)), channel.pairs())

    def dial_begin(self, caller: Channel | None, dialled: Channel, text: str) -> None:
        """Announce that `dialled` is being rung."""
        source = caller.pairs() if caller is not None else ()
        self.emit("DialBegin", source, dialled.pairs("Dest"), (("DialString", text),))

    def dial_end(self, caller: Channel | None, dialled: Channel, status: str) -> None:
        """Announce how dialling ended."""
        source = caller.pairs() if caller is not None else ()
        self.emit("DialEnd", source, dialled.pairs("Dest"), (("DialStatus", status),))

    def _in_bridge(self, bridge: str) -> int:
        return sum(channel.bridge == bridge for channel in self.channels.values())

"""Channels of the simulated PBX and how their state reads in an event."""

from dataclasses import dataclass

from telephony.simulator.effects import Pairs

DOWN, RING, RINGING, UP, BUSY = 0, 4, 5, 6, 7
_WORDS = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up", BUSY: "Busy"}

CAUSE_WORDS = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    19: "User alerting, no answer",
    21: "Call Rejected",
    34: "Circuit/channel congestion",
}


@dataclass(slots=True, kw_only=True)
class Channel:
    """One leg. `linked_id` is the unique id of the call's first leg."""

    name: str
    unique_id: str
    linked_id: str
    since: float
    state: int = DOWN
    caller: str = ""
    context: str = ""
    exten: str = ""
    application: str = ""
    application_data: str = ""
    bridge: str = ""

    def pairs(self, prefix: str = "") -> Pairs:
        """The headers every event about a channel carries."""
        unknown = "<unknown>"
        return tuple(
            (prefix + name, value)
            for name, value in (
                ("Channel", self.name),
                ("ChannelState", str(self.state)),
                ("ChannelStateDesc", _WORDS[self.state]),
                ("CallerIDNum", self.caller or unknown),
                ("CallerIDName", unknown),
                ("ConnectedLineNum", unknown),
                ("ConnectedLineName", unknown),
                ("Language", "en"),
                ("AccountCode", ""),
                ("Context", self.context),
                ("Exten", self.exten),
                ("Priority", "1"),
                ("Uniqueid", self.unique_id),
                ("Linkedid", self.linked_id),
            )
        )


def bridge_pairs(bridge: str, channels: int) -> Pairs:
    """The headers of a bridge of two-party kind."""
    return (
        ("BridgeUniqueid", bridge),
        ("BridgeType", "basic"),
        ("BridgeTechnology", "simple_bridge"),
        ("BridgeCreator", "<unknown>"),
        ("BridgeName", "<unknown>"),
        ("BridgeNumChannels", str(channels)),
        ("BridgeVideoSourceMode", "none"),
    )


def clock(seconds: float) -> str:
    """A duration as CoreShowChannels writes it."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"

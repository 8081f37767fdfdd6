"""What the floor's decisions want of the PBX; whoever holds the link carries it out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Tell the PBX to let no call through to this agent, in one queue or in all."""

    interface: str
    reason: str
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Tell the PBX to let calls through again."""

    interface: str
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOut:
    """Tell the PBX that this agent is gone: a standing connection ends, memberships end."""

    agent: str
    interface: str
    standing: bool
    queues: tuple[str, ...]


PbxCommand = Pause | Resume | LogOut

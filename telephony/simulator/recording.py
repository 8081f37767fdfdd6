"""What a manager port said, kept as text with its times, and played back as frames.

One frame: a line `@` with the seconds since the recording began, its headers, an empty line.
"""

from collections.abc import Iterable, Iterator

from telephony.asterisk.ami.wire import Frame

# Never kept: what identifies a machine or lets somebody in.
SECRET_HEADERS = frozenset({"secret", "key", "challenge"})


def to_text(frames: Iterable[tuple[float, Frame]]) -> str:
    """The frames with their times, as text."""
    parts: list[str] = []
    for at, frame in frames:
        parts.append(f"@ {at:.3f}")
        parts += [f"{name}: {value}" for name, value in frame.pairs if name.lower() not in SECRET_HEADERS]
        parts.append("")
    return "\n".join(parts)


def from_text(text: str) -> Iterator[tuple[float, Frame]]:
    """The frames of a recording with their times. Raises `ValueError` for anything else."""
    for block in text.strip().split("\n\n"):
        head, *lines = block.strip("\n").split("\n")
        mark, _, seconds = head.partition(" ")
        if mark != "@":
            raise ValueError(f"not a recording: {head!r} instead of a time")
        pairs = []
        for line in lines:
            name, _, value = line.partition(":")
            pairs.append((name, value.removeprefix(" ")))
        yield float(seconds), Frame(pairs)

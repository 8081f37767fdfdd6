"""Bytes to AMI frames and back, without any I/O, for a client and for a server alike.

A frame is a run of `Name: value` lines ended by an empty line. Asterisk ends a line at LF alone as
well as at CRLF, so both are read here, and neither character may ever be written inside a header:
one stray CR or LF in a caller's name would otherwise start a second, forged action.

The rule for whoever reads: any bytes either parse or raise exactly `PeerViolation`, and where the
bytes were cut on their way changes nothing. What strangers can put into a call (a name in Latin-1,
a line break in an application's data) parses, because a link that breaks on it could be broken by
anybody with a telephone.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from telephony.errors import HeaderError, PeerViolation

#: bytes; Asterisk's manager reads lines into a buffer of 1,024 and drops the whole message when one
#: does not fit (main/manager.c, get_input), so a little below it is the most that may be sent
MAX_HEADER_BYTES: Final = 1000
#: headers; AST_MAX_MANHEADERS in include/asterisk/manager.h
MAX_ACTION_HEADERS: Final = 128
#: bytes; longer names do not exist in Asterisk's source
MAX_NAME_BYTES: Final = 64
#: bytes; "Asterisk Call Manager/12.0.0" is 28, anything far beyond is some other service
MAX_BANNER_BYTES: Final = 256

BANNER_START: Final = "Asterisk Call Manager/"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_FORBIDDEN = re.compile(r"[\r\n\0]")

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLimits:
    """How much a peer may send before it is taken for broken: bytes a line and a frame, headers."""

    line: int
    frame: int
    headers: int


#: what a manager accepts from its clients
ACTION_LIMITS: Final = FrameLimits(line=MAX_HEADER_BYTES, frame=64 * 1024, headers=MAX_ACTION_HEADERS)
#: what a client accepts from a manager: a channel variable or a dialplan application's data can be
#: as long as a SIP packet (64 KiB), and no event repeats such a value more than a few times
EVENT_LIMITS: Final = FrameLimits(line=64 * 1024, frame=256 * 1024, headers=4096)


class Frame:
    """One message: headers in their order, names compared without case, repeated names kept.

    A line that is no header (no colon) is kept under the empty name.
    """

    __slots__ = ("_event", "_found", "_low", "_pairs", "_text")

    def __init__(self, pairs: Pairs = (), *, text: str = "") -> None:
        """From headers, or from lines parted by LF alone, which are not read before they are asked for."""
        self._text = f"\n{text}\n" if text else ""  # so that every line has an end on either side
        self._pairs: tuple[tuple[str, str], ...] | None = None if text else tuple(pairs)
        self._found: dict[str, str] | None = None
        self._low: str | None = None  # the same text in lower case
        self._event: str | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every header, in order."""
        if self._pairs is None:
            self._pairs = tuple(
                (name, value.lstrip(" ")) if colon else ("", name)
                for name, colon, value in [line.partition(":") for line in self._text[1:-1].split("\n")]
            )
        return self._pairs

    @property
    def _lowered(self) -> dict[str, str]:
        """First values by lower-case name."""
        if self._found is None:
            self._found = {}
            for name, value in self.pairs:
                self._found.setdefault(name.lower(), value)
        return self._found

    def get(self, name: str, default: str = "") -> str:
        """The first value under this name, or `default`.

        Looked for as it is spelt first, which is how Asterisk spells it: an event has some twenty
        headers and a handful of them are read, so they are not taken apart for it; nor where the name is not
        there in any spelling.
        """
        if self._found is None and self._text:
            text = self._text
            mark = f"\n{name}:"
            at = text.find(mark)
            if at >= 0:
                at += len(mark)
                return text[at : text.find("\n", at)].lstrip(" ")
            if self._low is None:
                self._low = text.lower()
            if mark.lower() not in self._low:
                return default
        return self._lowered.get(name.lower(), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value under this name, in order."""
        low = name.lower()
        if low not in self._lowered:
            return ()
        return tuple(value for key, value in self.pairs if key.lower() == low)

    @property
    def event(self) -> str:
        """The event's name, or ''."""
        if self._event is None:
            self._event = self.get("Event")
        return self._event

    @property
    def response(self) -> str:
        """The response's word (Success, Error, Goodbye, Pong, Follows), or ''."""
        return self.get("Response")

    @property
    def action(self) -> str:
        """The action's name, or ''."""
        return self.get("Action")

    @property
    def action_id(self) -> str:
        """What ties a response to its action, or ''."""
        return self.get("ActionID")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._lowered

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frame) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        # values are left out: they hold secrets (Login) and people's numbers
        return f"<Frame {self.event or self.response or self.action or '?'} {len(self)} headers>"


class FrameReader:
    """Cuts a byte stream into frames; the pieces may be split anywhere, inside a character too.

    After a `PeerViolation` the reader is finished: the connection has to be closed.
    """

    __slots__ = ("_buffer", "_held", "_limits", "_wants_banner", "_whole", "banner")

    def __init__(self, limits: FrameLimits = EVENT_LIMITS, *, expect_banner: bool = False) -> None:
        self._limits = limits
        self._held = b""  # a CR at the cut: only what follows says whether it ends a line
        self._buffer = bytearray()  # what is not a whole frame yet, its lines ended by LF alone
        self._whole: deque[bytearray] = deque()  # frames not handed out yet
        self._wants_banner = expect_banner
        self.banner: str | None = None

    @property
    def pending(self) -> int:
        """Bytes received that are not a whole frame yet; a line end counts as one."""
        return len(self._buffer) + len(self._held)

    def receive(self, data: bytes) -> Iterator[Frame]:
        """Every frame these bytes complete. Raises `PeerViolation` where the stream breaks a rule.

        The bytes are taken at once; frames come as the iterator is advanced.
        """
        if self._held:
            data = self._held + data
        self._held = data[-1:] if data.endswith(b"\r") else b""
        self._buffer += data.removesuffix(b"\r").replace(b"\r\n", b"\n")
        return self._drain()

    def _drain(self) -> Iterator[Frame]:
        if self._wants_banner and not self._take_banner():
            return
        # an empty line ends a frame; more of them between two frames mean nothing
        *whole, self._buffer = self._buffer.split(b"\n\n")
        self._whole.extend(whole)
        while self._whole:
            content = self._whole.popleft().lstrip(b"\n")
            if content:
                yield self._parse(content)
        self._check_unfinished()

    def _parse(self, content: bytearray) -> Frame:
        limits = self._limits
        if len(content) > limits.line:
            self._check_sizes(content)
        headers = content.count(b"\n") + 1
        if headers > limits.headers:
            raise PeerViolation(f"a frame of {headers} headers, over {limits.headers}")
        # names and values come from strangers in any encoding: what is not UTF-8 becomes U+FFFD
        return Frame(text=content.decode("utf-8", "replace"))

    def _take_banner(self) -> bool:
        end = self._buffer.find(b"\n")
        if (end if end >= 0 else len(self._buffer)) > MAX_BANNER_BYTES:
            raise PeerViolation("no AMI banner: the first line does not end")
        if end < 0:
            return False
        line = self._buffer[:end].decode("utf-8", "replace").rstrip("\r")
        if not line.startswith(BANNER_START):
            raise PeerViolation("no AMI banner: this is not an Asterisk manager port")
        del self._buffer[: end + 1]
        self.banner = line
        self._wants_banner = False
        return True

    def _check_unfinished(self) -> None:
        self._buffer = self._buffer.lstrip(b"\n")
        if len(self._buffer) > self._limits.line:
            self._check_sizes(self._buffer.removesuffix(b"\n"))

    def _check_sizes(self, content: bytearray) -> None:
        """A frame, or the part of one that is there, may already be too long."""
        if len(content) > self._limits.frame:
            raise PeerViolation(f"a frame of {len(content)} bytes, over {self._limits.frame}")
        longest = max(map(len, content.split(b"\n")))
        if longest > self._limits.line:
            raise PeerViolation(f"a header of {longest} bytes, over {self._limits.line}")


def banner(version: str = "9.0.0") -> bytes:
    """The line a manager greets its clients with."""
    return f"{BANNER_START}{_checked_value('banner', version)}\r\n".encode()


def encode(pairs: Pairs, *, limits: FrameLimits = EVENT_LIMITS) -> bytes:
    """One frame as bytes, headers in the given order. Raises `HeaderError` rather than bend a rule."""
    lines: list[bytes] = []
    size = 0
    for name, value in pairs:
        line = encode_header(name, value, limit=limits.line)
        size += len(line)
        lines.append(line)
    if not lines:
        raise HeaderError("a frame without headers")
    if len(lines) > limits.headers:
        raise HeaderError(f"{len(lines)} headers, over {limits.headers}")
    if size > limits.frame:
        raise HeaderError(f"a frame of {size} bytes, over {limits.frame}")
    return b"".join(lines) + b"\r\n"


def encode_action(action: str, pairs: Pairs = ()) -> bytes:
    """An action for a manager. `Variable` takes one `NAME=value` a header; Asterisk splits it at commas."""
    return encode((("Action", action), *checked_action(pairs)), limits=ACTION_LIMITS)


def encode_event(event: str, pairs: Pairs = ()) -> bytes:
    """An event from a manager."""
    return encode((("Event", event), *pairs))


def encode_response(word: str, pairs: Pairs = ()) -> bytes:
    """A response from a manager; `word` is Success, Error or Goodbye."""
    return encode((("Response", word), *pairs))


def checked_action(pairs: Pairs) -> Iterator[tuple[str, str]]:
    """The same headers, each one fit for an action. Raises `HeaderError` otherwise."""
    for name, value in pairs:
        encode_header(name, value, limit=MAX_HEADER_BYTES)
        low = name.lower()
        if low == "action":
            raise HeaderError("one action a frame")
        if low == "variable" and "," in value:
            raise HeaderError("a comma in Variable sets a second variable")
        yield name, value


def encode_header(name: str, value: str, *, limit: int = MAX_HEADER_BYTES) -> bytes:
    """One line with its end. Raises `HeaderError` on CR, LF, NUL, a strange name or too many bytes."""
    if len(name) > MAX_NAME_BYTES or _NAME.fullmatch(name) is None:
        raise HeaderError("not the name of a header")
    try:
        line = f"{name}: {_checked_value(name, value)}".encode()
    except UnicodeEncodeError:
        raise HeaderError(f"{name} holds half a character") from None
    if len(line) > limit:
        raise HeaderError(f"{name} makes a header of {len(line)} bytes, over {limit}")
    return line + b"\r\n"


def _checked_value(name: str, value: str) -> str:
    # the message names the header only: the value may be a secret or a person's number
    if _FORBIDDEN.search(value) is not None:
        raise HeaderError(f"{name} holds a line end or NUL")
    return value

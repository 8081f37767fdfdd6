"""FastAGI bytes: requests and replies read, commands written; no I/O.

Asterisk opens the talk with `agi_name: value` lines and an empty line, then answers each command with
one line: `200 result=1 (data)`, `510 …`, `511 …`, or a usage message of several lines begun by
`520-` and ended by `520 `. A line `HANGUP` may come in between. Any bytes parse or raise exactly
`PeerViolation`, wherever they are cut.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from telephony.calls.outside_text import MOST_CHANNEL_ID, MOST_NUMBER, language_within, name_within
from telephony.errors import HeaderError, PeerViolation

#: bytes; Asterisk composes AGI lines in buffers of 2,048, variables' values included
MAX_LINE: Final = 4096
#: lines; a request has about 25, and up to 127 arguments (MAX_CMD_LEN and MAX_ARGS of res_agi)
MAX_REQUEST_LINES: Final = 256
#: bytes of a request; Asterisk's are below 2,000 with one argument
MAX_REQUEST: Final = 16 * 1024
#: lines of a usage message; the longest in Asterisk has about 30
MAX_USAGE_LINES: Final = 256
#: bytes; res_agi reads a command into a buffer of 2,048
MAX_COMMAND: Final = 2000

_ENDS: Final = re.compile(r"[\r\n\0]")
_BARE: Final = re.compile(r"[A-Za-z0-9_./:+*#-]+", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}", re.ASCII)
_REPLY: Final = re.compile(r"(\d{3})[ -](?:result=(\S*))?\s*(.*)", re.DOTALL | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the dialplan came with; `fields` are the agi_ names without their prefix."""

    fields: Mapping[str, str]

    @property
    def path(self) -> str:
        """The script asked for: `agi://host:port/permit?x=1` is `permit`."""
        return self.fields.get("network_script", "").partition("?")[0].strip("/")

    @property
    def unique_id(self) -> str:
        """The channel's own id; none where it is too long for one."""
        return name_within(self.fields.get("uniqueid", ""), MOST_CHANNEL_ID)

    @property
    def extension(self) -> str:
        """The extension the dialplan stands in."""
        return self.fields.get("extension", "")

    @property
    def language(self) -> str:
        """The language in which the channel hears sounds; "" where it is none."""
        return language_within(self.fields.get("language", ""))

    @property
    def proof(self) -> str:
        """What the dialplan sends to show that it is ours; see `config.fastagi_secret`."""
        return self.fields.get("arg_1", "")

    @property
    def caller(self) -> str | None:
        """The caller's number as the network gave it, or None."""
        number = name_within(self.fields.get("callerid", ""), MOST_NUMBER)
        return None if number in ("", "unknown") else number


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a command was answered with; `data` is what stood in brackets."""

    code: int
    result: str
    data: str

    @property
    def number(self) -> int | None:
        """The result as a whole number, or None."""
        return int(self.result) if re.fullmatch(r"-?\d{1,9}", self.result) else None


class Sign(StrEnum):
    """A line that is neither."""

    HANGUP = "hangup"


class AgiReader:
    """Cuts a byte stream into one `Request`, then `Reply` after `Reply`, with `Sign` in between."""

    __slots__ = ("_buffer", "_fields", "_length", "_lines", "_usage")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fields: dict[str, str] | None = {}
        self._lines = 0
        self._length = 0
        self._usage: list[str] | None = None

    def receive(self, data: bytes) -> Iterator[Request | Reply | Sign]:
        """Every message these bytes complete. Raises `PeerViolation` where a rule is broken."""
        self._buffer += data
        while True:
            end = self._buffer.find(b"\n")
            if (end if end >= 0 else len(self._buffer)) > MAX_LINE:
                raise PeerViolation(f"an AGI line over {MAX_LINE} bytes")
            if end < 0:
                return
            line = bytes(self._buffer[:end]).removesuffix(b"\r").decode("utf-8", "replace")
            del self._buffer[: end + 1]
            message = self._take(line)
            if message is not None:
                yield message

    def _take(self, line: str) -> Request | Reply | Sign | None:
        if self._fields is not None:
            return self._take_field(line, self._fields)
        if self._usage is not None:
            return self._take_usage(line, self._usage)
        if line == "HANGUP":
            return Sign.HANGUP
        if line.startswith("520-"):
            self._usage = []
            return None
        if not line:
            return None
        found = _REPLY.fullmatch(line)
        if found is None:
            raise PeerViolation("not an AGI reply")
        code, result, rest = found.groups()
        return Reply(code=int(code), result=result or "", data=_in_brackets(rest))

    def _take_field(self, line: str, fields: dict[str, str]) -> Request | None:
        if not line:
            self._fields = None
            return Request(fields=MappingProxyType(fields))
        self._lines += 1
        self._length += len(line)
        if self._lines > MAX_REQUEST_LINES or self._length > MAX_REQUEST:
            raise PeerViolation(f"an AGI request over {MAX_REQUEST_LINES} lines or {MAX_REQUEST} bytes")
        name, colon, value = line.partition(":")
        if not colon or not name.startswith("agi_"):
            raise PeerViolation("not an AGI request")
        fields.setdefault(name.removeprefix("agi_"), value.lstrip(" "))
        return None

    def _take_usage(self, line: str, usage: list[str]) -> Reply | None:
        if line.startswith("520"):
            self._usage = None
            return Reply(code=520, result="", data=usage[0] if usage else "")
        if len(usage) >= MAX_USAGE_LINES:
            raise PeerViolation("an AGI usage message without an end")
        usage.append(line)
        return None


def command(words: Iterable[str]) -> bytes:
    """One command; words that are not bare are quoted. Raises `HeaderError` on line ends, NUL, length."""
    line = " ".join(_word(each) for each in words).encode("utf-8", "strict")
    if len(line) > MAX_COMMAND:
        raise HeaderError(f"an AGI command of {len(line)} bytes, over {MAX_COMMAND}")
    return line + b"\n"


def variable(name: str) -> str:
    """The same name, if it is a plain variable's and no function's. Raises `HeaderError`."""
    if _VARIABLE.fullmatch(name) is None:
        raise HeaderError("not the name of a variable")
    return name


def encode_request(fields: Iterable[tuple[str, str]]) -> bytes:
    """The opening of a talk, as a PBX sends it; names without their agi_ prefix."""
    lines = []
    for name, value in fields:
        if _ENDS.search(name + value) is not None or ":" in name:
            raise HeaderError("a field holds a line end, NUL or colon")
        lines.append(f"agi_{name}: {value}\n")
    return ("".join(lines) + "\n").encode()


def encode_reply(result: str, *, data: str | None = None, code: int = 200) -> bytes:
    """An answer, as a PBX sends it."""
    if _ENDS.search(result + (data or "")) is not None:
        raise HeaderError("a reply holds a line end or NUL")
    return f"{code} result={result}{'' if data is None else f' ({data})'}\n".encode()


def _word(text: str) -> str:
    if _ENDS.search(text) is not None:
        raise HeaderError("an AGI word holds a line end or NUL")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise HeaderError("an AGI word holds half a character") from None
    if _BARE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_brackets(rest: str) -> str:
    # the value of a variable may itself hold brackets: the outermost pair counts
    begin, end = rest.find("("), rest.rfind(")")
    return rest[begin + 1 : end] if 0 <= begin < end else ""

"""A SIP phone whose owner transfers everybody: asks a colleague first, or sends them on without a word.

SIPp plays one call by one script; a transfer after asking takes a second call of the same phone, which the
first one names. So this phone is a few lines over UDP.
"""

import re
import socket
import threading
from dataclasses import dataclass, field
from typing import Final, Self

from bench.testbed.ports import free_port

FINAL, REFUSED = 200, 300  # statuses from here on
HEARS_AGAIN_S: Final = 0.2  # of quiet: a moment's talk, and how soon it sees that it is to end
SDP: Final = (
    "v=0\r\no=phone 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


@dataclass
class Message:
    """One SIP message, as far as a phone needs it."""

    first: str
    headers: dict[str, str]

    @classmethod
    def read(cls, text: str) -> Self:
        head = text.split("\r\n\r\n", maxsplit=1)[0].split("\r\n")
        pairs = (line.partition(":") for line in head[1:])
        return cls(head[0], {name.strip().lower(): value.strip() for name, _, value in pairs})

    @property
    def method(self) -> str:
        """What is asked, or of what this is the answer."""
        return self.headers["cseq"].split()[1]

    @property
    def status(self) -> int | None:
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else None


@dataclass
class Call:
    """One of the phone's calls; `local` and `remote` as From and To of its own requests."""

    call_id: str
    local: str
    remote: str
    target: str
    number: int = 0
    sent: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)  # the headers of its transfer


class TransferringPhone:
    """Answers each call, and transfers whoever is there to `to`; `asking` that one first."""

    def __init__(self, name: str, *, server_port: int, to: str, asking: bool) -> None:
        self.name, self.port = name, free_port(socket.SOCK_DGRAM)
        self._server, self._to, self._asking = ("127.0.0.1", server_port), to, asking
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", self.port))
        self._socket.settimeout(HEARS_AGAIN_S)
        self._sdp = SDP.format(port=free_port(socket.SOCK_DGRAM))
        self._calls: dict[str, Call] = {}
        self._first: Call | None = None
        self._talks: Call | None = None
        self._refused: Call | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def _live(self) -> None:
        while not self._ends.is_set():
            try:
                data, _ = self._socket.recvfrom(65535)
            except TimeoutError:
                self._after_a_while()
                continue
            message = Message.read(data.decode())
            if message.status is None:
                self._asked(message)
            elif message.method == "INVITE" and message.status >= FINAL:
                self._answered(message)
            elif message.method == "REFER" and message.status >= REFUSED:
                self._refused = self._calls[message.headers["call-id"]]  # not bridged yet, on a busy machine

    def _after_a_while(self) -> None:
        """Whoever answered has talked for a moment; a transfer that was refused is asked for again."""
        talked, self._talks = self._talks, None
        refused, self._refused = self._refused, None
        if talked is not None:
            self._transfer(talked)
        if refused is not None:
            self._send(refused, "REFER", refused.asked_for)

    def _asked(self, request: Message) -> None:
        method, call_id = request.method, request.headers["call-id"]
        if method == "INVITE" and call_id not in self._calls:
            call = Call(
                call_id=call_id,
                local=f"{request.headers['to']};tag=phone-{len(self._calls)}",
                remote=request.headers["from"],
                target=re.findall(r"<([^>]*)>", request.headers["contact"])[0],
            )
            self._calls[call_id] = call
            self._reply(request, "180 Ringing", call)
            self._reply(request, "200 OK", call, self._sdp)
        elif method == "ACK":
            call = self._calls[call_id]
            if not call.sent:
                self._talks = call
        else:
            self._reply(request, "202 Accepted" if method == "REFER" else "200 OK", self._calls.get(call_id))

    def _transfer(self, call: Call) -> None:
        """Send them on at once, or after a call to the one who is to take them."""
        here = f"sip:{self._to}@127.0.0.1:{self._server[1]}"
        if not self._asking:
            self._refer(call, here)
            return
        self._first = call
        call.sent.append("asks")
        second = Call(
            call_id=f"second-{call.call_id}",
            local=f"<sip:{self.name}@127.0.0.1>;tag=second-{len(self._calls)}",
            remote=f"<{here}>",
            target=here,
        )
        self._calls[second.call_id] = second
        self._send(second, "INVITE", [], self._sdp)

    def _answered(self, answer: Message) -> None:
        """The colleague is there: bring the two together."""
        second, first = self._calls[answer.headers["call-id"]], self._first
        second.remote = answer.headers["to"]
        second.target = re.findall(r"<([^>]*)>", answer.headers["contact"])[0]
        self._send(second, "ACK", [])
        if first is None or "REFER" in first.sent:
            return
        ours, theirs = (re.findall(r"tag=([^;]+)", each)[0] for each in (second.local, second.remote))
        replaces = f"{second.call_id}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}"
        who = f"sip:{self._to}@127.0.0.1:{self._server[1]}"
        self._refer(first, f"{who}?Replaces={replaces.replace('@', '%40')}")

    def _refer(self, call: Call, to: str) -> None:
        call.asked_for = [f"Refer-To: <{to}>"]
        self._send(call, "REFER", call.asked_for)

    def _send(self, call: Call, method: str, headers: list[str], body: str = "") -> None:
        if method != "ACK":
            call.number += 1
        call.sent.append(method)
        via = f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{call.number}{method}{call.call_id}"
        self._write(
            [
                f"{method} {call.target} SIP/2.0",
                f"Via: {via}",
                f"From: {call.local}",
                f"To: {call.remote}",
                f"Call-ID: {call.call_id}",
                f"CSeq: {call.number} {method}",
                "Max-Forwards: 70",
                *headers,
            ],
            body,
        )

    def _reply(self, request: Message, status: str, call: Call | None, body: str = "") -> None:
        to = call.local if call is not None and request.method == "INVITE" else request.headers["to"]
        names = ("via", "from", "call-id", "cseq")
        lines = [f"{name.title()}: {request.headers[name]}" for name in names]
        self._write([f"SIP/2.0 {status}", *lines, f"To: {to}"], body)

    def _write(self, lines: list[str], body: str) -> None:
        lines = [*lines, f"Contact: <sip:{self.name}@127.0.0.1:{self.port}>", f"Content-Length: {len(body)}"]
        if body:
            lines.append("Content-Type: application/sdp")
        self._socket.sendto("\r\n".join([*lines, "", body]).encode(), self._server)

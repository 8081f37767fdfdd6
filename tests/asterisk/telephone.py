"""A SIP telephone in a test's hand: it rings in, presses keys when the test says so, and hangs up.

Keys go as SIP INFO. Nothing is heard or said: what is played to it stands in Asterisk's log.
"""

import re
import socket
import threading
import uuid
from typing import Self

ANSWERED_WITHIN_S = 60.0
_SDP = (
    "v=0\r\no=phone 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


class Telephone:
    """One call at a time to an Asterisk on loopback, which knows telephones by their address."""

    def __init__(self, server_port: int, number: str) -> None:
        self.number = number
        self.answered, self.over = threading.Event(), threading.Event()
        self._server = ("127.0.0.1", server_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._port = self._socket.getsockname()[1]
        self._call, self._to, self._at, self._cseq = uuid.uuid4().hex, "", "", 1
        self._listener = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.answered.is_set() and not self.over.is_set():
            self.hang_up()
        self._socket.close()

    def ring(self, extension: str) -> None:
        """Call it, and wait until somebody is there."""
        self._at = f"sip:{extension}@127.0.0.1:{self._server[1]}"
        self._to = f"<{self._at}>"
        self._send("INVITE", 1, _SDP, "application/sdp")
        assert self.answered.wait(ANSWERED_WITHIN_S), "nobody answered"

    def press(self, key: str) -> None:
        """Press one key."""
        self._cseq += 1
        self._send("INFO", self._cseq, f"Signal={key}\r\nDuration=160\r\n", "application/dtmf-relay")

    def hang_up(self) -> None:
        """End the call."""
        self._cseq += 1
        self._send("BYE", self._cseq)
        self.over.set()

    def _send(self, method: str, cseq: int, body: str = "", kind: str = "") -> None:
        head = [
            f"{method} {self._at} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._port};branch=z9hG4bK{uuid.uuid4().hex};rport",
            f"From: <sip:{self.number}@127.0.0.1>;tag=phone",
            f"To: {self._to}",
            f"Call-ID: {self._call}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.number}@127.0.0.1:{self._port}>",
            "Max-Forwards: 70",
            *([f"Content-Type: {kind}"] if kind else []),
            f"Content-Length: {len(body)}",
        ]
        self._socket.sendto(("\r\n".join(head) + "\r\n\r\n" + body).encode(), self._server)

    def _listen(self) -> None:
        while True:
            try:
                text = self._socket.recv(65536).decode(errors="replace")
            except OSError:
                return
            first = text.split("\r\n", 1)[0]
            if first.startswith("SIP/2.0 200") and "INVITE" in _header(text, "CSeq"):
                self._to = _header(text, "To")
                self._send("ACK", 1)
                self.answered.set()
            elif first.startswith("BYE"):
                kept = [f"{name}: {_header(text, name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
                answer = "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0"]) + "\r\n\r\n"
                self._socket.sendto(answer.encode(), self._server)
                self.over.set()


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def endpoint_lines(transport_port: int) -> str:
    """PJSIP for telephones on loopback, whoever they say they are: into the context `test-telephones`."""
    return f"""
[transport]
type = transport
protocol = udp
bind = 127.0.0.1:{transport_port}

[telephone]
type = endpoint
context = test-telephones
disallow = all
allow = ulaw
dtmf_mode = info
direct_media = no
media_address = 127.0.0.1

[telephone]
type = identify
endpoint = telephone
match = 127.0.0.1
"""

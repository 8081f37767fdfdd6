"""Real SIP people for a real Asterisk: SIPp processes that answer and speak, refuse, or let it ring."""

import re
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from bench.testbed.ports import free_port, give_back, lend_ports
from bench.testbed.server import wait_until

_HEAD = """      SIP/2.0 {status}
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]SIPpTag[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:[local_ip]:[local_port];transport=[transport]>
"""
_NO_BODY = "      Content-Length: 0\n"
_SDP = """      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
"""


def _send(status: str, body: str = _NO_BODY, attributes: str = "") -> str:
    return f"  <send{attributes}><![CDATA[\n\n{_HEAD.format(status=status)}{body}\n  ]]></send>\n"


def _scenario(*steps: str) -> str:
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario>\n'
        '  <recv request="INVITE" crlf="true"/>\n' + "".join(steps) + "</scenario>\n"
    )


_PAUSE = '  <pause milliseconds="300"/>\n'
# a busy Asterisk asks a second time before it reads the answer, and SIPp would give the call up over that
_ACK = '  <recv request="INVITE" optional="true"/>\n  <recv request="ACK"/>\n'


# Who was called ends the call: what came as From goes back as To.
_BYE = """  <send retrans="500"><![CDATA[

      BYE [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From[$called];tag=[pid]SIPpTag[call_number]
      To[$caller]
      [last_Call-ID:]
      CSeq: 1 BYE
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>
"""
_REMEMBER = """  <recv request="INVITE" crlf="true" rrs="true">
    <action>
      <ereg regexp=":.*" search_in="hdr" header="From" check_it="true" assign_to="caller"/>
      <ereg regexp=":.*" search_in="hdr" header="To" check_it="true" assign_to="called"/>
    </action>
  </recv>
"""


def _within(method: str, number: int, body: str, headers: str = "") -> str:
    """A request of who was called inside the call."""
    head = _BYE.replace("BYE [next_url]", f"{method} [next_url]").replace("1 BYE", f"{number} {method}")
    contact = "Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
    return head.replace("      Content-Length: 0\n", f"      {contact}{headers}{body}")


def _offers_anew(number: int, direction: str) -> str:
    """Put the other side on hold, or take it back: a new offer, accepted and acknowledged."""
    offer = _within("INVITE", number, f"{_SDP}      a={direction}\n")
    accepted = '  <recv response="100" optional="true"/>\n  <recv response="200"/>\n'
    acknowledged = _within("ACK", number, _NO_BODY).replace(' retrans="500"', "")
    return offer + accepted + acknowledged


COLLEAGUE = "109"  # to whom a transfer goes


def _refuses(status: str, *, rings: bool = True) -> str:
    ringing = (_send("180 Ringing"), _PAUSE) if rings else ()
    return _scenario(*ringing, _send(status, attributes=' retrans="500"'), _ACK)


_RINGS = _send("180 Ringing") + _PAUSE
_ANSWERS = _send("200 OK", _SDP, ' retrans="500"') + _ACK
_LEAVES = '  <pause milliseconds="2500"/>\n' + _BYE + '  <recv response="200"/>\n'
_MORE_RINGING = _send("183 Session Progress", _SDP) + _PAUSE  # with an announcement, before any answer
_CANCELLED = _send("487 Request Terminated", attributes=' retrans="500"')


def _says(status: str) -> str:
    return _send(status, attributes=' retrans="500"') + _ACK


#: what a customer of the carrier does: the last digits of the number, and the steps; the first that fits.
#: Numbers are called block by block, so neighbours end in the same digit: faults that count as our own are
#: given to a block, one call in eighteen, since five of them in a row rightly stop the dialling for a while.
#: Silence takes a while, so few keep it
BEHAVIOURS: Mapping[str, tuple[str, str]] = {
    "silent": (
        "[3456]14960005",
        _send("180 Ringing")
        + '  <recv request="CANCEL"/>\n'
        + _send("200 OK")
        + _CANCELLED.replace("[last_CSeq:]", "CSeq: [cseq] INVITE")
        + _ACK,
    ),
    "congested": ("[3456]14960007", _says("503 Service Unavailable")),
    "rings_congested": ("1134960[0-9]{3}", _RINGS + _says("503 Service Unavailable")),
    "rings_busy": ("1144960[0-9]{3}", _RINGS + _says("486 Busy Here")),
    "unavailable": ("1154960[0-9]{3}", _says("480 Temporarily Unavailable")),
    "rings_unavailable": ("1164960[0-9]{3}", _RINGS + _says("480 Temporarily Unavailable")),
    "leaves": ("[01257]", _RINGS + _ANSWERS + _LEAVES),
    "early": ("3", _MORE_RINGING + _ANSWERS + _LEAVES),
    "busy": ("4", _says("486 Busy Here")),
    "unknown": ("6", _says("404 Not Found")),
    "rejects": ("8", _RINGS + _says("603 Decline")),
    "early_busy": ("9", _MORE_RINGING + _says("486 Busy Here")),
}


def _carrier() -> str:
    """Every customer behind one trunk, each as the end of the number says."""
    looks = "".join(
        f'      <ereg regexp="{digits}@" search_in="hdr" header="To" assign_to="{kind}"/>\n'
        for kind, (digits, _steps) in BEHAVIOURS.items()
    )
    chosen = "".join(f'  <nop next="{kind}_" test="{kind}"/>\n' for kind in BEHAVIOURS)
    played = "".join(
        f'  <label id="{kind}_"/>\n{steps}  <nop next="over"/>\n'
        for kind, (_digits, steps) in BEHAVIOURS.items()
    )
    begins = _REMEMBER.replace("    </action>", f"{looks}    </action>")
    return _scenario(chosen, played, '  <label id="over"/>\n').replace(
        '  <recv request="INVITE" crlf="true"/>\n', begins
    )


_TIMES_PRESSED = 4  # the question may not be there yet on a busy machine; in a talk a key says nothing


def _presses(number: int) -> str:
    """Press 1 by a message inside the call, for SIPp sends tones only as whoever called may."""
    key = "      Content-Length: [len]\n\n      Signal=1\n      Duration=160\n"
    pressed = _within("INFO", number, key, "      Content-Type: application/dtmf-relay\n")
    return f'  <pause milliseconds="1000"/>\n{pressed}  <recv response="200"/>\n'


def _called_back() -> str:
    """Everybody who was promised a call: presses 1 and stays; a number that ends in 9 lets it ring."""
    looks = '      <ereg regexp="9@" search_in="hdr" header="To" assign_to="away"/>\n    </action>'
    begins = _REMEMBER.replace("    </action>", looks)
    presses = "".join(_presses(number + 1) for number in range(_TIMES_PRESSED))
    stays = '  <recv request="BYE"/>\n' + _send("200 OK") + '  <nop next="over"/>\n'
    away = '  <label id="away_"/>\n' + BEHAVIOURS["silent"][1] + '  <label id="over"/>\n'
    asked = _scenario('  <nop next="away_" test="away"/>\n', _RINGS, _ANSWERS, presses, stays, away)
    return asked.replace('  <recv request="INVITE" crlf="true"/>\n', begins)


SCENARIOS: Mapping[str, str] = {
    "carrier": _carrier(),
    "called_back": _called_back(),
    # an agent who is done with everybody after a moment
    "talks_shortly": _scenario(_RINGS, _ANSWERS, _LEAVES).replace(
        '  <recv request="INVITE" crlf="true"/>\n', _REMEMBER
    ),
    "answers": _scenario(
        _send("180 Ringing"), _PAUSE, _send("200 OK", _SDP, ' retrans="500"'), _ACK,
        '  <recv request="BYE"/>\n', _send("200 OK"),
    ),
    # this one speaks: a second of sound again and again
    "talks": _scenario(
        _send("180 Ringing"), _PAUSE,
        _send("200 OK", _SDP.replace("[media_port]", "[rtpstream_audio_port]"), ' retrans="500"'), _ACK,
        '  <nop><action><exec rtp_stream="second.ulaw,-1,0,PCMU/8000"/></action></nop>\n',
        '  <recv request="BYE"/>\n', _send("200 OK"),
    ),
    "leaves": _scenario(
        _send("180 Ringing"), _PAUSE, _send("200 OK", _SDP, ' retrans="500"'), _ACK,
        '  <pause milliseconds="5000"/>\n',
        _BYE,
        '  <recv response="200"/>\n',
    ).replace('  <recv request="INVITE" crlf="true"/>\n', _REMEMBER),
    # an agent who asks somebody meanwhile: hold for half a second, then back
    "holds": _scenario(
        _send("180 Ringing"), _PAUSE, _send("200 OK", _SDP, ' retrans="500"'), _ACK, _PAUSE,
        _offers_anew(1, "sendonly"), '  <pause milliseconds="500"/>\n', _offers_anew(2, "sendrecv"),
        '  <recv request="BYE"/>\n', _send("200 OK"),
    ).replace('  <recv request="INVITE" crlf="true"/>\n', _REMEMBER),
    # an agent who passes everybody on to a colleague
    "transfers": _scenario(
        _send("180 Ringing"), _PAUSE, _send("200 OK", _SDP, ' retrans="500"'), _ACK,
        '  <pause milliseconds="700"/>\n',
        _within("REFER", 1, _NO_BODY, f"      Refer-To: <sip:{COLLEAGUE}@[remote_ip]:[remote_port]>\n"),
        '  <recv response="202"/>\n', '  <recv request="BYE"/>\n', _send("200 OK"),
    ).replace('  <recv request="INVITE" crlf="true"/>\n', _REMEMBER),
    # a phone that plays something of its own before it answers
    "answers_early": _scenario(
        _MORE_RINGING, _send("200 OK", _SDP, ' retrans="500"'), _ACK,
        '  <recv request="BYE"/>\n', _send("200 OK"),
    ),
    "busy": _refuses("486 Busy Here"),
    "rejects": _refuses("603 Decline"),
    "unknown": _refuses("404 Not Found"),
    "congested": _refuses("503 Service Unavailable"),
    "unavailable": _refuses("480 Temporarily Unavailable"),
    "busy_at_once": _refuses("486 Busy Here", rings=False),
    "unknown_at_once": _refuses("404 Not Found", rings=False),
    "congested_at_once": _refuses("503 Service Unavailable", rings=False),
    "unavailable_at_once": _refuses("480 Temporarily Unavailable", rings=False),
    "silent": _scenario(_send("180 Ringing"), '  <recv request="CANCEL"/>\n', _send("200 OK")),
}  # fmt: skip


#: a caller over a carrier who presses a key; the tone goes as an event of RTP, as telephones send it
_PRESSES = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario>
  <send retrans="500"><![CDATA[

      INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:07700900555@[local_ip]>;tag=[pid]SIPpTag[call_number]
      To: <sip:[service]@[remote_ip]>
      Call-ID: [call_id]
      CSeq: 1 INVITE
      Contact: <sip:[local_ip]:[local_port]>
      X-Carrier: a
      Max-Forwards: 70
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0 96
      a=rtpmap:0 PCMU/8000
      a=rtpmap:96 telephone-event/8000
      a=fmtp:96 0-15

  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[

      ACK [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      [last_From:]
      [last_To:]
      Call-ID: [call_id]
      CSeq: 1 ACK
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>
  <pause milliseconds="500"/>
  <nop><action><exec play_dtmf="1"/></action></nop>
  <pause milliseconds="1500"/>
  <send retrans="500"><![CDATA[

      BYE [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      [last_From:]
      [last_To:]
      Call-ID: [call_id]
      CSeq: 2 BYE
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>
  <recv response="200"/>
</scenario>
"""


def press_one(number: str, server_port: int, folder: Path) -> None:
    """Ring a number over carrier A, press 1 once somebody is there, and hang up."""
    script, port = folder / "presses.xml", free_port(socket.SOCK_DGRAM)
    script.write_text(_PRESSES)
    streams = lend_ports(STREAMS)
    try:
        subprocess.run(
            ["sipp", f"127.0.0.1:{server_port}", "-sf", str(script), "-s", number, "-m", "1",
             "-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1", "-mp", str(streams), "-nostdin"],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=REGISTERED_WITHIN_S, cwd=folder,
        )  # fmt: skip
    finally:
        give_back(streams)


_REGISTER = """  <send retrans="500"><![CDATA[

      REGISTER sip:[remote_ip] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:[service]@[remote_ip]>;tag=[pid]SIPpTag[call_number]
      To: <sip:[service]@[remote_ip]>
      Call-ID: [call_id]
      CSeq: {number} REGISTER
      Contact: <sip:[service]@[local_ip]:[local_port]>
      {proof}
      Max-Forwards: 70
      Expires: 3600
      Content-Length: 0

  ]]></send>
"""


def _registers(name: str, password: str) -> str:
    """A phone that says where it is, and who it is once it is asked."""
    proof = f"[authentication username={name} password={password}]"
    asked = _REGISTER.format(number=1, proof="Subject: phone") + '  <recv response="401" auth="true"/>\n'
    proven = _REGISTER.format(number=2, proof=proof) + '  <recv response="200"/>\n'
    head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
    return f"{head}<scenario>\n{asked}{proven}</scenario>\n"


REGISTERED_WITHIN_S = 60.0
STREAMS = 200  # ports for each process: a hundred calls at a time, and two for each, RTP and RTCP


class SipPerson:
    """One SIPp process that plays one scenario for every call it gets.

    `enter` is a command before SIPp's own, which puts it into another network; `echoes`: every call hears
    itself.
    """

    def __init__(
        self,
        kind: str,
        folder: Path,
        *,
        port: int | None = None,
        enter: tuple[str, ...] = (),
        echoes: bool = False,
    ) -> None:
        self.kind = kind
        self._echo = ("-rtp_echo",) if echoes else ()
        self._enter = enter
        self.port = port if port is not None else free_port(socket.SOCK_DGRAM)
        # SIPp takes ports for its streams from here on; two processes, of any test run, must not share them
        self._streams = lend_ports(STREAMS)
        self._script = folder / f"{kind}-{self.port}.xml"
        self._script.write_text(SCENARIOS[kind])
        if not (sound := folder / "second.ulaw").exists():
            sound.write_bytes(b"\x55\xd5" * 4000)
        self._out = folder / f"{kind}-{self.port}.log"
        self.messages = folder / f"{kind}-{self.port}.messages"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._out.open("wb") as out:
            self._process = subprocess.Popen(
                [*self._enter, "sipp", "-sf", str(self._script), "-i", "127.0.0.1", "-p", str(self.port),
                 "-mi", "127.0.0.1", "-mp", str(self._streams), "-nostdin", "-aa",
                 "-trace_msg", "-message_file", str(self.messages), *self._echo],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self._out.parent,
            )  # fmt: skip
        return self

    def register(self, name: str, password: str, server_port: int) -> None:
        """Tell a server that this phone is here, from the port it will answer on; before it is entered.

        As phones do, it tells it again where a server that has just started did not take it.
        """
        script = self._script.with_name(f"register-{name}-{self.port}.xml")
        script.write_text(_registers(name, password))

        def told() -> bool:
            done = subprocess.run(
                [*self._enter, "sipp", f"127.0.0.1:{server_port}", "-sf", str(script), "-s", name, "-m", "1",
                 "-i", "127.0.0.1", "-p", str(self.port), "-nostdin"],
                check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                timeout=REGISTERED_WITHIN_S, cwd=script.parent,
            )  # fmt: skip
            return done.returncode == 0

        wait_until(told, REGISTERED_WITHIN_S, f"{name} is registered")

    def called(self) -> list[str]:
        """The user part of each INVITE's address, one a call, in the order of arrival: whom it is for."""
        text = self.messages.read_text(errors="replace") if self.messages.exists() else ""
        calls: dict[str, str] = {}
        for message in text.split("\nINVITE ")[1:]:
            call = re.search(r"^Call-ID: (\S+)", message, re.MULTILINE)
            whom = re.match(r"sip:([^@>]*)@", message)
            if call and whom:
                calls.setdefault(call[1], whom[1])
        return list(calls.values())

    def callers(self) -> list[str]:
        """The user part of each INVITE's From, in the order of arrival: who it says is calling."""
        text = self.messages.read_text(errors="replace") if self.messages.exists() else ""
        calls: dict[str, str] = {}
        for message in text.split("\nINVITE ")[1:]:
            call = re.search(r"^Call-ID: (\S+)", message, re.MULTILINE)
            shown = re.search(r"^From:[^<]*<sip:([^@>]*)@", message, re.MULTILINE)
            if call and shown:
                calls.setdefault(call[1], shown[1])
        return list(calls.values())

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(30)
        give_back(self._streams)


def pjsip_conf(transport_port: int, people: Mapping[str, SipPerson]) -> str:
    """PJSIP with one endpoint a person, by name; no registration, all on loopback."""
    lines = ["[transport]", "type = transport", "protocol = udp", f"bind = 127.0.0.1:{transport_port}"]
    for name, person in people.items():
        lines += [
            "", f"[{name}]", "type = endpoint", "context = default", "disallow = all", "allow = ulaw",
            "direct_media = no", "media_address = 127.0.0.1",
            "bind_rtp_to_media_address = yes", f"aors = {name}", "", f"[{name}]", "type = aor",
            f"contact = sip:127.0.0.1:{person.port}",
        ]  # fmt: skip
    return "\n".join([*lines, ""])

"""People who ring in over SIP: they wait, press 1 until a call is promised, or give up."""

import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from asterisk.sip import STREAMS
from bench.testbed.ports import free_port, give_back, lend_ports

_BEGINS: Final = """  <send retrans="500"><![CDATA[

      INVITE sip:{number}@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:[field0]@[local_ip]>;tag=[pid]SIPpTag[call_number]
      To: <sip:{number}@[remote_ip]>
      Call-ID: [call_id]
      CSeq: 1 INVITE
      Contact: <sip:[local_ip]:[local_port]>
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
"""
_IS_LEFT: Final = """  <send><![CDATA[

      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

  ]]></send>
"""
_LEAVES: Final = """  <send retrans="500"><![CDATA[

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
"""
#: what somebody does once they wait; 1 is pressed again and again, as an offer and a number each want it
WAYS: Final[Mapping[str, str]] = {
    "stays": f'  <recv request="BYE"/>\n{_IS_LEFT}',
    "asks": (
        '  <pause milliseconds="1500"/>\n  <label id="again"/>\n'
        '  <nop><action><exec play_dtmf="1"/></action></nop>\n'
        f'  <recv request="BYE" timeout="1500" ontimeout="again"/>\n{_IS_LEFT}'
    ),
    "gives_up": f'  <pause milliseconds="4000"/>\n{_LEAVES}',
}


class SipCallers:
    """One SIPp process from which these numbers ring in one after the other, and all behave in one way."""

    def __init__(  # noqa: PLR0917 - who, how, where to and how fast
        self, way: str, numbers: Sequence[str], called: str, server_port: int, folder: Path, every_s: float
    ) -> None:
        port = free_port(socket.SOCK_DGRAM)
        script, people = folder / f"{way}-{port}.xml", folder / f"{way}-{port}.csv"
        head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
        script.write_text(f"{head}<scenario>\n{_BEGINS.format(number=called)}{WAYS[way]}</scenario>\n")
        people.write_text("\n".join(["SEQUENTIAL", *(f"{number};" for number in numbers), ""]))
        self._command = [
            "sipp", f"127.0.0.1:{server_port}", "-sf", str(script), "-inf", str(people), "-i", "127.0.0.1",
            "-p", str(port), "-mi", "127.0.0.1", "-nostdin",
            "-r", "1", "-rp", f"{int(1000 * every_s)}", "-m", str(len(numbers)),
            "-l", str(len(numbers)),
        ]  # fmt: skip
        self._folder = folder
        # no other process, of any test run, may send voice from these: its keys would come from two people
        self._streams = lend_ports(STREAMS)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [*self._command, "-mp", str(self._streams)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder,
        )  # fmt: skip
        return self

    @property
    def over(self) -> bool:
        """Whether everybody has rung in and gone."""
        return self._process is not None and self._process.poll() is not None

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(30)
        give_back(self._streams)

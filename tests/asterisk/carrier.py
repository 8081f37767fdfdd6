"""What a carrier saw of each call, read from the messages it sent and received: the truth of the book."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

SECTION: Final = re.compile(
    r"^-{10,} (\d{4}-\d\d-\d\d [\d:.]+)\nUDP message (received|sent)[^\n]*\n\n(.*?)(?=^-{10,}|\Z)",
    re.MULTILINE | re.DOTALL,
)


RINGING: Final = 180
FINAL: Final = 200  # from here on a status ends the INVITE
BUSY: Final = 486
CONGESTED: Final = 503
WORDS: Final = {
    200: "answered",
    404: "bad_number",
    480: "no_answer",
    BUSY: "busy",
    CONGESTED: "congestion",
    603: "rejected",
    0: "nothing",
}
#: where the customer's phone had rung: pressed away, or a line that failed
RUNG: Final = {BUSY: "rejected", CONGESTED: "broken_off"}


@dataclass(slots=True)
class SipCall:
    """One INVITE and what became of it."""

    number: str
    began: datetime
    statuses: list[int] = field(default_factory=list)  # as the carrier sent them for the INVITE
    cancelled: bool = False
    answered: datetime | None = None
    over: datetime | None = None

    @property
    def ended_as(self) -> str:
        """In the book's words, by what was sent and whether the phone rang before."""
        if self.cancelled:
            return "no_answer"
        final = next((each for each in self.statuses if each >= FINAL), 0)
        words = WORDS | RUNG if RINGING in self.statuses else WORDS
        return words[final]

    @property
    def talk_s(self) -> float:
        """From the answer to the first BYE."""
        if self.answered is None or self.over is None:
            return 0.0
        return (self.over - self.answered).total_seconds()


def sip_calls(messages: Path) -> list[SipCall]:
    """Every call in a carrier's messages, in the order of the INVITEs."""
    calls: dict[str, SipCall] = {}
    for at, direction, message in _sections(messages):
        first, _, rest = message.partition("\n")
        known = re.search(r"^Call-ID: (\S+)", rest, re.MULTILINE)
        if known is None:
            continue
        key = known[1]
        if direction == "received" and (invited := re.match(r"INVITE sip:([^@>]*)@", first)):
            calls.setdefault(key, SipCall(number=invited[1], began=at))
        elif key in calls:
            _follow(calls[key], at, direction, first, rest)
    return list(calls.values())


def _follow(call: SipCall, at: datetime, direction: str, first: str, rest: str) -> None:
    if direction == "sent" and (said := re.match(r"SIP/2\.0 (\d{3})", first)):
        if re.search(r"^CSeq: \d+ INVITE", rest, re.MULTILINE):
            call.statuses.append(int(said[1]))
            if said[1] == "200" and call.answered is None:
                call.answered = at
    elif first.startswith("CANCEL"):
        call.cancelled = True
    elif first.startswith("BYE") and call.over is None:
        call.over = at


def _sections(messages: Path) -> Iterator[tuple[datetime, str, str]]:
    text = messages.read_text(errors="replace").replace("\r\n", "\n")
    for at, direction, message in SECTION.findall(text):
        yield datetime.fromisoformat(at), direction, message.lstrip("\n")

"""Many calls through a real Asterisk: is every outcome what Asterisk's own records say, and how fast is it?

Customers and agents are Local channels on the same machine, so the figures bound what the link, the
dial permit and the tracker cost, not what a network does. Asterisk's records are its call detail records (how
a call that nobody answered ended) and its queue log (who was connected, who was not). A second session
of the same user, in a thread, hears what Asterisk says independently of the link that is measured;
times between events are taken from Asterisk's own time stamps in them.
"""

import asyncio
import random
import statistics
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bench.testbed.dialplan_actors import SECRET, STAGE, USER, actors_config
from bench.testbed.install import Installation
from bench.testbed.permits import FakePermits
from bench.testbed.ports import free_port
from bench.testbed.raw_ami import RawAmi
from bench.testbed.server import MODULES, AsteriskServer, wait_until

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.panoramisk_link import PanoramiskLink
from telephony.asterisk.ami.transport import LinkSettings, OnFrame, OnLost, Transport
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.model import AgentLine
from telephony.asterisk.config.render import render
from telephony.bench.figures import Bar, at_most
from telephony.calls.events import Answered, Connected, Fact, Finished, OriginateFailed, Outcome
from telephony.errors import TelephonyError
from telephony.ports import CallOrder

AGENTS: Final = 40
RING_S: Final = 3
QUEUE: Final = "outbound"
#: three in ten are answered and talk for 0.6 s; the others end in every way there is
KINDS: Final = ("706", "706", "706", "202", "203", "900", "300", "500", "602", "603")
BUSY_AFTER_RINGING: Final = "2"  # the first digit of such a kind: somebody pressed the call away
#: what Asterisk's cause of a call that nobody answered (Q.850) says of its end
ENDS: Final = {
    "1": Outcome.BAD_NUMBER,
    "17": Outcome.BUSY,
    "19": Outcome.NO_ANSWER,
    "21": Outcome.REJECTED,
    "34": Outcome.CONGESTION,
}
UNSERVED: Final = frozenset({Outcome.ABANDONED, Outcome.HUNG_UP_WAITING})
MOST_TO_QUEUE_MS: Final = 50.0
MOST_TO_AGENT_S: Final = 0.6
ENDED_WITHIN_S: Final = 60.0
READY_WITHIN_S: Final = 60.0
#: words of our own that Asterisk says to both sessions; what lies between them is compared
BEGIN, END = "WinbackBenchBegins", "WinbackBenchEnds"

CDR_CONF: Final = (
    "[general]\nenable = yes\nunanswered = yes\ncongestion = yes\n[csv]\nusegmtime = yes\nloguniqueid = yes\n"
)


@dataclass(slots=True)
class _Ear:
    """What one session heard between the two words, and Asterisk's times of what matters."""

    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    answered: dict[str, float] = field(default_factory=dict)
    queued: dict[str, float] = field(default_factory=dict)
    connected: dict[str, float] = field(default_factory=dict)
    began: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def take(self, frame: Frame) -> None:
        """One event, in order of arrival."""
        event = frame.event
        if event == "UserEvent" and frame.get("UserEvent") in {BEGIN, END}:
            (self.began if frame.get("UserEvent") == BEGIN else self.over).set()
        elif event and self.began.is_set() and not self.over.is_set() and not _is_listed(frame):
            self.events[event, frame.get("Uniqueid") or frame.get("DestUniqueid")] += 1
            self._time(event, frame)

    def _time(self, event: str, frame: Frame) -> None:
        if event == "DialEnd" and frame.get("Uniqueid").endswith(";2"):
            if frame.get("DialStatus") == "ANSWER":
                self.answered[frame.get("Linkedid")] = float(frame.get("Timestamp"))
        elif event == "QueueCallerJoin":
            self.queued[frame.get("Linkedid")] = float(frame.get("Timestamp"))
        elif event == "AgentConnect":
            self.connected[frame.get("Uniqueid")] = float(frame.get("Timestamp"))

    def listen(self, port: int) -> None:
        """Hear everything over a session of its own, until the last word."""
        with RawAmi("127.0.0.1", port, USER, SECRET) as ami:
            while not self.over.is_set():
                ami.listen(0.2)
                for frame in ami.heard:
                    self.take(frame)
                ami.times.clear()


@dataclass(slots=True)
class _App:
    """The facts, as whoever dials would have them."""

    answered: dict[str, float] = field(default_factory=dict)
    connected: dict[str, float] = field(default_factory=dict)
    ends: dict[str, Finished] = field(default_factory=dict)
    ended_again: int = 0
    in_vain: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)  # Originates that were not taken, and why

    def take(self, fact: Fact) -> None:
        """One fact, in order of arrival."""
        match fact:
            case Answered():
                self.answered[fact.attempt] = fact.at.timestamp()
            case Connected():
                self.connected[fact.attempt] = fact.at.timestamp()
            case Finished():
                self.ended_again += fact.attempt in self.ends
                self.ends[fact.attempt] = fact
            case OriginateFailed():
                self.in_vain.add(fact.attempt)


async def measure(
    installation: Installation, *, rate: float, seconds: float
) -> tuple[dict[str, Any], list[Bar]]:
    """Place calls at this rate for so long; compare every end with Asterisk's own records."""
    permits, port = FakePermits(), free_port()
    await permits.start()
    config = actors_config(port, permits.address, agents=AGENTS)
    files = dict(render(config, installation.version)) | {"test_extensions.conf": STAGE, "cdr.conf": CDR_CONF}
    server = AsteriskServer(installation, files, ami_port=port, modules=(*MODULES, "cdr_csv"))
    try:
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(_log_in, server, config.agents)
        placed, app, ours, ear, pbx = await _run(server, permits, rate, seconds)
        health = pbx.health()
        unanswered, queue_log = _by_cause(server.call_records()), server.queue_log()
    finally:
        await asyncio.to_thread(server.__exit__)
        await permits.close()
    wrong = _differences(placed, app, unanswered, queue_log)
    to_queue = _gaps_s(ear.answered, ear.queued)
    to_agent = _gaps_s(ear.answered, ear.connected)
    lost, doubled = (ear.events - ours.events).total(), (ours.events - ear.events).total()
    asterisk = {
        "version": installation.major,
        "rate": rate,
        "seconds": seconds,
        "calls": len(placed),
        "calls_not_ended": len(placed.keys() - app.ends.keys()),
        "actions_failed": app.refused,
        "events": ear.events.total(),
        "events_per_call": round(ear.events.total() / max(1, len(placed)), 1),
        "events_unread": health.ignored,
        "events_lost": lost,
        "events_doubled": doubled,
        "outcomes": dict(Counter(end.outcome.value for end in app.ends.values())),
        "outcomes_differ": len(wrong),
        "examples": wrong[:5],
        "ended_again": app.ended_again,
        "originates_failed": len(app.in_vain & app.ends.keys()),
        "answer_to_queue_ms": _summary(to_queue, 1000),
        "answer_to_agent_s": _summary(to_agent, 1),
        "answer_to_agent_as_heard_s": _summary(_gaps_s(app.answered, app.connected), 1),
        "link_losses": health.losses,
        "gate_failures": len(permits.failures),
    }
    return asterisk, [
        at_most("asterisk.events_lost", lost + doubled + health.losses, 0),
        at_most("asterisk.outcomes_differ", len(wrong) + app.ended_again, 0),
        at_most("asterisk.answer_to_queue_ms.median", _median(to_queue, 1000), MOST_TO_QUEUE_MS),
        at_most("asterisk.answer_to_agent_s.median", _median(to_agent, 1), MOST_TO_AGENT_S),
    ]


async def _run(
    server: AsteriskServer, permits: FakePermits, rate: float, seconds: float
) -> tuple[dict[str, str], _App, _Ear, _Ear, AmiPbx]:
    ours, ear, app = _Ear(), _Ear(), _App()

    def counted(settings: LinkSettings, on_frame: OnFrame, on_lost: OnLost) -> Transport:
        def count(frame: Frame) -> None:
            ours.take(frame)
            on_frame(frame)

        return PanoramiskLink(settings, count, on_lost)

    settings = LinkSettings(
        host="127.0.0.1", port=server.ami_port, username=USER, secret=SECRET, action_timeout_s=20
    )
    spread = random.Random(1)  # noqa: S311 - spreads reconnects
    pbx = AmiPbx(settings, clock=lambda: datetime.now(UTC), rng=spread, transport=counted)
    ended = asyncio.Condition()

    async def listen() -> None:
        async for fact in pbx.facts():
            app.take(fact)
            if isinstance(fact, Finished):
                async with ended:
                    ended.notify_all()

    listening = threading.Thread(target=ear.listen, args=(server.ami_port,), daemon=True)
    listening.start()
    await pbx.start()
    facts = asyncio.create_task(listen())
    try:
        await pbx.wait_ready()
        await pbx.snapshot()
        await asyncio.to_thread(_say, server, BEGIN, (ours, ear))
        placed = await _place(pbx, permits, app, rate, seconds)
        with suppress(TimeoutError):  # those that did not end are counted
            async with asyncio.timeout(ENDED_WITHIN_S), ended:
                await ended.wait_for(lambda: app.ends.keys() >= placed.keys())
    finally:
        await asyncio.to_thread(_say, server, END, (ours, ear))
        await asyncio.to_thread(listening.join)
        await pbx.close()
        await facts
    return placed, app, ours, ear, pbx


def _is_listed(frame: Frame) -> bool:
    """Whether this is a line of a list that its session asked for, which no other session is told."""
    return bool(frame.action_id) and frame.event != "OriginateResponse"


def _say(server: AsteriskServer, word: str, ears: tuple[_Ear, ...]) -> None:
    """Have Asterisk say this word to everybody, until both ears have heard it."""

    def heard() -> bool:
        return all((ear.began if word == BEGIN else ear.over).is_set() for ear in ears)

    with server.observer() as ami:
        ami.ask("UserEvent", [("UserEvent", word)])
        wait_until(heard, READY_WITHIN_S, f"both sessions hear {word}")


def _log_in(server: AsteriskServer, agents: tuple[AgentLine, ...]) -> None:
    """Standing connections for everybody."""
    with server.observer() as ami:
        for agent in agents:
            ami.ask("Originate", [
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{agent.code}"), ("Priority", "1"), ("Async", "true"),
            ])  # fmt: skip

        def all_free() -> bool:
            listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", QUEUE)])
            free = sum(each.event == "QueueMember" and each.get("Status") == "1" for each in listed)
            return free == len(agents)

        wait_until(all_free, READY_WITHIN_S, "every agent is free")


async def _place(pbx: AmiPbx, permits: FakePermits, app: _App, rate: float, seconds: float) -> dict[str, str]:
    """Originate at an even rate; the customer's kind by attempt."""
    placed: dict[str, str] = {}
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n in range(int(rate * seconds)):
        attempt, kind = f"wb-bench{n:07d}", KINDS[n % len(KINDS)]
        permits.numbers[attempt] = f"15550100{kind}"
        placed[attempt] = kind
        try:
            await pbx.originate(CallOrder(attempt=attempt, queue=QUEUE, ring_s=RING_S))
        except TelephonyError as failure:
            app.refused.append(f"{attempt}: {failure}")
        await asyncio.sleep(max(began + (n + 1) / rate - loop.time(), 0))
    return placed


def _by_cause(records: list[dict[str, str]]) -> dict[str, Outcome]:
    """How the attempts that nobody answered ended, by the call detail record of the permit's own half."""
    return {
        record["uniqueid"].removesuffix(";2"): ENDS[record["lastdata"]]
        for record in records
        if record["uniqueid"].endswith(";2")
        and record["disposition"] != "ANSWERED"
        and record["lastapp"] == "Hangup"
        and record["lastdata"] in ENDS
    }


def _differences(
    placed: dict[str, str], app: _App, unanswered: dict[str, Outcome], queue_log: list[list[str]]
) -> list[tuple[str, str, str]]:
    """Attempts whose end is not what Asterisk's records say."""
    agents = {row[1]: row[3] for row in queue_log if row[4] == "CONNECT"}
    left_alone = {row[1] for row in queue_log if row[4] in {"ABANDON", "EXITWITHTIMEOUT"}}
    wrong = []
    for attempt, kind in placed.items():
        end = app.ends.get(attempt)
        if end is None:
            right = False
        elif attempt in agents:
            right = (end.outcome, end.agent) == (Outcome.CONNECTED, agents[attempt])
        elif attempt in left_alone:
            right = end.outcome in UNSERVED
        elif kind.startswith(BUSY_AFTER_RINGING):
            right = (end.outcome, unanswered.get(attempt)) == (Outcome.REJECTED, Outcome.BUSY)
        else:
            right = end.outcome is unanswered.get(attempt)
        if not right:
            wrong.append((attempt, kind, end.outcome.value if end else "never ended"))
    return wrong


def _gaps_s(first: dict[str, float], second: dict[str, float]) -> list[float]:
    return sorted(second[key] - first[key] for key in first.keys() & second.keys())


def _median(gaps: list[float], scale: float) -> float | None:
    return round(statistics.median(gaps) * scale, 3) if gaps else None


def _summary(gaps: list[float], scale: float) -> dict[str, float | int | None]:
    """Median and 99th percentile, and of how many calls."""
    high = round(gaps[max(0, int(len(gaps) * 0.99) - 1)] * scale, 3) if gaps else None
    return {"median": _median(gaps, scale), "p99": high, "calls": len(gaps)}

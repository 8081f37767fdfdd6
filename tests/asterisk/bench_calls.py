"""Many calls through a real Asterisk: is every outcome what Asterisk's own book says, and how fast is it?

    PYTHONPATH=.:tests python tests/asterisk/bench_calls.py sid --rate 50 --seconds 60

Customers and agents are Local channels on the same machine, so the figures bound what the link, the
gate and the tracker cost, not what a network does. Prints one JSON object.
"""

import argparse
import asyncio
import json
import random
import statistics
import threading
from collections import Counter
from dataclasses import dataclass, field, replace

from contract.listener import Listener, now

from telephony.ami.adapter import AmiPbx
from telephony.ami.link import LinkSettings
from telephony.asterisk.plan import AsteriskVersion
from telephony.asterisk.render import render
from telephony.calls.events import Answered, Connected, Finished, OriginateFailed, Outcome
from telephony.errors import TelephonyError
from telephony.ports import CallOrder
from telephony.testbed.gate import Gate
from telephony.testbed.install import KNOWN_SUITES, install
from telephony.testbed.raw_ami import RawAmi
from telephony.testbed.server import AsteriskServer, free_port, wait_until
from telephony.testbed.stage import SECRET, STAGE, USER, stage_plan

AGENTS = 40
# Three in ten are answered and talk for 0.6 s; the others end in every way there is.
KINDS = ("706", "706", "706", "202", "203", "900", "300", "500", "602", "603")
EXPECTED = {"2": "busy", "9": "busy", "3": "no_answer", "5": "bad_number", "6": "rejected"}


@dataclass
class Ear:
    """A second session, listening in a thread: times between Asterisk's own events."""

    answered: dict[str, float] = field(default_factory=dict)
    queued: dict[str, float] = field(default_factory=dict)
    connected: dict[str, float] = field(default_factory=dict)

    def hear(self, port: int, over: threading.Event) -> None:
        with RawAmi("127.0.0.1", port, USER, SECRET) as ami:
            while not over.is_set():
                ami.listen(0.2)
                for at, frame in ami.times:
                    self.take(at, frame.event, frame.get("DestLinkedid") or frame.get("Linkedid"), frame)
                ami.times.clear()

    def take(self, at: float, event: str, attempt: str, frame: object) -> None:
        get = frame.get  # type: ignore[attr-defined]
        if event == "DialEnd" and get("Uniqueid").endswith(";2") and get("DialStatus") == "ANSWER":
            self.answered[attempt] = at
        elif event == "QueueCallerJoin":
            self.queued[attempt] = at
        elif event == "AgentConnect":
            self.connected[attempt] = at


def gaps_ms(first: dict[str, float], second: dict[str, float]) -> dict[str, float]:
    """Median and 99th percentile of the time between two moments of each call, in milliseconds."""
    gaps = sorted((second[key] - first[key]) * 1000 for key in first.keys() & second.keys())
    if not gaps:
        return {}
    return {
        "median": round(statistics.median(gaps), 1),
        "p99": round(gaps[int(len(gaps) * 0.99) - 1], 1),
        "calls": len(gaps),
    }


async def measure(suite: str, rate: float, seconds: float) -> dict[str, object]:
    """Place calls at this rate for so long; compare every end with Asterisk's own book."""
    agi, port = Gate(), free_port()
    await agi.start()
    plan = replace(stage_plan(port, agi.address, agents=AGENTS))
    files = {**render(plan, AsteriskVersion(KNOWN_SUITES[suite])), "test_extensions.conf": STAGE}
    server = AsteriskServer(await asyncio.to_thread(install, suite), files, ami_port=port)
    await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(log_in, server, plan.agents)
        over, ear = threading.Event(), Ear()
        listening = threading.Thread(target=ear.hear, args=(port, over))
        listening.start()
        settings = LinkSettings(
            host="127.0.0.1", port=port, username=USER, secret=SECRET, action_timeout_s=20
        )
        pbx = AmiPbx(settings, clock=now, rng=random.Random(1))  # noqa: S311 - spreads reconnects
        listener = Listener(pbx)
        await pbx.start()
        await pbx.wait_ready()
        attempts = await place(pbx, agi, rate, seconds)
        for attempt in attempts:
            await listener.of(attempt, Finished, within_s=60)
        over.set()
        await asyncio.to_thread(listening.join)
        health = pbx.health()
        await listener.close()
        return {**compare(attempts, listener, server), **delays(listener, ear), "link": repr(health)}
    finally:
        await asyncio.to_thread(server.__exit__)
        await agi.close()


def log_in(server: AsteriskServer, agents: tuple[object, ...]) -> None:
    """Standing connections for everybody."""
    with server.observer() as ami:
        for agent in agents:
            ami.ask("Originate", [
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{agent.code}"), ("Priority", "1"), ("Async", "true"),  # type: ignore[attr-defined]
            ])  # fmt: skip

        def free() -> bool:
            listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", "outbound")])
            return sum(each.event == "QueueMember" and each.get("Status") == "1" for each in listed) == len(
                agents
            )

        wait_until(free, 60, "every agent is free")


async def place(pbx: AmiPbx, agi: Gate, rate: float, seconds: float) -> dict[str, str]:
    """Originate at an even rate; returns the customer's kind by attempt."""
    attempts: dict[str, str] = {}
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n in range(int(rate * seconds)):
        attempt, kind = f"wb-bench{n:07d}", KINDS[n % len(KINDS)]
        agi.numbers[attempt] = f"15550100{kind}"
        attempts[attempt] = kind
        try:
            await pbx.originate(CallOrder(attempt=attempt, queue="outbound", ring_s=3))
        except TelephonyError as failure:
            attempts[attempt] = f"not placed: {failure}"
        await asyncio.sleep(max(began + (n + 1) / rate - loop.time(), 0))
    return attempts


def compare(attempts: dict[str, str], listener: Listener, server: AsteriskServer) -> dict[str, object]:
    """Our ends against the queue log and against how the customers behaved."""
    agents = {row[1]: row[3] for row in server.queue_log() if row[4] == "CONNECT"}
    in_vain = {row[1] for row in server.queue_log() if row[4] in {"ABANDON", "EXITWITHTIMEOUT"}}
    ends = {fact.attempt: fact for fact in listener.facts if isinstance(fact, Finished)}
    twice = sum(isinstance(fact, Finished) for fact in listener.facts) - len(ends)
    wrong = []
    for attempt, kind in attempts.items():
        end = ends[attempt]
        if kind[0] in EXPECTED:
            right = end.outcome.value == EXPECTED[kind[0]]
        elif attempt in agents:
            right = (end.outcome, end.agent) == (Outcome.CONNECTED, agents[attempt])
        else:
            right = attempt in in_vain and end.outcome in {Outcome.ABANDONED, Outcome.HUNG_UP_WAITING}
        if not right:
            wrong.append((attempt, kind, end.outcome.value))
    return {
        "asterisk": server.version,
        "calls": len(attempts),
        "ended_twice": twice,
        "outcome_differs_from_asterisk": len(wrong),
        "examples": wrong[:5],
        "outcomes": Counter(end.outcome.value for end in ends.values()),
        "placed_in_vain": sum(isinstance(fact, OriginateFailed) for fact in listener.facts),
    }


def delays(listener: Listener, ear: Ear) -> dict[str, object]:
    """From Asterisk's own events, and as the house sees it."""
    seen = {fact.attempt: fact.at.timestamp() for fact in listener.facts if isinstance(fact, Answered)}
    bridged = {fact.attempt: fact.at.timestamp() for fact in listener.facts if isinstance(fact, Connected)}
    return {
        "answer_to_queue_ms": gaps_ms(ear.answered, ear.queued),
        "answer_to_agent_ms": gaps_ms(ear.answered, ear.connected),
        "answer_to_agent_as_heard_ms": gaps_ms(seen, bridged),
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", choices=list(KNOWN_SUITES))
    parser.add_argument("--rate", type=float, default=50.0, help="calls a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    figures = asyncio.run(measure(given.suite, given.rate, given.seconds))
    print(json.dumps({"rate": given.rate, "seconds": given.seconds, **figures}))  # noqa: T201 - a command speaks


if __name__ == "__main__":
    main()

"""Play every scene on a real Asterisk and keep what its manager port said, as test fixtures.

    PYTHONPATH=. python tests/asterisk/record_scenes.py sid bullseye

Writes tests/fixtures/ami/<version>/<scene>.txt, as heard by the manager user that Winback renders.
Numbers are from the range reserved for fiction. Run it again when the rendered dialplan changes.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from asterisk.toy_agi import ToyAgi
from bench.testbed.dialplan_actors import STAGE, actors_config, with_phones
from bench.testbed.install import KNOWN_SUITES, install
from bench.testbed.ports import free_port
from bench.testbed.raw_ami import RawAmi
from bench.testbed.server import AsteriskServer, wait_until

from telephony.asterisk.config.model import AsteriskVersion, PbxConfig
from telephony.asterisk.config.render import render
from telephony.simulator.recording import to_text

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ami"
FREE, UNAVAILABLE = "1", "5"


@dataclass
class Set:
    """One running Asterisk with its audience."""

    server: AsteriskServer
    agi: ToyAgi
    plan: PbxConfig
    observer: RawAmi
    serial: int = 0
    mark: int = 0  # what the observer had heard when the scene's last call began

    def attempt(self, digits: str, *, known: bool = True, name: str | None = None) -> str:
        """Originate an attempt whose customer behaves by these last digits."""
        self.serial += 1
        self.mark = len(self.observer.times)
        attempt = name or f"wb-scene{self.serial:04d}"
        if known:
            self.agi.numbers[attempt] = f"15550100{digits}"
        self.observer.ask("Originate", [
            ("ActionID", attempt), ("ChannelId", attempt), ("Channel", f"Local/{attempt}@winback-permit/n"),
            ("Context", "winback-connect"), ("Exten", "outbound"), ("Priority", "1"), ("Async", "true"),
            ("Timeout", "8000"),
        ])  # fmt: skip
        return attempt

    def caller(self, side: str, number: str = "15550100199") -> None:
        """A live caller rings in; `side` is an extension of test-callers."""
        self.mark = len(self.observer.times)
        self.observer.ask("Originate", [
            ("Channel", f"Local/{side}@test-callers/n"), ("Context", "winback-inbound"), ("Exten", "support"),
            ("Priority", "1"), ("Async", "true"), ("CallerID", f'"" <{number}>'),
        ])  # fmt: skip

    def gone(self, within_s: float = 15) -> None:
        """Wait until only the agents' standing connections are left."""

        def quiet() -> bool:
            listed = self.observer.list_of("CoreShowChannels", "CoreShowChannelsComplete")
            return not [c for c in listed if "test-headsets" not in c.get("Channel")]

        wait_until(quiet, within_s, "all calls are over")

    def until(self, event: str, within_s: float = 10, **headers: str) -> None:
        """Wait for this event on the observer's session."""
        self.observer.wait_from(
            self.mark,
            lambda f: f.event == event and all(f.get(k) == v for k, v in headers.items()),
            within_s=within_s,
        )

    def log_in(self, count: int) -> None:
        """Standing connections for the first `count` agents."""
        for agent in self.plan.agents[:count]:
            self.observer.ask("Originate", [
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{agent.code}"), ("Priority", "1"), ("Async", "true"),
            ])  # fmt: skip
        wait_until(lambda: self.free() >= count, 20, "the agents are free")

    def free(self) -> int:
        listed = self.observer.list_of("QueueStatus", "QueueStatusComplete", [("Queue", "outbound")])
        return sum(f.event == "QueueMember" and f.get("Status") == FREE for f in listed)

    def pause_all(self, *, paused: bool) -> None:
        for agent in self.plan.agents:
            self.observer.ask("QueuePause", [
                ("Interface", agent.interface), ("Paused", str(paused).lower()), ("Reason", "scene"),
            ])  # fmt: skip


@contextmanager
def running(suite: str, *, phones: str | None = None) -> Iterator[Set]:
    """One Asterisk of this suite with the rendered configuration and the stage."""
    agi, port = ToyAgi(), free_port()
    plan = actors_config(port, agi.address, agents=2)
    if phones is not None:
        plan = replace(with_phones(plan, phones), agent_ring_s=1)
    files = {**render(plan, AsteriskVersion(KNOWN_SUITES[suite])), "test_extensions.conf": STAGE}
    with AsteriskServer(install(suite), files, ami_port=port) as server, server.observer() as observer:
        for agent in plan.agents:
            for queue in plan.queues_of(agent) if agent.phone is not None else ():
                observer.ask("QueueAdd", [
                    ("Queue", queue), ("Interface", agent.interface), ("MemberName", agent.id),
                ])  # fmt: skip
        yield Set(server, agi, plan, observer)
    agi.close()


def _failing(digits: str) -> Callable[[Set], None]:
    def scene(stage: Set) -> None:
        stage.attempt(digits)
        stage.until("OriginateResponse")

    return scene


def _abandoned(stage: Set) -> None:
    stage.pause_all(paused=True)
    stage.attempt("102")
    stage.until("QueueCallerAbandon")
    stage.gone()
    stage.pause_all(paused=False)


def _leaves_waiting(stage: Set) -> None:
    stage.pause_all(paused=True)
    stage.attempt("707")
    stage.until("QueueCallerAbandon")
    stage.gone()
    stage.pause_all(paused=False)


def _connected(stage: Set) -> None:
    stage.attempt("801")
    stage.until("AgentComplete")


def _we_hang_up(stage: Set) -> None:
    attempt = stage.attempt("102")
    stage.until("AgentConnect")
    stage.observer.ask("Hangup", [("Channel", attempt)])
    stage.until("AgentComplete")


def _agent_leaves(stage: Set) -> None:
    stage.attempt("102")
    frame = stage.observer.wait_from(stage.mark, lambda f: f.event == "AgentConnect")
    agent = frame.get("MemberName")
    status = stage.observer.list_of("Agents", "AgentsComplete")
    headset = next(a.get("Channel") for a in status if a.get("Agent") == agent)
    stage.observer.ask("Hangup", [("Channel", headset)])
    stage.until("AgentComplete")
    stage.gone()
    stage.log_in(2) if stage.free() == 0 else None


def _transfer(stage: Set) -> None:
    attempt = stage.attempt("102")
    stage.until("AgentConnect")
    listed = stage.observer.list_of("CoreShowChannels", "CoreShowChannelsComplete")
    name = next(c.get("Channel") for c in listed if c.get("Uniqueid") == attempt)
    stage.observer.ask("Redirect", [
        ("Channel", name), ("Context", "test-desk"), ("Exten", "s"), ("Priority", "1"),
    ])  # fmt: skip
    stage.until("AgentComplete")


def _duplicate(stage: Set) -> None:
    attempt = stage.attempt("801")
    stage.until("AgentConnect")
    stage.attempt("801", name=attempt, known=False)
    stage.until("OriginateResponse", Response="Failure")
    stage.until("AgentComplete")


def _refused(stage: Set) -> None:
    stage.attempt("102", known=False)
    stage.until("OriginateResponse")


def _caller_connected(stage: Set) -> None:
    stage.caller("listen2")
    stage.until("AgentComplete")


def _caller_abandons(stage: Set) -> None:
    stage.pause_all(paused=True)
    stage.caller("listen1")
    stage.until("QueueCallerAbandon")
    stage.gone()
    stage.pause_all(paused=False)


def _caller_books(stage: Set) -> None:
    stage.pause_all(paused=True)
    stage.caller("press1")
    stage.until("QueueCallerLeave")
    stage.gone()
    stage.pause_all(paused=False)


def _phone_answers(stage: Set) -> None:
    stage.caller("listen2")
    stage.until("AgentComplete")


def _phone_deaf(stage: Set) -> None:
    stage.caller("listen4")
    stage.until("AgentRingNoAnswer")
    stage.until("QueueCallerAbandon")


SCENES: dict[str, Callable[[Set], None]] = {
    "connected": _connected,
    "we_hang_up": _we_hang_up,
    "busy": _failing("202"),
    "busy_by_cause": _failing("900"),
    "no_answer": _failing("300"),
    "congestion": _failing("402"),
    "unallocated": _failing("500"),
    "rejected": _failing("605"),
    "abandoned": _abandoned,
    "leaves_waiting": _leaves_waiting,
    "refused": _refused,
    "duplicate": _duplicate,
    "transfer": _transfer,
    "caller_connected": _caller_connected,
    "caller_abandons": _caller_abandons,
    "caller_books": _caller_books,
    "agent_leaves": _agent_leaves,
}
PHONE_SCENES = {"ok": {"phone_answers": _phone_answers}, "deaf": {"phone_deaf": _phone_deaf}}


def _listen(ear: RawAmi, over: threading.Event) -> None:
    """Read as it comes, so that the times are true, until the scene is over and a little longer."""
    while not over.is_set():
        ear.listen(0.1)
    ear.listen(0.5)


def play(stage: Set, scenes: dict[str, Callable[[Set], None]], into: Path) -> None:
    """Play the scenes one after another and write one recording each."""
    into.mkdir(parents=True, exist_ok=True)
    for name, scene in scenes.items():
        with RawAmi("127.0.0.1", stage.plan.ami.port, stage.plan.user, stage.plan.secret) as ear:
            ear.wait_for(lambda frame: frame.event == "FullyBooted")
            began = time.monotonic()
            over = threading.Event()
            listening = threading.Thread(target=_listen, args=(ear, over))
            listening.start()
            try:
                scene(stage)
                stage.gone()
            finally:
                over.set()
                listening.join()
            frames = [(max(at - began, 0.0), frame) for at, frame in ear.times]
        (into / f"{name}.txt").write_text(to_text(frames))
        print(f"{into.name}/{name}: {len(frames)} frames")  # noqa: T201 - a script speaks


def main(suites: list[str]) -> None:
    """Record every scene on every suite."""
    for suite in suites:
        folder = FIXTURES / str(KNOWN_SUITES[suite])
        with running(suite) as stage:
            stage.log_in(2)
            play(stage, SCENES, folder)
        for kind, scenes in PHONE_SCENES.items():
            with running(suite, phones=kind) as stage:
                play(stage, scenes, folder)


if __name__ == "__main__":
    main(sys.argv[1:] or list(KNOWN_SUITES))

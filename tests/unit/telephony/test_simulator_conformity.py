"""The simulated PBX says what real Asterisks said for the same way of a call.

Threads of a real Asterisk race each other, so what is compared is, for each leg by itself, which
events came how often; and the order of those whose order the centre relies on.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from telephony.asterisk.ami.events import DECODERS
from telephony.asterisk.ami.wire import Frame
from telephony.simulator.ami_actions import answer
from telephony.simulator.behaviour import Behaviour, CallerPlay, SimulatedAgent
from telephony.simulator.effects import Emit, RunScript
from telephony.simulator.pbx import Exchange
from telephony.simulator.recording import from_text

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ami"
VERSIONS = ("16", "22")
SPINE = ("Newchannel", "QueueCallerJoin", "QueueCallerAbandon", "QueueCallerLeave", "AgentConnect", "Hangup")
# What a leg's event is told apart by, besides its name.
TELLING = ("ChannelStateDesc", "DialStatus", "Cause", "Status", "Paused", "Reason", "Queue")
HOW_LONG_S = 12.0


def told(frame: Frame) -> tuple[str, ...]:
    kept = [frame.event]
    for name in TELLING:
        # a channel's state in passing differs by thread timing; it counts where it is the news
        if name == "ChannelStateDesc" and frame.event != "Newstate":
            continue
        # Asterisk 16 tells the reason of a pause under both its names
        if name == "Reason" and frame.event in {"OriginateResponse", "QueueMemberPause"}:
            continue
        if frame.get(name):
            kept.append(frame.get(name))
    return tuple(kept)


def role(frame: Frame, attempt: str) -> str | None:
    """Which leg an event is about; None for what only one of both PBXs has."""
    if frame.event not in DECODERS or frame.event in {"UserEvent", "FullyBooted"}:
        return None
    if frame.event.startswith("QueueMember"):
        return "member"
    if frame.event == "OriginateResponse":
        return "originate" if frame.get("ActionID") == attempt else None
    if frame.event == "AgentComplete":
        return "near"  # either side's headers are missing when that side was gone first
    unique_id = frame.get("Uniqueid") or frame.get("DestUniqueid")
    if unique_id in {attempt, f"{attempt};2"}:
        return "near" if unique_id == attempt else "far"
    return _other_leg(frame.get("Channel") or frame.get("DestChannel"))


def _other_leg(channel: str) -> str | None:
    if "agents-" in channel:
        return f"agent{channel[-2:]}"
    if channel.endswith(";2"):
        return None
    if channel.startswith(("PJSIP/acme", "Local/155501")):
        return "customer"
    return "headset" if "@test-headsets" in channel or channel.startswith("PJSIP/a") else None


def by_leg(frames: Iterable[Frame], attempt: str) -> dict[str, Counter[tuple[str, ...]]]:
    legs: dict[str, Counter[tuple[str, ...]]] = {}
    for frame in frames:
        leg = role(frame, attempt)
        if leg is not None:
            legs.setdefault(leg, Counter())[told(frame)] += 1
    return legs


def spine(frames: Iterable[Frame], attempt: str) -> list[str]:
    return [frame.event for frame in frames if role(frame, attempt) == "near" and frame.event in SPINE]


def recorded(version: str, scene: str) -> list[Frame]:
    frames = [frame for _, frame in from_text((FIXTURES / version / f"{scene}.txt").read_text())]
    return [frame for frame in frames if frame.event]


def attempt_in(frames: list[Frame]) -> str:
    return next(
        f.get("Uniqueid") for f in frames if f.event == "Newchannel" and f.get("Uniqueid").startswith("wb-")
    )


class Stage:
    """The simulated PBX under virtual time, with a dial permit that knows one attempt."""

    def __init__(self) -> None:
        agents = (SimulatedAgent(id="a1"), SimulatedAgent(id="a2"))
        self.exchange = Exchange(
            Behaviour(agents=agents, scripted=True, callers_per_hour=0, own_queues=False), seed=1, epoch=0.0
        )
        self.heard: list[Frame] = []
        self.numbers: dict[str, str] = {}
        self.promises = True

    def act(self, action: str, **headers: str) -> Frame:
        pairs = (("Action", action), *((name, value) for name, value in headers.items()))
        return Frame(answer(self.exchange, Frame(pairs))[0])

    def call(self, attempt: str, digits: str | None) -> None:
        if digits is not None:
            self.numbers[attempt] = f"15550100{digits}"
        self.act(
            "Originate", Channel=f"Local/{attempt}@winback-permit/n", ChannelId=attempt, ActionID=attempt,
            Context="winback-connect", Exten="outbound", Priority="1", Async="true", Timeout="8000",
        )  # fmt: skip

    def live(self, seconds: float) -> None:
        until = self.exchange.kernel.now + seconds
        while True:
            self._hear()
            due = self.exchange.next_at()
            if due is None or due > until:
                break
            self.exchange.advance(due)
        self.exchange.advance(until)
        self._hear()

    def _hear(self) -> None:
        while effects := self.exchange.take():
            for effect in effects:
                if isinstance(effect, Emit):
                    self.heard.append(Frame((("Event", effect.event), *effect.pairs)))
                elif isinstance(effect, RunScript):
                    self._script(effect)

    def _script(self, effect: RunScript) -> None:
        script = self.exchange.script(effect.key)
        number = self.numbers.pop(effect.key, None)
        if effect.script == "capture" and self.promises:
            script.reply('SET VARIABLE CB_OK "1"')
        elif number is not None:
            for name, value in (
                ("WB_NUMBER", number),
                ("WB_TRUNK", "acme"),
                ("WB_RING", "3"),
                ("WB_OK", "1"),
            ):
                script.reply(f'SET VARIABLE {name} "{value}"')
        self.exchange.script_over(effect.key)

    def pause_all(self, *, paused: bool) -> None:
        for agent in ("a1", "a2"):
            self.act(
                "QueuePause",
                Interface=f"Local/{agent}@winback-agents/n",
                Paused=str(paused).lower(),
                Reason="scene",
            )


def play(scene: str, attempt: str) -> list[Frame]:
    stage = Stage()
    digits = {
        "connected": "801", "we_hang_up": "102", "busy_by_cause": "900", "no_answer": "300",
        "unallocated": "500", "rejected": "605", "abandoned": "102", "leaves_waiting": "707",
        "refused": None, "duplicate": "801",
    }[scene]  # fmt: skip
    alone = scene in {"abandoned", "leaves_waiting"}
    if alone:
        stage.pause_all(paused=True)
    stage.call(attempt, digits)
    if scene in {"we_hang_up", "duplicate"}:
        stage.live(0.6)
        if scene == "duplicate":
            stage.call(attempt, None)
        else:
            stage.act("Hangup", Channel=attempt)
    stage.live(HOW_LONG_S)
    if alone:
        stage.pause_all(paused=False)
        stage.live(0)
    return stage.heard


SCENES = (
    "connected", "we_hang_up", "busy_by_cause", "no_answer", "unallocated", "rejected", "abandoned",
    "leaves_waiting", "refused", "duplicate",
)  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scene", SCENES)
def test_each_leg_has_the_events_it_has_on_a_real_asterisk(scene: str, version: str) -> None:
    real = recorded(version, scene)
    attempt = attempt_in(real)
    simulated = play(scene, attempt)
    assert by_leg(simulated, attempt) == by_leg(real, attempt)
    assert spine(simulated, attempt) == spine(real, attempt)


def queue_story(frames: Iterable[Frame]) -> list[tuple[str, ...]]:
    """What the queue said of callers, in order."""
    return [
        told(frame)
        for frame in frames
        if frame.event.startswith(("QueueCaller", "Agent")) and not frame.event.startswith("AgentLog")
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scene", ["caller_connected", "caller_abandons", "caller_books"])
def test_a_callers_queue_story_is_that_of_a_real_asterisk(scene: str, version: str) -> None:
    stage = Stage()
    if scene != "caller_connected":
        stage.pause_all(paused=True)
    stage.exchange.ring_in(
        CallerPlay(
            number="15550100199", patience_s=2, talk_s=2,
            presses_one_after_s=1 if scene == "caller_books" else None,
        )
    )  # fmt: skip
    stage.live(HOW_LONG_S)
    assert queue_story(stage.heard) == queue_story(recorded(version, scene))

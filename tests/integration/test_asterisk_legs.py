"""What is heard on a customer's leg, on real Asterisks: whisper, recording after consent, machine hint.

Everybody who speaks is a tone of their own, and everybody's ear is recorded, so that who heard what, and
in which order, is read from the sound itself.
"""

import asyncio
import random
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from asterisk.tones import RATE_HZ, heard, write_tone
from bench.testbed.dialplan_actors import SECRET, STAGE, USER, actors_config
from bench.testbed.install import KNOWN_SUITES, install
from bench.testbed.permits import FakePermits
from bench.testbed.ports import free_port
from bench.testbed.server import MODULES, AsteriskServer, wait_until
from contract.listener import TRIES, Listener, now

from dialer.core.recordings.silence import length_of, silence
from dialer.services.recordings.recordings import folder_of
from dialer.settings import Settings, SoundSettings
from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.config.chanspy import ListenMode
from telephony.asterisk.config.model import AgentLine, AsteriskVersion, Prompts, Trunk
from telephony.asterisk.config.render import render
from telephony.calls.events import (
    Abandoned,
    Answered,
    CallerConnected,
    CallerFinished,
    Connected,
    Finished,
    HandedOver,
    MachineSuspected,
    Outcome,
)
from telephony.ports import CallOrder

CUSTOMER, AGENT, CONSENT, CALLBACK, CAMPAIGN, LEAD = 400.0, 700.0, 1000.0, 1300.0, 1600.0, 1900.0
CONSENT_S, CALLBACK_S, CAMPAIGN_S = 1.0, 0.5, 0.8
TALKS, GREETS, PRESSES = "1", "2", "3"  # last digit of a number: speaks on, says hello, or presses a star
HELLO_S = 0.6
THINKS_S = 5  # longer than it takes until an agent who hung up is told free
LOGGED = 3_000  # characters of Asterisk's log that are shown with a failure
PLAYED = 3  # times at most: what cuts a sound cuts it each time, and a machine that stalls does not
SLACK_S = 0.25  # a window of the analysis, and a busy machine

PEOPLE = f"""
[legs-customers]
exten => _X!,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,TryExec(MixMonitor(ears/customer-${{EXTEN}}.wav))
 same => n,Goto(kind-${{EXTEN:-1}},1)
exten => kind-{TALKS},1,Playback(tones/customer)
 same => n,Goto(1)
exten => kind-{GREETS},1,Playback(tones/hello)
 same => n,Wait(30)
exten => kind-{PRESSES},1,Wait({THINKS_S})
 same => n,SendDTMF(*)
 same => n,Goto(kind-{PRESSES},1)

[legs-agents]
exten => _[a-z].,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,TryExec(MixMonitor(ears/agent-${{EXTEN}}-${{UNIQUEID}}.wav))
 same => n(talks),Playback(tones/agent)
 same => n,Goto(talks)

[legs-lead]
exten => lead,1,Answer()
 same => n,TryExec(MixMonitor(ears/lead-${{UNIQUEID}}.wav))
 same => n,Playback(tones/lead)
"""


@dataclass
class Leg:
    """One running Asterisk and the link under test."""

    server: AsteriskServer
    permits: FakePermits
    pbx: AmiPbx
    ear: Listener
    calls: list[str] = field(default_factory=list)

    async def call(self, kind: str, *, whisper: str = "") -> str:
        """Order a call to a customer of this kind."""
        attempt = f"wb-leg{len(self.calls):06d}"
        self.calls.append(attempt)
        self.permits.numbers[attempt] = self.number(attempt, kind)
        self.permits.whispers[attempt] = whisper
        await self.pbx.originate(CallOrder(attempt=attempt, queue="outbound", ring_s=15))
        return attempt

    @staticmethod
    def number(attempt: str, kind: str) -> str:
        return f"1555{attempt[-6:]}{kind}"

    async def only(self, agent: str, other: str) -> None:
        """Let calls through to one agent alone."""
        await self.pbx.pause(interface(other), reason="later")
        await self.pbx.resume(interface(agent))

    async def talk_after(self, wait_s: float, *, whisper: str) -> Connected:
        """A talk that began after so long a wait; placed again where the machine stalled meanwhile."""
        waited = []
        for _ in range(TRIES):
            connected = await self.ear.talk(lambda: self.call(TALKS, whisper=whisper))
            waited.append(connected.waited_s)
            assert waited[-1] > wait_s - SLACK_S
            if waited[-1] < wait_s + SLACK_S:
                return connected
            await self.end(connected.attempt)
        raise AssertionError(f"waited {waited}, not {wait_s} s")

    async def end(self, attempt: str) -> Finished:
        await self.pbx.hang_up(attempt)
        return await self.ear.of(attempt, Finished)

    def sound(self, pattern: str) -> Path:
        """The newest recording of this name, once it is written."""
        folder = self.server.folder / "spool" / "monitor"
        found: list[Path] = []

        def there() -> bool:
            found[:] = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
            return bool(found) and is_written(found[-1])

        wait_until(there, 30, f"a recording {pattern} with sound in it, closed")
        return found[-1]


HEAD_BYTES = 44  # of a wave file
SAMPLE_BYTES = 2
TALK_S = 4.0  # so much of a talk is recorded: a second of each voice is looked for on it, at any load


def is_written(path: Path) -> bool:
    """Asterisk writes down the length of what it recorded when it closes the file."""
    try:
        with wave.open(str(path), "rb") as sound:
            told = sound.getnframes() * sound.getnchannels() * sound.getsampwidth()
    except (wave.Error, EOFError):
        return False
    return told > 0 and told >= path.stat().st_size - HEAD_BYTES


STANDING, RINGING = "h1", "p1"


def interface(agent: str) -> str:
    return {STANDING: f"Local/{STANDING}@winback-agents/n", RINGING: f"Local/{RINGING}@legs-agents/n"}[agent]


@asynccontextmanager
async def running(
    suite: str, *, modules: tuple[str, ...] = MODULES, logged_in: bool = True
) -> AsyncIterator[Leg]:
    home = await asyncio.to_thread(install, suite)
    permits, port = FakePermits(), free_port()
    await permits.start()
    config = replace(
        actors_config(port, permits.address),
        agents=(
            AgentLine(id=STANDING, name="Standing", code="201"),
            AgentLine(id=RINGING, name="Ringing", phone=interface(RINGING)),
        ),
        trunks=(Trunk(name="acme", dial="Local/{number}@legs-customers/n"),),
        prompts=Prompts(consent="tones/consent", caller="tones/callback"),
        whisper=True,
        record=True,
        machine_hint=True,
        survey=True,
    )
    files = {**render(config, AsteriskVersion(KNOWN_SUITES[suite])), "test_extensions.conf": STAGE + PEOPLE}
    server = AsteriskServer(home, files, ami_port=port, modules=modules)
    for name, hz, seconds in (
        ("customer", CUSTOMER, 30.0), ("hello", CUSTOMER, HELLO_S), ("agent", AGENT, 60.0),
        ("consent", CONSENT, CONSENT_S), ("callback", CALLBACK, CALLBACK_S),
        ("campaign", CAMPAIGN, CAMPAIGN_S), ("lead", LEAD, 60.0),
    ):  # fmt: skip
        write_tone(server.sounds / "tones" / f"{name}.wav", hz, seconds)
    try:
        await asyncio.to_thread(server.start)
        if logged_in:
            await asyncio.to_thread(log_in, server)
        pbx = AmiPbx(
            LinkSettings(host="127.0.0.1", port=port, username=USER, secret=SECRET),
            clock=now,
            rng=random.Random(1),  # noqa: S311 - spreads reconnects
        )
        ear = Listener(pbx)
        await pbx.start()
        await pbx.wait_ready()
        for queue in ("outbound", config.inbound_queue):
            await pbx.add_member(queue, config.agents[1], reason="later")
        yield Leg(server, permits, pbx, ear)
        await ear.close()
        assert permits.failures == []
    finally:
        await asyncio.to_thread(server.__exit__)
        await permits.close()


def log_in(server: AsteriskServer) -> None:
    with server.observer() as ami:
        ami.call(
            ("Channel", f"Local/{STANDING}@legs-agents/n"), ("Context", "winback-agent-codes"),
            ("Exten", "*51201"), ("Priority", "1"),
        )  # fmt: skip

        def free() -> bool:
            listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", "outbound")])
            return any(each.get("Name") == STANDING and each.get("Status") == "1" for each in listed)

        wait_until(free, 60, "the standing agent is free")


def log_off(server: AsteriskServer) -> None:
    with server.observer() as ami:
        assert ami.ask("AgentLogoff", [("Agent", STANDING)]).response == "Success"

        left: list[str] = []

        def silent() -> bool:
            listed = ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
            left[:] = [each.get("Channel") for each in listed]
            return not left

        try:
            wait_until(silent, 60, "every channel is gone, so every recording is closed")
        except TimeoutError as late:
            pytest.fail(f"{late}, but {left}; {server.log()[-LOGGED:]}")


@pytest.mark.usefixtures("asterisk")
@pytest.mark.parametrize("suite", list(KNOWN_SUITES))
def test_everybody_hears_what_they_should_in_the_right_order(suite: str) -> None:
    async def scenario() -> None:
        async with running(suite) as leg:
            for play in SCENES:
                await play(leg)
            await asyncio.to_thread(log_off, leg.server)
            ear = leg.sound(f"ears/agent-{STANDING}*.wav")
            hears_in_order(ear, CAMPAIGN, CAMPAIGN_S)
            # the agent heard the team lead whisper, and join in, and not listen
            assert heard(ear, LEAD)[1] == pytest.approx(2 * LISTENS_S, abs=LISTENS_S / 2)

    for left in reversed(range(PLAYED)):
        try:
            asyncio.run(scenario())
        except FramesMissing:
            if not left:
                raise
        else:
            return


async def whispered_to_a_ringing_phone(leg: Leg) -> None:
    """The whisper costs its own length after the pick-up, and no longer; then everything else."""
    await leg.only(RINGING, STANDING)
    connected = await leg.talk_after(0.3 + CALLBACK_S, whisper="tones/callback")
    attempt = connected.attempt
    assert connected.agent == RINGING
    await talk(leg, attempt)
    await leg.end(attempt)
    ear = leg.sound(f"ears/agent-{RINGING}*.wav")
    hears_in_order(ear, CALLBACK, CALLBACK_S)
    customer_hears(leg, attempt, consent=True)
    recorded(leg, attempt)


async def whispered_to_a_headset(leg: Leg) -> None:
    """Over the standing connection the whisper takes the place of the pool's beep."""
    await leg.only(STANDING, RINGING)
    connected = await leg.talk_after(CAMPAIGN_S, whisper="tones/campaign")
    attempt = connected.attempt
    assert connected.agent == STANDING
    await talk(leg, attempt)
    assert (await leg.end(attempt)).outcome is Outcome.CONNECTED
    customer_hears(leg, attempt, consent=True)
    recorded(leg, attempt)


async def unwhispered(leg: Leg) -> None:
    """A whisper that nobody recorded, or that is not asked for, costs nothing."""
    await leg.only(STANDING, RINGING)
    for name in ("", "tones/nobody-recorded-this"):
        connected = await leg.talk_after(0.0, whisper=name)
        await leg.end(connected.attempt)


async def human(leg: Leg) -> None:
    """Who says hello and listens is no machine; who is recorded is nevertheless asked first."""
    attempt = (await leg.ear.talk(lambda: leg.call(GREETS))).attempt
    await talk(leg, attempt, machine=False)
    await leg.end(attempt)
    assert not [fact for fact in leg.ear.story(attempt) if isinstance(fact, MachineSuspected)]
    recorded(leg, attempt, customer=False)


async def unrecorded(leg: Leg) -> None:
    """Without an agent nobody is recorded, nobody is asked, and the hint changes nothing."""
    await leg.pbx.pause(interface(STANDING), reason="later")
    for _ in range(TRIES):
        attempt = await leg.call(TALKS)
        await leg.ear.of(attempt, Abandoned)
        # they are told who rang, and then the call ends by itself
        assert (await leg.ear.of(attempt, Finished)).outcome is Outcome.ABANDONED
        if any(isinstance(fact, MachineSuspected) for fact in leg.ear.story(attempt)):
            break  # else a busy Asterisk had not listened for long enough when the legal wait was over
    else:
        pytest.fail("no machine was suspected")
    assert not (leg.server.folder / f"spool/monitor/winback/{attempt}.wav").exists()
    customer_hears(leg, attempt, consent=False)


@pytest.mark.usefixtures("asterisk")
def test_a_module_that_is_missing_costs_the_hint_and_the_recording_and_never_the_call() -> None:
    without = tuple(name for name in MODULES if name not in LISTENERS)

    async def scenario() -> None:
        async with running("sid", modules=without, logged_in=False) as leg:
            await leg.pbx.resume(interface(RINGING))
            attempt = (await leg.ear.talk(lambda: leg.call(TALKS))).attempt
            await asyncio.sleep(1)
            end = await leg.end(attempt)
            assert end.outcome is Outcome.CONNECTED
            assert end.talk_s > 0.9, "it was we who hung up"
            assert not (leg.server.folder / f"spool/monitor/winback/{attempt}.wav").exists()

    asyncio.run(scenario())


LISTENERS = {"app_originate", "app_chanspy", "app_mixmonitor", "app_amd"}


async def caller(leg: Leg) -> None:
    """Who rings in is announced to the agent and recorded as everybody is, under the channel's own id."""
    since = len(leg.ear.facts)
    await leg.pbx.resume(interface(RINGING), queue="support")
    await asyncio.to_thread(ring_in, leg.server)
    served = await leg.ear.first(CallerConnected, since=since)
    assert served.agent == RINGING
    path = leg.server.folder / f"spool/monitor/winback/{served.caller}.wav"
    await recording_holds(path)
    await leg.pbx.hang_up(served.caller)
    await leg.ear.first(CallerFinished, since=since)
    hears_in_order(leg.sound(f"ears/agent-{RINGING}*.wav"), CALLBACK, CALLBACK_S)
    recorded(leg, served.caller)


def ring_in(server: AsteriskServer) -> None:
    with server.observer() as ami:
        ami.call(
            ("Channel", f"Local/1555999{TALKS}@legs-customers/n"), ("Context", "winback-inbound"),
            ("Exten", "support"), ("Priority", "1"),
        )  # fmt: skip


async def talk(leg: Leg, attempt: str, *, machine: bool = True) -> None:
    """Until there is something on the recording; who talks without a pause is hinted at by then."""
    answered = await leg.ear.of(attempt, Answered)
    if machine:
        hint = await leg.ear.of(attempt, MachineSuspected)
        assert 1.0 < (hint.at - answered.at).total_seconds() < AMD_LIMIT_S
    path = leg.server.folder / f"spool/monitor/winback/{attempt}.wav"
    await recording_holds(path)


async def recording_holds(path: Path) -> None:
    """Until so much of the talk is on the recording."""
    bytes_of_it = HEAD_BYTES + int(TALK_S * RATE_HZ) * SAMPLE_BYTES

    def long_enough() -> bool:
        return path.exists() and path.stat().st_size >= bytes_of_it

    await asyncio.to_thread(wait_until, long_enough, 60, "the talk is on the recording")


AMD_LIMIT_S = 6.0


class FramesMissing(AssertionError):
    """A sound was heard for less than it lasts: it was cut, or a stalling Asterisk recorded too little."""


def lasts(length: float, seconds: float) -> None:
    """A sound that was heard once, and whole."""
    if length < seconds - 0.2:
        raise FramesMissing(f"{length:.1f} s of {seconds} s")
    assert length == pytest.approx(seconds, abs=0.2)


def hears_in_order(ear: Path, whisper: float, seconds: float) -> None:
    """The agent: the whisper, then the customer and the consent prompt."""
    first, length = heard(ear, whisper)
    lasts(length, seconds)
    for voice in (CUSTOMER, CONSENT):
        # further back a standing agent's ear has the words of the log-in
        assert heard(ear, voice, since_s=first - 1.0, until_s=first + seconds - 0.2)[1] == 0.0, voice
        length = heard(ear, voice, since_s=first + seconds)[1]
        if not length > CONSENT_S / 2:
            raise FramesMissing(f"{length:.1f} s of {voice} Hz")


def customer_hears(leg: Leg, attempt: str, *, consent: bool) -> None:
    """The customer: the consent prompt and the agent, never a whisper."""
    ear = leg.sound(f"ears/customer-{leg.number(attempt, TALKS)}.wav")
    for whisper in (CALLBACK, CAMPAIGN):
        assert heard(ear, whisper)[1] == 0.0
    length = heard(ear, CONSENT)[1]
    if consent:
        lasts(length, CONSENT_S)
        assert heard(ear, AGENT)[1] > 1.0
    else:
        assert length == pytest.approx(0.0, abs=0.2)


def recorded(leg: Leg, attempt: str, *, customer: bool = True) -> None:
    """The recording: both voices, and nothing from before the end of the consent prompt."""
    sound = leg.sound(f"winback/{attempt}.wav")
    assert heard(sound, CONSENT)[1] <= 0.1
    assert heard(sound, AGENT)[1] > 1.0
    assert (heard(sound, CUSTOMER)[1] > 1.0) is customer
    as_the_pages_take_it(leg.server.folder / "spool/monitor", attempt)


def as_the_pages_take_it(monitor: Path, attempt: str) -> None:
    """Asterisk's own folder is the one that is looked into, and a part of what it wrote can be silenced."""
    folder = folder_of(Settings(sound=SoundSettings(recordings=monitor)))
    assert folder is not None
    written = (folder / f"{attempt}.wav").read_bytes()
    silent = silence(written, 0, length_of(written))
    assert (len(written), length_of(written)) == (len(silent), length_of(silent))
    assert not any(silent[HEAD_BYTES:])


async def asked(leg: Leg) -> None:
    """The agent hangs up first, and is done; the customer is asked, and a key is their answer."""
    await leg.only(RINGING, STANDING)
    attempt = (await leg.ear.talk(lambda: leg.call(PRESSES))).attempt
    agent = await agents_channel(leg)
    await leg.pbx.hang_up(agent)
    parted = await leg.ear.of(attempt, HandedOver)
    end = await leg.ear.of(attempt, Finished)
    assert (parted.agent, end.outcome, end.cut_off) == (RINGING, Outcome.CONNECTED, False)
    assert end.talk_s == pytest.approx(parted.talk_s, abs=SLACK_S), "the question is no talk"
    assert leg.permits.scores == {attempt: 10}


async def agents_channel(leg: Leg) -> str:
    """The phone that rang for the call; those of the calls before are gone by then."""
    found: set[str] = set()

    def alone() -> bool:
        with leg.server.observer() as ami:
            listed = ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
        phones = (each.get("Channel") or "" for each in listed)
        found.clear()
        found.update(phone.partition(";")[0] for phone in phones if f"/{RINGING}@" in phone)
        return len(found) == 1

    await asyncio.to_thread(wait_until, alone, 30, "one phone of the agent's is in a call")
    return f"{found.pop()};1"


async def listened(leg: Leg) -> None:
    """A team lead hears both; is heard by nobody, by the agent alone, or by both; and ends nobody's call."""
    await leg.only(STANDING, RINGING)
    ears = leg.server.folder / "spool/monitor/ears"
    for mode in ListenMode:
        attempt = (await leg.ear.talk(lambda: leg.call(TALKS))).attempt
        await talk(leg, attempt)
        channel = await leg.pbx.listen(STANDING, "Local/lead@legs-lead/n", mode)
        await asyncio.to_thread(wait_until, lambda: any(ears.glob("lead-*")), 30, "the team lead is there")
        await asyncio.sleep(LISTENS_S)  # the sound is what is measured
        await leg.pbx.hang_up(channel)
        own = await asyncio.to_thread(leg.sound, "ears/lead-*.wav")
        assert (await leg.end(attempt)).outcome is Outcome.CONNECTED
        assert min(heard(own, CUSTOMER)[1], heard(own, AGENT)[1]) > LISTENS_S / 2, mode
        customer = leg.sound(f"ears/customer-{leg.number(attempt, TALKS)}.wav")
        assert (heard(customer, LEAD)[1] > LISTENS_S / 2) is (mode is ListenMode.BARGE), mode
        own.unlink()


SCENES = (
    whispered_to_a_headset, whispered_to_a_ringing_phone, unwhispered, human, asked, listened,
    unrecorded, caller,
)  # fmt: skip
LISTENS_S = 2.0

"""The simulated PBX on the network: a manager port, and a FastAGI client for its dialplan."""

import asyncio
import contextlib
import copy
import hashlib
import math
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

from telephony.accepted_connections import stop_listening
from telephony.asterisk.ami.wire import ACTION_LIMITS, Frame, FrameReader, banner, encode
from telephony.asterisk.config.fastagi_secret import channel_proof, fastagi_secret
from telephony.asterisk.config.model import AGI_CONNECT_S
from telephony.asterisk.config.names import USUAL
from telephony.errors import PeerViolation
from telephony.simulator.agi_client import AgiClient
from telephony.simulator.ami_actions import answer, refusal, success
from telephony.simulator.behaviour import Behaviour, CallerPlay
from telephony.simulator.effects import Emit, Pairs, RunScript
from telephony.simulator.faults import FaultRates, Faults
from telephony.simulator.ground_truth import GroundTruth
from telephony.simulator.pbx import Exchange
from telephony.simulator.rng import stream

LONGEST_SLEEP_S = 0.25
LAST_WORDS_S = 1.3  # between the hang-ups and the end of the links, measured on Asterisk 22
# What may pile up for a client that does not read, before it is cut off as Asterisk does; bytes.
MOST_UNREAD = 4 * 1024 * 1024


class _Session:
    """One connection to the manager port."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.reader = FrameReader(ACTION_LIMITS)
        self.logged_in = False
        self.hears_events = True
        self.challenge = ""

    def send(self, pairs: Pairs) -> None:
        if self.writer.is_closing():
            return
        if self.writer.transport.get_write_buffer_size() > MOST_UNREAD:
            self.writer.transport.abort()
            return
        self.writer.write(encode(pairs))


class SimulatedPbx:
    """A PBX to test against: same port, same words, seeded people behind it.

    `agi` is where its dialplan finds the dial permit and the callback dialogue, one engine's address after
    the other; it may be set later, and without any nobody answers.
    """

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        seed: int,
        agi: tuple[tuple[str, int], ...] = (),
        username: str = "winback",
        secret: str = "winback",  # noqa: S107 - a simulated PBX has nothing to steal
        faults: FaultRates | None = None,
    ) -> None:
        self.agi = agi
        self.behaviour = behaviour
        self.faults = Faults(faults or FaultRates(), stream(seed, "faults"))
        self._username, self._secret = username, secret
        self._seed = seed
        self._exchange: Exchange | None = None
        self._started_at = 0.0
        self._server: asyncio.Server | None = None
        self._address = ("127.0.0.1", 0)
        self._sessions: set[_Session] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    @property
    def exchange(self) -> Exchange:
        """The pure PBX inside; for tests that want to cause something there."""
        if self._exchange is None:
            raise RuntimeError("the simulated PBX has not been started")
        return self._exchange

    def truth(self) -> GroundTruth:
        """A copy of what really happened so far."""
        return copy.deepcopy(self.exchange.truth)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port."""
        self._started_at = time.monotonic()
        epoch = time.time()  # noqa: TID251 - the simulated PBX has a wall clock of its own
        stuck = self.faults.rates.stuck
        self._exchange = Exchange(self.behaviour, seed=self._seed, epoch=epoch, stuck_share=stuck)
        self._server = await asyncio.start_server(self._accept, host, port)
        bound: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        self._address = bound
        self._spawn(self._live())
        rates = self.faults.rates
        for every_s, strike in (
            (rates.disconnect_every_s, self.drop_links),
            (rates.restart_every_s, self.restart),
        ):
            if every_s > 0:
                self._spawn(self._strike_at_times(every_s, strike))
        return bound[1]

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            await stop_listening(self._server)
        self.drop_links()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _strike_at_times(self, every_s: float, strike: Callable[[], None]) -> None:
        chance = stream(self._seed, strike.__name__)
        while True:
            await asyncio.sleep(chance.expovariate(1 / every_s))
            strike()

    def drop_links(self) -> None:
        """Cut every manager connection; the calls go on."""
        for session in list(self._sessions):
            session.writer.transport.abort()

    def restart(self) -> None:
        """The PBX dies and comes back: links cut, calls gone, a new boot time."""
        self.drop_links()
        self.exchange.restart()
        self._wake.set()

    async def restart_in_order(self) -> None:
        """As `core restart now`: every headset is hung up first, and the links are cut a moment later."""
        self.exchange.advance(self._now())
        self.exchange.hang_up_headsets()
        self._carry_out()
        await asyncio.sleep(LAST_WORDS_S)
        self.restart()

    def reload_queues(self) -> None:
        """As `queue reload all` after the queue file was changed."""
        self.exchange.queue_system.reload()

    def ring_in(self, play: CallerPlay) -> str:
        """A caller rings in at this moment; returns the channel's unique id."""
        self.exchange.advance(self._now())
        caller = self.exchange.ring_in(play)
        self._carry_out()
        return caller

    def agent_hangs_up(self, agent: str) -> bool:
        """This agent ends the talk they are in. False when they are in none."""
        self.exchange.advance(self._now())
        done = self.exchange.agent_hangs_up(agent)
        self._carry_out()
        return done

    def _now(self) -> float:
        return time.monotonic() - self._started_at

    # -- the simulation's clock

    async def _live(self) -> None:
        while True:
            self.exchange.advance(self._now())
            self._carry_out()
            due = self.exchange.next_at()
            pause_s = LONGEST_SLEEP_S if due is None else min(max(due - self._now(), 0.0), LONGEST_SLEEP_S)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause_s or 0.001)
            self._flush_if_due()

    def _carry_out(self) -> None:
        for effect in self.exchange.take():
            if isinstance(effect, Emit):
                for wait_s, event in self.faults.pass_on(effect):
                    self._say_later(wait_s, (("Event", event.event), *event.pairs))
            elif isinstance(effect, RunScript):
                self._spawn(self._run_script(effect))
        self._wake.set()

    def _say_later(self, wait_s: float, pairs: Pairs) -> None:
        if wait_s > 0:
            asyncio.get_running_loop().call_later(wait_s, self._say, pairs)
        else:
            self._say(pairs)

    def _say(self, pairs: Pairs) -> None:
        for session in list(self._sessions):
            if session.logged_in and session.hears_events:
                session.send(pairs)

    def _flush_if_due(self) -> None:
        for held in self.faults.let_go():
            self._say((("Event", held.event), *held.pairs))

    # -- manager sessions

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = self._spawn(self._serve(reader, writer))
        served.add_done_callback(lambda _: writer.close())  # where it was cancelled before it began

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(writer)
        self._sessions.add(session)
        writer.write(banner())
        try:
            while data := await reader.read(65536):
                for frame in session.reader.receive(data):
                    self._handle(session, frame)
                    if frame.action.lower() == "logoff":
                        return
                await writer.drain()
        except (ConnectionError, PeerViolation):
            pass
        finally:
            self._sessions.discard(session)
            writer.close()

    def _handle(self, session: _Session, frame: Frame) -> None:
        action = frame.action.lower()
        tail = (("ActionID", frame.action_id),) if frame.action_id else ()
        if not session.logged_in and action not in {"login", "challenge", "logoff"}:
            session.send(_with_id(refusal("Permission denied"), tail))
            return
        session_actions = {
            "login": self._login,
            "challenge": self._challenge,
            "logoff": self._logoff,
            "ping": self._ping,
            "events": self._events,
        }
        if (own := session_actions.get(action)) is not None:
            own(session, frame, tail)
            return
        self.exchange.advance(self._now())
        self._carry_out()
        if action == "originate" and self.faults.refuses_originate():
            session.send(_with_id(refusal("Originate failed"), tail))
            return
        for pairs in answer(self.exchange, frame):
            session.send(_with_id(pairs, tail))
        self._carry_out()

    def _login(self, session: _Session, frame: Frame, tail: Pairs) -> None:
        known = frame.get("Username") == self._username
        if frame.get("AuthType").upper() == "MD5":
            expected = hashlib.md5((session.challenge + self._secret).encode()).hexdigest()  # noqa: S324 - AMI's own
            good = known and bool(session.challenge) and secrets.compare_digest(frame.get("Key"), expected)
        else:
            good = known and secrets.compare_digest(frame.get("Secret").encode(), self._secret.encode())
        if not good:
            session.send(_with_id(refusal("Authentication failed"), tail))
            session.writer.close()
            return
        session.logged_in = True
        session.hears_events = frame.get("Events").lower() != "off"
        session.send(_with_id(success("Authentication accepted"), tail))
        up_s = int(self.exchange.kernel.unix_now - self.exchange.kernel.booted_at)
        session.send(
            (
                ("Event", "FullyBooted"),
                ("Privilege", "system,all"),
                ("Status", "Fully Booted"),
                ("Uptime", str(up_s)),
                ("LastReload", str(up_s)),
            )
        )

    def _challenge(self, session: _Session, frame: Frame, tail: Pairs) -> None:
        if frame.get("AuthType").upper() != "MD5":
            session.send(_with_id(refusal("Must specify AuthType"), tail))
            return
        session.challenge = str(secrets.randbelow(10**9))
        session.send((("Response", "Success"), *tail, ("Challenge", session.challenge)))

    def _logoff(self, session: _Session, _: Frame, tail: Pairs) -> None:
        session.send((("Response", "Goodbye"), *tail, ("Message", "Thanks for all the fish.")))

    def _ping(self, session: _Session, _: Frame, tail: Pairs) -> None:
        moment = f"{self.exchange.kernel.unix_now:.6f}"
        session.send((("Response", "Success"), *tail, ("Ping", "Pong"), ("Timestamp", moment)))

    def _events(self, session: _Session, frame: Frame, tail: Pairs) -> None:
        session.hears_events = frame.get("EventMask").lower() not in {"off", "no", "false"}
        state = "On" if session.hears_events else "Off"
        session.send((("Response", "Success"), *tail, ("Events", state)))

    # -- the dialplan's side of FastAGI

    async def _run_script(self, effect: RunScript) -> None:
        script = self.exchange.script(effect.key)
        try:
            first = int(self.exchange.variables.get(USUAL.first_asked, "0")) % max(len(self.agi), 1)
            for host, port in (*self.agi[first:], *self.agi[:first]):
                await self._ask(script, effect, host, port)
                if script.answered or not script.alive():
                    break
        finally:
            if self._exchange is not None:
                self._exchange.advance(self._now())
                self._exchange.script_over(effect.key)
                self._carry_out()

    async def _ask(self, script: AgiClient, effect: RunScript, host: str, port: int) -> None:
        """Hold the dialogue with one engine, if one is there."""
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(AGI_CONNECT_S):
                reader, writer = await asyncio.open_connection(host, port)
            head = (
                ("agi_network", "yes"),
                ("agi_network_script", effect.script),
                ("agi_request", f"agi://{host}:{port}/{effect.script}"),
                *effect.environment,
                (
                    "agi_arg_1",
                    channel_proof(fastagi_secret(self._secret), dict(effect.environment)["agi_uniqueid"]),
                ),
            )
            writer.write("".join(f"{name}: {value}\n" for name, value in head).encode() + b"\n")
            while line := await reader.readline():
                reply = script.reply(line.decode(errors="replace").strip())
                if reply is None:
                    writer.write(b"HANGUP\n")
                    break
                if reply.after_s > 0 and math.isfinite(reply.after_s):
                    await asyncio.sleep(reply.after_s)
                writer.write(f"{reply.line}\n".encode())
        except (OSError, TimeoutError):
            pass
        finally:
            if writer is not None:
                writer.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _with_id(pairs: Pairs, tail: Pairs) -> Pairs:
    """The same frame with the action's id right after its first header, as Asterisk writes it."""
    return (pairs[0], *tail, *pairs[1:])

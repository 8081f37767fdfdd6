"""A small asyncio FastAGI server: one handler a path, limits and time-outs on everything.

The PBX side of a talk may stall, vanish, or be a port scanner; none of that reaches another talk. Who is
heard at all, and how many at once, is `admission`'s; with a secret, only a dialplan that knows it. A
handler that fails sets nothing further: the connection is ended, and a dialplan that tests only a
variable set last (`WB_OK`, `CB_OK`) takes that for a refusal.
"""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from telephony.accepted_connections import stop_listening
from telephony.asterisk.agi.admission import LOOPBACK, Admission, Bounds, Network, RefusedBy
from telephony.asterisk.agi.arguments import FIRST, TRIED, ArgumentParting
from telephony.asterisk.agi.wire import AgiReader, Reply, Request, Sign, command, variable
from telephony.asterisk.config.fastagi_secret import proves
from telephony.errors import HeaderError, HungUp, PeerViolation

#: bytes asked of the socket at a time
CHUNK: Final = 16 * 1024
#: seconds; no prompt of the dialogue is longer, and a PBX that plays for longer has lost us
_LONGEST_SOUND_S: Final = 120.0
#: seconds a peer that does not read may hold a finished talk open
_LINGER_S: Final = 2.0
_OK: Final = 200
_DEAD_CHANNEL: Final = 511
_FAILED: Final = "-1"
_CHANNEL_UP: Final = "6"
_BEEP: Final = "beep"  # of Asterisk's core sounds, which every installation has
_DONE: Final = "0"  # of an application; -2 where the PBX has none of that name
#: nothing that parts one variable from the next
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:+*#-]+", re.ASCII)
_SOUND: Final = re.compile(r"[A-Za-z0-9_/-]{1,120}", re.ASCII)
_KEEP_AND_ANY_KEY_ENDS: Final = "ky"  # of Record(): keep what there is at a hang-up
_KEYS: Final = frozenset("0123456789*#")

Handler = Callable[["AgiSession"], Awaitable[None]]
OnError = Callable[[str, Exception], None]
OnRefused = Callable[[RefusedBy, str], None]


class AgiSession:
    """One talk with the dialplan. Every command has a deadline and raises `HungUp` when the caller left.

    `request` holds what the dialplan came with.
    """

    def __init__(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        codec: AgiReader,
        *,
        reply_timeout_s: float,
        parting: ArgumentParting,
    ) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer
        self._codec = codec
        self._waiting: deque[Reply] = deque()
        self._reply_timeout_s = reply_timeout_s
        self._parting = parting
        self._hung_up = False

    @property
    def hung_up(self) -> bool:
        """Whether the caller is known to have left."""
        return self._hung_up

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable. Raises `HungUp`, `HeaderError`."""
        await self._ask("SET", "VARIABLE", variable(name), value)

    async def set_variables(self, values: Mapping[str, str]) -> None:
        """Set these channel variables in their order, those that are empty left as they are.

        One command where every value is plain, so that the PBX answers once; else one command each. Raises
        as `set_variable`.
        """
        said = {variable(name): value for name, value in values.items() if value}
        if not all(_PLAIN.fullmatch(value) for value in said.values()):
            for name, value in said.items():
                await self.set_variable(name, value)
        elif said:
            parted = await self._parted_by()
            await self._set_list(parted.join(f"{name}={value}" for name, value in said.items()))

    async def play(self, sound: str, escape_digits: str = "") -> str | None:
        """Play a sound file; the digit that cut it short, or None. A missing file is passed over."""
        reply = await self._send("STREAM", "FILE", sound, _digits(escape_digits), playing=True)
        if await self._found_no_file(reply):
            return None
        return _digit(self._checked(reply, "STREAM"))

    async def ask_digits(self, sound: str, timeout_s: float, max_digits: int) -> str:
        """Play a sound and read digits (a # ends them early); '' when none came in time.

        A question whose sound file is missing is put with a beep.
        """
        if max_digits < 1 or timeout_s <= 0:
            raise HeaderError("digits need a number and a time")
        limits = (str(round(timeout_s * 1000)), str(max_digits))
        patience_s = timeout_s * max_digits
        reply = await self._send("GET", "DATA", sound, *limits, playing=True, extra_s=patience_s)
        if await self._found_no_file(reply):
            reply = await self._send("GET", "DATA", _BEEP, *limits, playing=True, extra_s=patience_s)
        return "".join(key for key in self._checked(reply, "GET").result if key in _KEYS)

    async def say_digits(self, digits: str, escape_digits: str = "") -> str | None:
        """Say digits one by one; the digit that cut them short, or None."""
        if not digits or not set(digits) <= _KEYS:
            raise HeaderError("only digits can be said")
        return _digit(await self._ask("SAY", "DIGITS", digits, _digits(escape_digits), playing=True))

    async def say_number(self, number: int, escape_digits: str = "") -> str | None:
        """Say a whole number; the digit that cut it short, or None."""
        return _digit(await self._ask("SAY", "NUMBER", str(number), _digits(escape_digits), playing=True))

    async def record(self, sound: str, *, most_s: int, silence_s: int) -> None:
        """Record the caller into a sound file until they are silent, press a key or hang up; after a beep.

        What was said until they hung up is kept. Raises `HungUp`, `HeaderError`.
        """
        if not _SOUND.fullmatch(sound):
            raise HeaderError("not the name of a sound file")
        if most_s < 1 or silence_s < 1:
            raise HeaderError("a recording needs a length and a silence that ends it")
        words = (f"{sound}.wav", f"{silence_s}", f"{most_s}", _KEEP_AND_ANY_KEY_ENDS)
        options = (await self._parted_by()).join(words)
        self._checked(await self._send("EXEC", "Record", options, playing=True, extra_s=most_s), "EXEC")

    async def answer(self) -> None:
        """Answer the channel, if it is not yet."""
        await self._ask("ANSWER", playing=True)

    async def hang_up(self) -> None:
        """End the call."""
        self._hung_up = True
        self._writer.write(command(["HANGUP"]))
        with suppress(OSError):
            await self._writer.drain()

    async def _parted_by(self) -> str:
        """What parts an application's arguments on this PBX; tried where that is not known of late."""
        known = self._parting.known
        if known is not None:
            return known
        await self._set_list(TRIED)
        return self._parting.see((await self._ask("GET", "VARIABLE", FIRST)).data)

    async def _set_list(self, pairs: str) -> None:
        reply = await self._ask("EXEC", "MSet", pairs)
        if reply.result != _DONE:
            raise PeerViolation("the PBX did not set the variables")

    async def _ask(self, *words: str, playing: bool = False) -> Reply:
        return self._checked(await self._send(*words, playing=playing), words[0])

    async def _found_no_file(self, reply: Reply) -> bool:
        """Whether a failed sound was only missing: Asterisk answers that as it answers a hang-up."""
        if reply.result != _FAILED or self._hung_up:
            return False
        state = await self._send("CHANNEL", "STATUS")
        return state.result == _CHANNEL_UP and not self._hung_up

    def _checked(self, reply: Reply, word: str) -> Reply:
        """A reply that is neither a hang-up nor an error."""
        if reply.code == _DEAD_CHANNEL or (reply.code == _OK and reply.result == _FAILED):
            self._hung_up = True
            raise HungUp("the caller left")
        if reply.code != _OK:
            raise PeerViolation(f"{word} was answered with {reply.code}")
        return reply

    async def _send(self, *words: str, playing: bool = False, extra_s: float = 0.0) -> Reply:
        if self._hung_up:
            raise HungUp("the caller has left")
        timeout_s = self._reply_timeout_s + extra_s + (_LONGEST_SOUND_S if playing else 0.0)
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.write(command(words))
                await self._writer.drain()
                return await self._next_reply()
        except TimeoutError:
            self._hung_up = True
            raise PeerViolation(f"{words[0]}: no AGI reply in {timeout_s:g} s") from None
        except OSError:
            self._hung_up = True
            raise HungUp("the connection is gone") from None

    async def _next_reply(self) -> Reply:
        while not self._waiting:
            data = await self._reader.read(CHUNK)
            if not data:
                self._hung_up = True
                raise HungUp("the PBX closed the connection")
            for message in self._codec.receive(data):
                if message is Sign.HANGUP:
                    # the reply to the command under way still comes; the next command is refused
                    self._hung_up = True
                elif isinstance(message, Reply):
                    self._waiting.append(message)
        return self._waiting.popleft()


class AgiServer:
    """Serves the dialplan's questions, to `networks` alone, and where there is a `secret` to who proves it.

    `on_error(path, error)` hears of every handler that failed, `on_refused(rule, address)` of whoever was not
    heard.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        host: str,
        port: int = 0,
        *,
        networks: tuple[Network, ...] = LOOPBACK,
        secret: str | None = None,
        bounds: Bounds = Bounds(),  # noqa: B008 - a frozen value
        on_error: OnError | None = None,
        on_refused: OnRefused | None = None,
        request_timeout_s: float = 5.0,
        reply_timeout_s: float = 10.0,
    ) -> None:
        self._handlers = {path.strip("/"): handler for path, handler in handlers.items()}
        self._host = host
        self._port = port
        self._admission = Admission(networks, bounds)
        self._parting = ArgumentParting()
        self._secret = secret
        self._on_error = on_error or _ignore
        self._on_refused = on_refused
        self._request_timeout_s = request_timeout_s
        self._reply_timeout_s = reply_timeout_s
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self.served = 0
        self.refused = 0

    @property
    def sessions(self) -> int:
        """Talks under way."""
        return len(self._talks)

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._accept, self._host, self._port, backlog=512)
        self._port = int(self._server.sockets[0].getsockname()[1])
        return self._port

    async def close(self) -> None:
        """Stop listening and end every talk."""
        if self._server is None:
            return
        await stop_listening(self._server)
        for talk in list(self._talks):
            talk.cancel()
        if self._talks:
            await asyncio.wait(self._talks)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        if not peer:  # gone again
            writer.transport.abort()
            return
        address = str(peer[0])
        if not self._admission.allows(address):
            writer.transport.abort()
            self._refuse(RefusedBy.ADDRESS, address)
            return
        key, crowded = self._admission.begin(address, writer.transport.abort)
        if crowded:
            self._refuse(RefusedBy.CROWD, address)
        talk = asyncio.create_task(self._talk(key, address, reader, writer), name="agi-talk")
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        talk.add_done_callback(lambda _: writer.close())  # where it was cancelled before it began

    def _refuse(self, rule: RefusedBy, address: str) -> None:
        self.refused += 1
        if self._on_refused is not None:
            self._on_refused(rule, address)

    def _refusal(self, key: int, request: Request) -> RefusedBy | None:
        """Why this question is not heard."""
        if self._secret is not None and not proves(request.proof, self._secret, request.unique_id):
            return RefusedBy.PROOF
        return None if self._admission.begin_talk(key) else RefusedBy.CROWD

    async def _talk(
        self, key: int, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        path = ""
        try:
            codec = AgiReader()
            async with asyncio.timeout(self._request_timeout_s):
                request = await _read_request(reader, codec)
            if request is None:
                return
            refusal = self._refusal(key, request)
            if refusal is not None:
                self._refuse(refusal, address)
                return
            path = request.path
            handler = self._handlers.get(path)
            if handler is None:
                raise PeerViolation("no such AGI script")  # noqa: TRY301 - one place ends every talk
            session = AgiSession(
                request,
                reader,
                writer,
                codec,
                reply_timeout_s=self._reply_timeout_s,
                parting=self._parting,
            )
            await handler(session)
            self.served += 1
        except HungUp:
            pass  # an everyday ending
        except asyncio.CancelledError:
            pass  # the server closes
        except TimeoutError:
            self._on_error(path, PeerViolation("half an AGI request, and then nothing"))
        except Exception as failure:  # noqa: BLE001 - one talk's failure is that talk's alone, and is reported
            self._on_error(path, failure)
        finally:
            await _end(writer)
            self._admission.end(key)


async def _read_request(reader: asyncio.StreamReader, codec: AgiReader) -> Request | None:
    """The request; None when the peer went away before it was complete (a port scan does)."""
    while True:
        try:
            data = await reader.read(CHUNK)
        except OSError:
            return None
        if not data:
            return None
        for message in codec.receive(data):
            if isinstance(message, Request):
                return message
            raise PeerViolation("an answer before the question")


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        async with asyncio.timeout(_LINGER_S):
            await writer.wait_closed()
    except (OSError, TimeoutError, asyncio.CancelledError):
        writer.transport.abort()


def _digits(keys: str) -> str:
    if not set(keys) <= _KEYS:
        raise HeaderError("only keys of a telephone can cut a sound short")
    return keys


def _digit(reply: Reply) -> str | None:
    code = reply.number
    return None if code is None or code <= 0 else chr(code)


def _ignore(path: str, error: Exception) -> None:
    del path, error

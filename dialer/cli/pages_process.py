"""The pages beside the engine: a process of their own, so that nobody who asks for a page delays a call.

What they use up, be it processor time, descriptors or connections to the database, is theirs alone. Whoever
starts them takes the address and hands it on: where they end unasked, those who ask meanwhile wait for the
next start.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

import typer
from pydantic import SecretStr
from pydantic_core import to_jsonable_python

from dialer.bootstrap import App
from dialer.cli.process_supervisor import ProcessSupervisor
from dialer.setting_names import PREFIX
from dialer.settings import SettingError, Settings

PAGES_WAIT_S: Final = 1.5  # for another writer: a person is told sooner than they would press again
BACKLOG: Final = 512  # who asks while the pages start
NICENESS: Final = 10  # where both want the processor, calls come first
NOT_TOLD: Final = {"pbx": {"secret"}}  # pages never speak to a PBX


def listening(settings: Settings) -> socket.socket:
    """Take the pages' address; raises `SettingError` where it cannot be had."""
    host, port = settings.web.host, settings.web.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingError("web.port", f"{host}:{port} cannot be listened on ({error.strerror})") from error


def serve_pages(app: App, socket_number: int | None = None) -> None:
    """Serve until told to stop, on a socket that was handed over or on the address of the settings."""
    from dialer.web.template_code import have_them_read

    if socket_number is None:
        taken = listening(app.settings)
        say_who_may_come(app, address_of(app.settings, taken))
    else:
        taken = socket.socket(fileno=socket_number)
        yield_to_calls()
    have_them_read()
    from dialer.web.app import create_app
    from dialer.web.page_server import PageServer

    pages = create_app(app.database, app.settings, app.clock, redis_url=app.redis_url)
    PageServer(pages, app.settings).run(sockets=[taken])


def yield_to_calls() -> None:
    """Let calls come first; where the system does not allow it, pages compete with them and that is all."""
    with suppress(OSError):
        os.nice(NICENESS)
    if sys.platform == "linux":
        with suppress(OSError):  # who wakes up in this class interrupts nobody at work
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        # one processor stays free for calls, which then never wait for a page to be put aside; a server of
        # one interpreter keeps no more than one of them busy in any case
        *ours, _ = sorted(os.sched_getaffinity(0))
        if ours:
            os.sched_setaffinity(0, ours)


def address_of(settings: Settings, taken: socket.socket) -> str:
    """Where the pages are, as a browser wants it."""
    host, scheme = settings.web.host, "http" if settings.web.certificate is None else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{taken.getsockname()[1]}"


def say_who_may_come(app: App, address: str) -> None:
    """Print the one-time link of the first administrator, until anybody has logged in."""
    from dialer.services.organisation.users import invite_first_admin

    mode = app.settings.web.login.mode
    if mode == "local":
        secret = invite_first_admin(app.database, app.clock())
        if secret is not None:
            _tell("Nobody has logged in yet. Choose the first administrator's password here, once:")
            _tell(f"{address}/invitation/{secret}")
    elif mode == "proxy" and not users_known(app):
        _tell("Nobody may log in yet: winback users add NAME --role admin, as the proxy names them.")


def _tell(line: str) -> None:
    """Print it as it is: what draws for terminals would take three megabytes until the pages end."""
    typer.echo(line, err=True)


def users_known(app: App) -> bool:
    """Whether there is anybody who may log in."""
    from dialer.services.organisation.users import list_users

    return bool(list_users(app.database))


@contextmanager
def kept_pages(app: App, redis_url: str) -> Iterator[str]:
    """The pages beside this process, started again when they end unasked; gives their address.

    They end with this process even where that is killed and stops nothing: their input is a pipe that closes
    with us.
    """
    from dialer.cli.serve import teller

    with listening(app.settings) as taken:

        def start() -> subprocess.Popen[bytes]:
            # a session of its own: Ctrl-C in the terminal goes to us, who stop it in order
            return subprocess.Popen(  # noqa: S603 - our own arguments, no shell
                [
                    sys.executable,
                    "-m",
                    "dialer.cli",
                    "web",
                    "--end-with-input",
                    "--socket",
                    str(taken.fileno()),
                ],
                env=pages_environment(app.settings, redis_url),
                stdin=subprocess.PIPE,
                pass_fds=[taken.fileno()],
                start_new_session=True,
            )

        supervisor = ProcessSupervisor("pages", start, teller(app)).begin()
        try:
            address = address_of(app.settings, taken)
            say_who_may_come(app, address)
            yield address
        finally:
            supervisor.end()


def pages_environment(settings: Settings, redis_url: str) -> Mapping[str, str]:
    """The variables that give another process these very settings, whatever files and variables say.

    Secrets too, in the open: a dump of settings stars them out, and links signed with stars are anybody's.
    """
    told = settings.model_dump(exclude=NOT_TOLD, exclude_none=True)
    told |= {
        "data_dir": str(settings.data_dir.resolve()),
        "database_url": settings.database(),
        "redis_url": redis_url,
    }
    rest = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    return {
        **rest,
        "WINBACK_CONFIG": os.devnull,
        **{
            PREFIX + name.upper(): value
            if isinstance(value, str)
            else json.dumps(value, default=_in_the_open)
            for name, value in told.items()
        },
    }


def _in_the_open(value: Any) -> Any:
    """What JSON has no notation for, as settings read it."""
    return value.get_secret_value() if isinstance(value, SecretStr) else to_jsonable_python(value)

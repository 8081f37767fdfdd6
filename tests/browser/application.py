"""One application for all tests of a process that ask it in turn, each with its own parts to answer from."""

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from dialer.db.session import Database
from dialer.settings import Settings
from dialer.web.app import create_app, make_dependencies

#: by all that it keeps of the settings it was made with
_made: dict[tuple[object, ...], FastAPI] = {}


def application(database: Database, settings: Settings, clock: Callable[[], datetime]) -> FastAPI:
    """The application over this test's database; only the newest one may be asked.

    FastAPI works out what a route takes and gives when it is first asked: half a second of processor time,
    which every test would pay anew.
    """
    web, largest_mb = settings.web, settings.imports.largest_mb
    kept = (web.host, tuple(web.hosts), tuple(web.proxies), settings.public.address, largest_mb)
    if kept not in _made:
        _made[kept] = create_app(database, settings, clock)
    app = _made[kept]
    app.state.deps = make_dependencies(database, settings, clock)
    return app

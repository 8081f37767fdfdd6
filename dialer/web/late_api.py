"""The application whose API comes when it is first asked for.

Its models and routes take four megabytes and half a second, which a process that only shows pages never
needs.
"""

from threading import Lock
from typing import Any, Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

PROGRAMS: Final = "/api/"  # everything that programs ask for is below this


class LateApi(FastAPI):
    """FastAPI, with the routes of `dialer.web.api` among its own from the first request below `PROGRAMS` on.

    Who asks for `routes` gets all of them, and so does the API's description.
    """

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self._adding = Lock()
        self._whole = False

    @property
    def routes(self) -> list[BaseRoute]:
        """Every route, the API's too."""
        self._add_api()
        return super().routes

    async def routes_for(self, path: str) -> list[BaseRoute]:
        """The routes among which the one to this address is, where there is one."""
        if path.startswith(PROGRAMS) and not self._whole:
            await run_in_threadpool(self._add_api)  # nobody else waits for it
        return super().routes

    def _add_api(self) -> None:
        with self._adding:
            if not self._whole:
                from dialer.web import api  # noqa: PLC0415 - this is what may not be loaded sooner

                super().routes.extend(api.router.routes)
                self._whole = True

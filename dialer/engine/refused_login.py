"""The PBX says no to our password: the pages say so, and it is asked again until it says yes.

Somebody changed a secret, or an address list: that is put right by people, and a centre must not lose its
pages to it. Asked too often, an Asterisk (or what guards it) locks the address out; so it is asked a minute
later, and then ever more rarely.
"""

import asyncio
import time
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog

from dialer.bootstrap import App
from dialer.core.dashboard.view import EngineOnDashboard
from dialer.core.sentence import Sentence
from dialer.services.dashboard.dashboard import say_if_nobody_does
from telephony.errors import LoginRefused

log = structlog.get_logger()

FIRST_S: Final = 60.0
MOST_S: Final = 600.0  # no centre waits longer than this for its PBX once the password is right
SAY_EVERY_S: Final = 1.0  # an engine that says nothing for some seconds is shown as silent


class RefusedLogin:
    """Counts refusals in a row, says them on the dashboard, and waits for the next try."""

    def __init__(self, app: App, engine: str, *, first_s: float = FIRST_S) -> None:
        self._app = app
        self._engine = engine
        self._first_s = first_s
        self._times = 0
        self._since: datetime | None = None
        self._last = 0.0

    async def wait(self, refused: LoginRefused, stopping: asyncio.Event) -> None:
        """Say why nobody is called, until the next try is due or this engine is to stop."""
        began = time.monotonic()
        if began - self._last > MOST_S * 2:  # it had said yes meanwhile
            self._times, self._since = 0, None
        pause_s = min(MOST_S, self._first_s * 2.0**self._times)
        self._times += 1
        self._since = self._since or self._app.clock()
        log.error("login_refused", error=str(refused), again_in_s=pause_s)
        while not stopping.is_set() and (left := began + pause_s - time.monotonic()) > 0:
            await self._say(str(refused), left)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(SAY_EVERY_S, left)):
                    await stopping.wait()
        self._last = time.monotonic()

    async def _say(self, why: str, again_in_s: float) -> None:
        app, since = self._app, self._since
        said = EngineOnDashboard(
            engine=self._engine,
            link="refused",
            ready=False,
            fault=Sentence(
                "%(pbx)s refuses Winback's log-in since %(since)s UTC (%(why)s). Nobody is called. It is "
                "asked again in %(minutes)s min: compare pbx.username, pbx.secret and the networks of "
                "pbx.permit with Asterisk's manager.conf.",
                pbx=app.settings.pbx.name,
                since=f"{since:%H:%M}",
                why=why,
                minutes=max(1, round(again_in_s / 60)),
            ),
            sentence=Sentence("Nobody is called: the PBX refuses the log-in."),
        )
        try:
            await asyncio.to_thread(
                say_if_nobody_does, app.database, app.settings.pbx.name, said, app.clock()
            )
        except Exception as error:  # noqa: BLE001 - a page that is late harms no call
            log.warning("view_not_saved", error=repr(error))

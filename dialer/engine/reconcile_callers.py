"""Live callers whose call ended while no engine looked: the book gets the end that it lacks."""

import asyncio
from datetime import datetime

from dialer.bootstrap import App
from dialer.engine.reconcile import CERTAIN_AFTER
from dialer.services.calls.inbound_calls import ended_unseen, open_calls
from telephony.calls.events import CallerFact, PbxSnapshot


class CallerReconciler:
    """Compares the book's open calls with the PBX, look by look."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._missing_since: dict[str, datetime] = {}

    @property
    def unsettled(self) -> bool:
        """A call was not found, and its own last facts may yet come: look again soon."""
        return bool(self._missing_since)

    async def look(self, snapshot: PbxSnapshot) -> list[CallerFact]:
        """What is to be written of the calls that two looks did not find.

        An engine that dies forgets who talked, and the next one hears nothing of those who hung up meanwhile.
        """
        app, living = self._app, snapshot.living
        calls = await asyncio.to_thread(open_calls, app.database, app.settings.pbx.name, snapshot.taken_at)
        missing = {
            call.caller: self._missing_since.get(call.caller, snapshot.taken_at)
            for call in calls
            if call.caller not in living
        }
        over = {caller for caller, since in missing.items() if snapshot.taken_at - since >= CERTAIN_AFTER}
        self._missing_since = {caller: since for caller, since in missing.items() if caller not in over}
        now = app.clock()
        return [fact for call in calls if call.caller in over for fact in ended_unseen(call, snapshot, now)]

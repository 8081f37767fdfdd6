"""Tells who rings in how long it takes and how to be called back, before they wait, over FastAGI.

Nothing hangs on it. Where it cannot be told, or no call would be offered, the caller goes into the queue in
silence, at the place that their joining gives them.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from callbacks.ivr_dialogue import Say, SayNumber, tell_wait
from callbacks.limits import read_shown, read_source
from callbacks.offers import Offer
from dialer.bootstrap import App
from dialer.engine.standby import PbxView
from telephony import errors
from telephony.asterisk.agi.server import AgiSession
from telephony.numbers import E164

log = structlog.get_logger()


def make_wait_teller(app: App, look: Callable[[], PbxView | None]) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that says the wait; `look` gives what this engine sees of the PBX."""
    region, rules = app.settings.calling.default_region, app.database.policy.callbacks

    async def tell(session: AgiSession) -> None:
        view = look()
        if view is None or not view.ready:
            return
        asking = session.request.caller
        shown = read_shown(asking, region, rules)
        number = shown.e164 if isinstance(shown, E164) else ""
        decided = await view.offers.foresee(number, read_source(asking, region))
        if not isinstance(decided, Offer):
            return
        with suppress(errors.HungUp):
            for effect in tell_wait(decided, from_min=app.settings.callbacks.tell_from_s / 60):
                match effect:
                    case Say(prompt=prompt):
                        await session.play(prompt)
                    case SayNumber(number=minutes):
                        await session.say_number(minutes)

    return tell

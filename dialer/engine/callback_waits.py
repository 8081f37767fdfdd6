"""What callers hear on their way into a queue, over FastAGI: how long it takes, and how to be called back.

Or, by the queue's policy and at overload, that they are called back unless they press a key to stay.
Nothing hangs on it: where it cannot be told, or no call would be offered, the caller goes into the queue in
silence, at the place that their joining gives them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from callbacks.ivr_dialogue import start_booked, tell_wait
from callbacks.ivr_table import DialogueState
from callbacks.limits import read_shown, read_source
from callbacks.offer_policy import WayIn, way_in
from callbacks.offers import Offer
from dialer.bootstrap import App
from dialer.core.agents.callers_on_line import CallerOnFloor
from dialer.engine.callback_ivr import CallerLine, converse, say
from dialer.engine.callback_ring_ins import lead_to_owner
from dialer.engine.standby import PbxView
from dialer.services.promises.promises import caller_hung_up
from telephony import errors
from telephony.asterisk.agi.server import AgiSession
from telephony.numbers import E164

log = structlog.get_logger()


def make_wait_teller(app: App, look: Callable[[], PbxView | None]) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler for the way in; `look` gives what this engine sees of the PBX."""
    region, rules = app.settings.calling.default_region, app.database.policy.callbacks

    async def tell(session: AgiSession) -> None:
        view, queue = look(), session.request.extension
        if view is None or not view.ready or queue not in view.floor.inbounds:
            return
        if await lead_to_owner(app, view, session):
            return  # an agent is free for them: there is no wait to tell
        asking = session.request.caller
        read = read_shown(asking, region, rules)
        shown = read if isinstance(read, E164) else None
        policy = app.database.policy.offer_policy(queue)
        number = shown.e164 if shown is not None else ""
        decided = await view.offers.foresee(queue, number, read_source(asking, region))
        agent_free = view.offers.is_agent_free(queue)
        way = way_in(policy, decided, shown, agent_free=agent_free)
        if way is WayIn.BOOK and shown is not None:
            line = CallerLine(app=app, view=view, session=session, queue=queue)
            await book(line, shown, choose_time=policy.choose_time, record_reason=policy.record_reason)
        elif way is WayIn.TELL and isinstance(decided, Offer):
            with suppress(errors.HungUp):
                for part in tell_wait(decided):
                    await say(session, part)

    return tell


async def book(line: CallerLine, shown: E164, *, choose_time: bool, record_reason: bool) -> None:
    """Promise a call by default; whoever stays has the place of the moment they rang in."""
    app, view, caller, asking = line.app, line.view, line.caller, line.session.request.caller
    region = app.settings.calling.default_region
    seat = CallerOnFloor(caller=caller, number=asking, joined_at=app.clock(), queue=line.queue)
    view.floor.line.ring_in(seat)
    stays = False
    try:
        decided = await view.offers.decide(caller, shown.e164, read_source(asking, region), seen=True)
        if not isinstance(decided, Offer) or decided.nearly:
            return
        step = start_booked(
            shown,
            region,
            decided,
            choose_time=choose_time,
            record_reason=record_reason,
            change_by_key=app.settings.callbacks.change_by_key,
        )
        ended = await converse(line, step, [])
        stays = ended.state is DialogueState.BACK_IN_QUEUE
    finally:
        if not stays:  # the dialplan hangs up now, where they have not
            view.floor.line.let_go(caller)
            await asyncio.to_thread(caller_hung_up, app.database, caller, app.clock())

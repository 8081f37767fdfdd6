"""Previews: free agents of a preview campaign read about the next customer, and say when to call."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from callbacks.refusals import Refusal
from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.agents.membership import DID_NOT_START
from dialer.core.agents.on_floor import AgentOnFloor
from dialer.core.agents.pbx_commands import Pause
from dialer.core.agents.state import AgentState
from dialer.engine.roster import Roster
from dialer.services.agents.previews import (
    PreviewWork,
    end_preview,
    open_previews,
    show_preview,
)
from dialer.services.calls.next_calls import LeadWork
from telephony.asterisk.config.names import Names

#: an agent in one of these waits for the customer who was called
ON_THE_WAY: Final = (AgentState.RESERVED, AgentState.RINGING)


class Previews:
    """The previews of one PBX's agents, as the database has them."""

    def __init__(self, app: App, floor: FloorState, roster: Roster) -> None:
        self._app = app
        self._floor = floor
        self._roster = roster
        self._shown: dict[str, PreviewWork] = {}
        self._placed: set[str] = set()  # agents whose call is on its way; the card stays before them
        self._left_over = True  # an engine before this one may have shown some

    async def asked(self, *, expected: bool) -> list[tuple[AgentOnFloor, PreviewWork]]:
        """The calls that free agents asked for; ends the previews that are over on the way.

        `expected`: whether a preview campaign runs; without one, and with none left over, nothing is read.
        A preview is over when its agent is no longer free, since live callers and promises come first, and
        one whose call was placed when that call has reached the agent, or failed. Where its time is over
        the agent is paused, since who neither calls nor skips is not there.
        """
        if not expected and not self._left_over:
            return []
        app = self._app
        found = await asyncio.to_thread(open_previews, app.database, app.settings.pbx.name)
        self._shown, self._left_over = {}, expected or bool(found)
        wanted = []
        for preview in found:
            agent = self._floor.agents.get(preview.agent)
            if preview.agent in self._placed:
                if agent is None or agent.state not in ON_THE_WAY:
                    await self.end(preview)
            elif agent is None or agent.state is not AgentState.READY or not expected:
                await self.end(preview)
            elif preview.asked:
                self._shown[agent.id] = preview
                wanted.append((agent, preview))
            elif app.clock() >= preview.until:
                await self.end(preview)
                await self._roster.tell((Pause(interface=agent.interface, reason=DID_NOT_START),))
            else:
                self._shown[agent.id] = preview
        return wanted

    def placed(self, preview: PreviewWork) -> None:
        """The call is on its way to the customer."""
        self._placed.add(preview.agent)

    async def end(self, preview: PreviewWork, refused: Refusal | None = None) -> None:
        """Give the lead back; a refusal is said to the agent."""
        self._placed.discard(preview.agent)
        await asyncio.to_thread(end_preview, self._app.database, preview.agent, preview.work.lead, refused)

    async def show(self, leads: Sequence[LeadWork], free: int, among: Collection[str] | None = None) -> None:
        """Show the next leads to agents who are free and read about nobody, longest free first.

        `free`: how many agents are left for leads, those who read already among them. `among`: those whom
        these leads are for; None: everybody.
        """
        room = free - sum(among is None or agent in among for agent in self._shown)
        if room <= 0 or not leads:
            return
        app, now = self._app, self._app.clock()
        until = now + timedelta(seconds=app.settings.pacing.preview_limit_s)
        idle = [
            agent
            for agent in self._floor.in_state(AgentState.READY)
            if agent.id not in self._shown and (among is None or agent.id in among)
        ]
        due = iter(leads)
        for agent in idle[:room]:
            for lead in due:
                if await asyncio.to_thread(show_preview, app.database, agent.id, lead.lead, now, until):
                    self._shown[agent.id] = PreviewWork(agent=agent.id, work=lead, until=until, asked=False)
                    break


def to_own_queue(preview: PreviewWork, names: Names) -> LeadWork:
    """The same lead, whose customer reaches nobody but the agent who read about them."""
    return replace(preview.work, queue=names.own_queue(preview.agent))


def by_campaign(
    wanted: Sequence[tuple[AgentOnFloor, PreviewWork]],
) -> dict[int, list[tuple[AgentOnFloor, PreviewWork]]]:
    """The calls asked for, by the campaign on whose list the lead is."""
    found: dict[int, list[tuple[AgentOnFloor, PreviewWork]]] = {}
    for agent, preview in wanted:
        found.setdefault(preview.work.campaign, []).append((agent, preview))
    return found

"""The floor of one moment, once for all who look at it, numbered so that only what changed is sent on."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from dialer.core.agents.state import AgentState
from dialer.core.dashboard.floor import Floor, FloorFacts, FloorLimits, TeamCalls, floor_of
from dialer.core.dashboard.view import Dashboard
from dialer.core.organisation.entries import Organisation
from dialer.db.queries import arrivals, call_counts, dispositions, promises
from dialer.db.session import Database, Transaction
from dialer.services.schedule.business_day import day_began
from dialer.web_settings import FloorSettings

READ_EVERY: Final = timedelta(seconds=5)  # words due, late promises, today's calls: early enough for a walk
WORDS_OF: Final = timedelta(hours=12)  # a shift and its overtime; older words stand on the agent's own page
LATE_SHOWN: Final = 20  # promises; more is a matter for the page of promises
KEPT: Final = 120  # floors, of about two minutes: who was away for longer is sent everything


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedFloor:
    """A floor, and by what a page that shows it says so."""

    number: str
    floor: Floor


class FloorWatch:
    """Makes the floor of a dashboard; what is dear is looked up every few seconds. For any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._looked_up: tuple[datetime, FloorFacts] | None = None
        self._last: tuple[Dashboard, NumberedFloor] | None = None
        # two processes that show pages must not take each other's numbers for their own
        self._name = secrets.token_hex(4)
        self._count = 0
        self._kept: OrderedDict[str, Floor] = OrderedDict()

    def look(
        self, dashboard: Dashboard, organisation: Organisation, settings: FloorSettings
    ) -> NumberedFloor:
        """The floor at this dashboard's moment."""
        with self._lock:
            if self._last is not None and self._last[0] is dashboard:
                return self._last[1]
            floor = floor_of(
                dashboard.agents,
                dashboard.offer_requests,
                self._facts(dashboard, organisation),
                limits_of(settings),
                dashboard.now,
                engine=dashboard.engine.state,
                label=dashboard.engine.label,
            )
            self._count += 1
            numbered = NumberedFloor(number=f"{self._name}-{self._count}", floor=floor)
            self._last = dashboard, numbered
            self._kept[numbered.number] = floor
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return numbered

    def known(self, number: str) -> Floor | None:
        """The floor of this number, while it is not too old."""
        with self._lock:
            return self._kept.get(number)

    def _facts(self, dashboard: Dashboard, organisation: Organisation) -> FloorFacts:
        last, now = self._looked_up, dashboard.now
        if last is None or not last[0] <= now < last[0] + READ_EVERY:
            with self._database.read() as tx:
                last = now, _read(tx, self._database, dashboard, organisation, now)
            self._looked_up = last
        return last[1]


def limits_of(settings: FloorSettings) -> FloorLimits:
    """The limits as the settings say."""
    return FloorLimits(
        seconds={
            AgentState.READY: settings.ready_s,
            AgentState.TALKING: settings.talking_s,
            AgentState.WRAPPING_UP: settings.wrapping_up_s,
            AgentState.PAUSED: settings.paused_s,
        },
        wait_s=settings.wait_s,
        words_due=settings.words_due,
    )


def _read(
    tx: Transaction, database: Database, dashboard: Dashboard, organisation: Organisation, now: datetime
) -> FloorFacts:
    agents = [agent.id for agent in dashboard.agents]
    due = dispositions.due_counts(tx, agents, now - WORDS_OF)
    for agent, (count, oldest) in arrivals.due_counts(tx, agents, now - WORDS_OF).items():
        before, since = due.get(agent, (0, oldest))
        due[agent] = before + count, min(since, oldest)
    team_of: dict[str, str] = {}
    for agent in agents:
        teams = organisation.teams_of(agent)
        if teams:  # of several the one that has most of their time
            team_of[agent] = max(teams, key=lambda team: team.weight_of(agent)).id
    return FloorFacts(
        teams={team.id: team.name or team.id for team in organisation.teams},
        team_of=team_of,
        words_due=due,
        waiting=arrivals.waiting(tx, now),
        late_promises=promises.late(tx, now, LATE_SHOWN),
        calls={
            team or "": TeamCalls(answered=answered, abandoned=alone, target=target)
            for team, (answered, alone, target) in call_counts.by_team(
                tx, day_began(database.policy, now)
            ).items()
        },
    )

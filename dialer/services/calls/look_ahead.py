"""What an engine looks up a little ahead: work, the campaigns that run, promises that come due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callbacks.ring_in import CallAt
from dialer.db.queries import arrivals, due_promises
from dialer.db.session import Database
from dialer.services.calls.next_calls import LeadWork, Surroundings, WorkFound, find_work
from dialer.services.campaigns.campaigns import RunningCampaign, all_running, as_dialled

ON_THE_LINE_FOR: Final = timedelta(hours=4)  # an older one without an end is one whose end nobody wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAhead:
    """What was found at one moment."""

    work: WorkFound
    running: tuple[RunningCampaign, ...]
    coming: Mapping[str, str]  # queues of promises that come due within a ring time, by the calls they are of
    elsewhere: Mapping[CallAt, str]  # the numbers of those who are on the line of other engines' PBXs
    organisation: int  # its version at this moment


def look_ahead(
    database: Database,
    around: Surroundings,
    now: datetime,
    *,
    limit: int,
    at_hand: tuple[LeadWork, ...] = (),
) -> LookedAhead:
    """Due promises, at most `limit` callable leads of each running campaign, and who comes due soon.

    Leads `at_hand` are taken as they are where each running campaign has some of them, and no other one.
    """
    policy = database.policy
    with database.look() as tx:
        found = all_running(tx, policy, now)
        soon = now + timedelta(seconds=policy.ring_s)
        first = found.promised_at  # mostly there is none, and then promises need not be asked for
        promised = first is not None and first <= soon
        running = [campaign for campaign, _ in found.campaigns]
        known = bool(at_hand) and {lead.campaign for lead in at_hand} == {each.id for each in running}
        return LookedAhead(
            work=find_work(
                tx,
                policy,
                around,
                running,
                now,
                limit=limit,
                promised=promised,
                leads=at_hand if known else None,
            ),
            running=tuple(as_dialled(*row) for row in found.campaigns),
            coming=due_promises.due_within(tx, now, soon) if promised else {},
            elsewhere=arrivals.on_line(tx, around.others, now - ON_THE_LINE_FOR) if around.others else {},
            organisation=found.organisation,
        )

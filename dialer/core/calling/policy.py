"""What calls are judged and dialled by: the rulebook, the retries, the way out, taken from settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from callbacks.limits import CallbackLimits
from callbacks.offer_policy import OfferPolicy
from callbacks.offers import OfferRules
from callbacks.retries import RetryRules
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import CallLimits, RequestedHours, Rulebook
from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.settings import Settings
from telephony.calls.attempt_id import mark_of
from telephony.numbers import NumberKind

#: an intent the dialplan has not asked about by then belongs to a channel that nobody waits for any more
INTENT_LIFE: Final = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingPolicy:
    """The centre's own rules; a use case reads them from the database it works on."""

    rulebook: Rulebook = field(default_factory=packaged_rulebook)
    retry: RetryRules = field(default_factory=RetryRules)
    offers: OfferRules = field(default_factory=OfferRules)
    inbound: Mapping[str, OfferPolicy] = field(default_factory=dict)  # by queue; see `offer_policy`
    default_region: str = "GB"
    callbacks: CallbackLimits = field(default_factory=lambda: CallbackLimits(regions=frozenset({"GB"})))
    outbound_queue: str = "outbound"
    team_queues: Mapping[str, str] = field(default_factory=dict)  # outbound queues by team
    inbound_teams: Mapping[str, str] = field(default_factory=dict)  # teams by inbound queue
    team_agents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    queue_hours: Mapping[str, QueueHours] = field(default_factory=dict)  # of those with hours of their own
    attempt_mark: str = ""  # in this centre's attempts, where two Winbacks share a PBX
    trunk: str = "main"
    caller_id: str = ""
    ring_s: int = 30
    intent_life: timedelta = INTENT_LIFE
    never_ring: frozenset[NumberKind] = frozenset()  # kinds of line that campaigns leave out here
    ask_after_outage: timedelta = timedelta(hours=2)  # zero: nobody is asked
    random_hours: float = 0.05  # share of leads rung at an hour drawn by chance

    def offer_policy(self, queue: str) -> OfferPolicy:
        """What this inbound queue offers; the usual where nothing is said of it."""
        return self.inbound.get(queue) or OfferPolicy(short_wait_s=self.offers.short_wait_s)

    def hours_of(self, queue: str | None) -> QueueHours:
        """When this inbound queue is answered: by its own hours, or the centre's."""
        return self.queue_hours.get(queue or "", self.rulebook.queue)

    def rules_for(self, queue: str) -> Rulebook:
        """What a call that was promised in this inbound queue is judged by."""
        hours = self.hours_of(queue)
        return self.rulebook if hours is self.rulebook.queue else replace(self.rulebook, queue=hours)

    def agents_of(self, queue: str | None) -> frozenset[str] | None:
        """The agents who answer this inbound queue; None: everybody."""
        team = self.inbound_teams.get(queue or "")
        return self.team_agents.get(team, frozenset()) if team is not None else None

    def queue_of(self, team: str | None) -> str:
        """The outbound queue of a team; the whole house's for None, or where there is no such team."""
        return self.team_queues.get(team or "", self.outbound_queue)


def inbound_policies(settings: Settings) -> dict[str, OfferPolicy]:
    """What each inbound queue offers, by its own settings and, where these are silent, by everybody's."""
    common = settings.callbacks
    return {
        name: OfferPolicy(
            by=queue.offer,
            short_wait_s=common.short_wait_s if queue.short_wait_s is None else queue.short_wait_s,
            tell_from_s=common.tell_from_s if queue.tell_from_s is None else queue.tell_from_s,
            default_from_s=queue.default_from_s,
            first_leg=queue.return_call,
            choose_time=queue.choose_time,
            record_reason=queue.record_reason,
        )
        for name, queue in settings.queues.callers().items()
    }


def queue_hours(settings: Settings) -> dict[str, QueueHours]:
    """Of the inbound queues that have some of their own; raises ValueError for what cannot be read."""
    queues = settings.queues
    return {
        name: QueueHours(
            zone=queues.zone,
            windows=read_hours(queue.hours or queues.hours),
            holidays=frozenset({*queues.holidays, *queue.holidays}),
        )
        for name, queue in queues.callers().items()
        if queue.hours or queue.holidays
    }


def policy_from(settings: Settings) -> CallingPolicy:
    """The policy that these settings ask for; raises ValueError for hours that cannot be read."""
    calling, callbacks = settings.calling, settings.callbacks
    rulebook = replace(
        packaged_rulebook(calling.rulebook),
        limits=CallLimits(
            attempts_per_day=calling.attempts_per_day,
            attempts_per_30_days=calling.attempts_per_30_days,
            spacing=timedelta(seconds=calling.spacing_s),
            rings_per_day=calling.rings_per_day,
        ),
        queue=QueueHours(
            zone=settings.queues.zone,
            windows=read_hours(settings.queues.hours),
            holidays=frozenset(settings.queues.holidays),
        ),
        requested=RequestedHours(
            day=read_hours(f"Mon-Sun {callbacks.day}"), fresh=timedelta(seconds=callbacks.night_after_s)
        ),
    )
    return CallingPolicy(
        rulebook=rulebook,
        retry=RetryRules(
            attempts=callbacks.attempts,
            busy=timedelta(seconds=callbacks.retry_busy_s),
            no_answer=timedelta(seconds=callbacks.retry_no_answer_s),
            ours=timedelta(seconds=callbacks.retry_ours_s),
            later=timedelta(seconds=callbacks.later_s),
        ),
        offers=OfferRules(short_wait_s=callbacks.short_wait_s, call_s=callbacks.call_s),
        inbound=inbound_policies(settings),
        default_region=calling.default_region,
        callbacks=CallbackLimits(
            own=frozenset({settings.caller_id} - {""}),
            regions=frozenset(callbacks.countries or [calling.default_region]),
            promises_a_day=callbacks.promises_per_day,
            source_an_hour=callbacks.source_per_hour,
            source_a_day=callbacks.source_per_day,
            all_an_hour=callbacks.all_per_hour,
            all_a_day=callbacks.all_per_day,
        ),
        outbound_queue=settings.queues.outbound,
        team_queues={team.id: settings.queue_of(team.id) for team in settings.teams},
        inbound_teams=settings.queues.teams(),
        team_agents={team.id: frozenset(team.agents) for team in settings.teams},
        queue_hours=queue_hours(settings),
        attempt_mark=mark_of(settings.pbx.prefix),
        trunk=settings.trunks[0].name,
        caller_id=settings.caller_id,
        ring_s=calling.ring_s,
        never_ring=frozenset(calling.never_ring),
        ask_after_outage=timedelta(seconds=callbacks.ask_after_outage_s),
        random_hours=calling.random_hours,
    )

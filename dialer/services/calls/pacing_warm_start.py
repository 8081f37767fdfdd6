"""What a pacer may know when it begins: beliefs from earlier days, and what today has taught already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.core.calling.arrivals import Heard, Pattern, week_pattern
from dialer.core.compliance.windows import zone_of
from dialer.core.pacing.facts import CallAnswered, CallFailed, PacingEvent, TalkEnded, WrapUpEnded
from dialer.core.pacing.settings import PacingPrior
from dialer.db.models import Campaign
from dialer.db.queries import arrivals, campaigns, pacing
from dialer.db.queries.pacing import Span, Talk
from dialer.db.session import Database, Transaction
from dialer.services.schedule.business_day import day_began

EARLIER_DAYS: Final = 28  # habits further back are no longer theirs
AN_HOUR: Final = timedelta(hours=1)  # either side: what counts as the same time of day
ENOUGH_CALLS: Final = 100  # an answer rate of 0.3 is then known to 0.05
ENOUGH_TALKS: Final = 30  # a mean talk is then known to a sixth
MOST_TALKS: Final = 500  # the newest; a mean needs no more
TODAY_CALLS: Final = 2000  # as many as a pacer's own memory holds
TODAY_TALKS: Final = 800
PATTERN_WEEKS: Final = 8  # of callers by half hour: a season is longer, a campaign of theirs is not


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmStart:
    """A belief to begin with, and the events of today to learn from first, in their order."""

    prior: PacingPrior
    lessons: tuple[PacingEvent, ...] = ()


def recall(
    database: Database,
    campaign: int,
    now: datetime,
    *,
    zero: datetime,
    wrap_up_limit_s: float,
    speed: float = 1.0,
) -> WarmStart:
    """What the database tells a pacer of this campaign that begins now.

    `zero`: what `at_s` of its lessons count from. `speed`: the pacer's seconds in one of the clock's.

    The prior is of earlier days only: the campaign's own at this time of day, else at any, else that of all
    campaigns of the same purpose at this time of day, else at any, else the product's own. Raises LookupError
    where there is no such campaign.
    """
    midnight = day_began(database.policy, now)
    with database.read() as tx:
        found = campaigns.find(tx, campaign)
        if found is None:
            raise LookupError(f"there is no campaign {campaign}")
        prior = _prior(tx, found, midnight, now, wrap_up_limit_s, speed=speed)
        rung = pacing.rung_since(tx, campaign, midnight, TODAY_CALLS)
        talks = pacing.talks_between(tx, pacing.of_everybody(), midnight, now, TODAY_TALKS)

    def at_s(at: datetime) -> float:
        return (at - zero).total_seconds() * speed

    lessons: list[PacingEvent] = []
    for attempt, placed, answered, ended in rung:
        rang_s = ((answered or ended) - placed).total_seconds() * speed
        if answered is not None:
            lessons.append(CallAnswered(at_s=at_s(answered), attempt=attempt, ring_s=rang_s))
        else:
            lessons.append(CallFailed(at_s=at_s(ended), attempt=attempt, ring_s=rang_s))
    for talk in talks:
        lessons.append(
            TalkEnded(
                at_s=at_s(talk.ended),
                agent=talk.agent,
                talk_s=talk.talk_s * speed,
                closing_s=_said_s(talk.closing, talk.ended, speed),
            )
        )
        wrap_s = _wrapped_up(talk.ended, talk.recorded, wrap_up_limit_s)
        free = talk.ended + timedelta(seconds=wrap_s)
        if free <= now:
            lessons.append(
                WrapUpEnded(
                    at_s=at_s(free),
                    agent=talk.agent,
                    wrap_s=wrap_s * speed,
                    closing_s=_said_s(talk.wrap_closing, free, speed),
                )
            )
    return WarmStart(prior=prior, lessons=tuple(sorted(lessons, key=lambda lesson: lesson.at_s)))


def _prior(
    tx: Transaction,
    campaign: Campaign,
    midnight: datetime,
    now: datetime,
    wrap_up_limit_s: float,
    *,
    speed: float,
) -> PacingPrior:
    usual = PacingPrior()
    since = midnight - timedelta(days=EARLIER_DAYS)
    own, alike = pacing.of_campaign(campaign.id), pacing.of_purpose(campaign.purpose)
    talks = pacing.talks_between(tx, own, since, midnight, MOST_TALKS)
    if len(talks) < ENOUGH_TALKS:
        talks = pacing.talks_between(tx, alike, since, midnight, MOST_TALKS)
    talk_s, wrap_s = usual.talk_mean_s, usual.wrap_mean_s
    if len(talks) >= ENOUGH_TALKS:
        talk_s = speed * sum(talk.talk_s for talk in talks) / len(talks)
        wrap_s = max(1.0, speed * _mean_wrap_s(talks, wrap_up_limit_s))
    return PacingPrior(
        answer_probability=_answer_rate(tx, campaign, midnight, now) or usual.answer_probability,
        talk_mean_s=talk_s,
        wrap_mean_s=wrap_s,
    )


def _answer_rate(tx: Transaction, campaign: Campaign, midnight: datetime, now: datetime) -> float | None:
    """The first share of answers that rests on enough calls, from the most particular to the most general."""
    whole = [(midnight - timedelta(days=EARLIER_DAYS), midnight)]
    this_hour: list[Span] = [
        (now - timedelta(days=days) - AN_HOUR, now - timedelta(days=days) + AN_HOUR)
        for days in range(1, EARLIER_DAYS + 1)
    ]
    own, alike = pacing.of_campaign(campaign.id), pacing.of_purpose(campaign.purpose)
    for whose, spans in ((own, this_hour), (own, whole), (alike, this_hour), (alike, whole)):
        placed, answered = pacing.count_answers(tx, whose, spans)
        if placed >= ENOUGH_CALLS:
            return min(0.95, max(0.01, answered / placed))
    return None


def _wrapped_up(ended: datetime, recorded: datetime | None, limit_s: float) -> float:
    """Seconds until the agent was free: until the disposition was in, or the time for it was over."""
    if recorded is None:
        return limit_s
    return min(limit_s, max(0.0, (recorded - ended).total_seconds()))


def _said_s(said: datetime | None, ended: datetime, speed: float) -> float | None:
    """How long before the end it was said that it is about to come; None where it was not, or too late."""
    return speed * (ended - said).total_seconds() if said is not None and said <= ended else None


def _mean_wrap_s(talks: Sequence[Talk], limit_s: float) -> float:
    return sum(_wrapped_up(talk.ended, talk.recorded, limit_s) for talk in talks) / len(talks)


# Live callers ---------------------------------------------------------------------------------------


def add_heard(database: Database, pbx: str, heard: dict[datetime, Heard]) -> None:
    """Add the callers who rang in, by half hour, to what the database has."""
    with database.write() as tx:
        arrivals.add(tx, pbx, heard)


def usual_week(database: Database, pbx: str, now: datetime) -> Pattern:
    """How many callers ring in in each half hour of the week, from the weeks before today."""
    midnight = day_began(database.policy, now)
    with database.read() as tx:
        slots = arrivals.heard_between(tx, pbx, midnight - timedelta(weeks=PATTERN_WEEKS), midnight)
    return week_pattern(slots, zone_of(database.policy.rulebook.queue.zone))

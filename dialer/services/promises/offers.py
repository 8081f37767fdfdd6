"""May this waiting caller be promised a call? Decided before a number is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callbacks.limits import HIDDEN, refuse_asking
from callbacks.offer_policy import rules_of
from callbacks.offers import Offer, OfferFacts, capacity_until, decide_offer
from callbacks.queue_position import Person, each_once, position_of
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import DepartureGap, Pace, Wait, estimate_wait, measure_pace, plan_pace
from callbacks.wait_history import QueueSight, guess_waits
from dialer.core.calling.policy import CallingPolicy
from dialer.core.compliance.check import refuse_night
from dialer.core.compliance.windows import next_closing, zone_of
from dialer.db.queries import attempts, told_waits
from dialer.db.session import Database, Transaction
from dialer.services.calls.callback_limits import asking_history, limits_for
from dialer.services.customers.dialing_regions import number_facts
from dialer.services.promises.promises import people_at_home
from dialer.services.promises.wait_learning import LearnedWaits

LATELY: Final = timedelta(hours=2)  # who was served longer ago says nothing of the wait now


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingCaller:
    """A caller who wants to be called back, with what the floor knows at this moment.

    `number` is empty where none is shown. `others` are the people on the line who have no agent yet, in the
    callback dialogue too, without this one. `logged_in` and `at_work` (not paused) count agents; None where
    the PBX cannot be seen, and then no time is said.
    """

    queue: str
    number: str
    joined_at: datetime
    others: tuple[Person, ...]
    logged_in: int | None
    at_work: int | None
    gaps: tuple[DepartureGap, ...] = ()
    waiting_since: datetime | None = None
    told_at: datetime | None = None
    call: str = ""  # its id; empty: what is told is not kept
    last_served: tuple[datetime, float] | None = None  # of live callers: when, and after how many seconds
    source: str = HIDDEN  # the number that asks, callable or not


def consider(
    database: Database, asking: AskingCaller, now: datetime, waits: LearnedWaits | None = None
) -> Offer | Refusal:
    """Offer a call, with the queue position and the window to say; or refuse by a rule, and record that.

    The wait is told by what `waits` has learned of this queue, or by the model behind its length until then.
    """
    with database.write() as tx:
        decided = _decide(tx, database.policy, asking, now, waits)
        if isinstance(decided, Refusal):
            attempts.add_refusal(tx, decided, at=now, e164=asking.number)
        return decided


def foresee(
    database: Database, asking: AskingCaller, now: datetime, waits: LearnedWaits | None = None
) -> Offer | Refusal:
    """The same of somebody who has not asked: nothing is written down."""
    with database.read() as tx:
        return _decide(tx, database.policy, asking, now, waits)


def _decide(
    tx: Transaction, policy: CallingPolicy, asking: AskingCaller, now: datetime, waits: LearnedWaits | None
) -> Offer | Refusal:
    rules = rules_of(policy.offer_policy(asking.queue), policy.offers)
    hours = policy.hours_of(asking.queue).clock()
    closes_at = next_closing(hours, now)
    at_home = people_at_home(tx, asking.queue, now)
    waiting = each_once(asking.others, at_home)
    rank = position_of(asking.joined_at, waiting)
    facts = OfferFacts(
        rank=rank,
        wait=_tell(tx, policy, asking, waiting, waits, now),
        agents=asking.logged_in,
        open_promises=len(at_home),
        capacity=capacity_until(closes_at, now, agents=asking.logged_in, call_s=rules.call_s)
        if closes_at is not None and asking.logged_in is not None
        else None,
        closes_at=closes_at,
        open_now=hours.refusal(now) is None,
        told_at=asking.told_at,
    )
    decided = _refuse_caller(tx, policy, asking, now) or decide_offer(facts, rules, now)
    if isinstance(decided, Offer) and facts.wait is not None:
        called_at = now + timedelta(seconds=facts.wait.high_s)
        decided = _refuse_night(policy, asking, now, called_at) or decided
    return decided


def note_arrival(database: Database, asking: AskingCaller, now: datetime) -> bool:
    """Keep what every method guesses of somebody who begins to wait, to be judged once they are served.

    False where nothing can be guessed, and where it was guessed before in this call.
    """
    with database.write() as tx:
        if told_waits.is_told(tx, asking.call):
            return False
        waiting = each_once(asking.others, people_at_home(tx, asking.queue, now))
        sight = _look(tx, database.policy, asking, waiting, now)
        if sight is None:
            return False
        told_waits.keep(
            tx,
            asking.call,
            asking.queue,
            asked_at=asking.joined_at,
            hour=sight.hour,
            guesses=guess_waits(sight),
        )
        return True


def _tell(  # noqa: PLR0917 - a caller, the queue around them, and what was learned of it
    tx: Transaction,
    policy: CallingPolicy,
    asking: AskingCaller,
    waiting: Sequence[Person],
    waits: LearnedWaits | None,
    now: datetime,
) -> Wait | None:
    """How long this caller would wait; what every method makes of it is kept, to be judged later."""
    sight = _look(tx, policy, asking, waiting, now)
    if sight is None or sight.pace is None:
        return None
    wait = estimate_wait(sight.pace, sight.rank)
    guesses = guess_waits(sight)
    learned = waits.history(tx).tell(guesses, sight.hour) if waits is not None else None
    if learned is not None:
        wait = learned[1]
    if asking.call:
        row = told_waits.keep(tx, asking.call, asking.queue, asked_at=now, hour=sight.hour, guesses=guesses)
        row.method = learned[0].value if learned is not None else None
        row.middle_s = wait.middle_s
    return wait


def _look(
    tx: Transaction, policy: CallingPolicy, asking: AskingCaller, waiting: Sequence[Person], now: datetime
) -> QueueSight | None:
    """The queue as this caller stands in it; None where nothing says at what pace it moves."""
    pace = pace_of(asking, policy.offers.call_s, now)
    if pace is None:
        return None
    served_last = told_waits.last_waited(tx, asking.queue, now - LATELY)
    last = max(filter(None, (asking.last_served, served_last)), default=None)
    head = min((person.virtual_join for person in waiting), default=now)
    return QueueSight(
        hour=now.astimezone(zone_of(policy.rulebook.queue.zone)).hour,
        rank=position_of(asking.joined_at, waiting),
        pace=pace,
        planned=plan_pace(asking.at_work or 0, policy.offers.call_s),
        head_waited_s=(now - head).total_seconds(),
        last_waited_s=last[1] if last is not None else None,
    )


def _refuse_caller(
    tx: Transaction, policy: CallingPolicy, asking: AskingCaller, now: datetime
) -> Refusal | None:
    """Who asked too often, or is blocked, is told so before typing anything."""
    limits = limits_for(tx, policy, asking.number)
    if asking.number in limits.blocked:
        return Refusal(rule=Rule.NUMBER_BLOCKED)
    return refuse_asking(asking_history(tx, policy, asking.source, now), limits, now)


def _refuse_night(
    policy: CallingPolicy, asking: AskingCaller, now: datetime, called_at: datetime
) -> Refusal | None:
    """No call "in between 70 and 90 minutes" is offered that would be held back until the morning."""
    if not asking.number:
        return None
    zones = number_facts(asking.number).zones
    return refuse_night(zones, now, policy.rulebook, called_at)


def pace_of(asking: AskingCaller, call_s: float, now: datetime) -> Pace | None:
    """The pace measured, else the one that the agents at work would keep; None without either."""
    if asking.at_work is None:
        return None
    measured = measure_pace(asking.gaps, now, agents=asking.at_work, waiting_since=asking.waiting_since)
    return measured or plan_pace(asking.at_work, call_s)

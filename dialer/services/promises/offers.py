"""May this waiting caller be promised a call? Decided before a number is asked for."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.offers import Offer, OfferFacts, capacity_until, decide_offer
from callbacks.queue_position import Person, position_of
from callbacks.refusals import Refusal
from callbacks.wait_estimate import DepartureGap, Pace, estimate_wait, measure_pace, plan_pace
from dialer.core.compliance.windows import next_closing
from dialer.db.queries import attempts, promises
from dialer.db.session import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingCaller:
    """A caller who wants to be called back, with what the floor knows at this moment.

    `number` is empty where none is shown. `others_joined` are the people on the line, in the callback
    dialogue too, without this one. `logged_in` and `at_work` (not paused) count agents; None where the PBX
    cannot be seen, and then no time is said.
    """

    queue: str
    number: str
    joined_at: datetime
    others_joined: tuple[datetime, ...]
    logged_in: int | None
    at_work: int | None
    gaps: tuple[DepartureGap, ...] = ()
    waiting_since: datetime | None = None
    told_at: datetime | None = None


def consider(database: Database, asking: AskingCaller, now: datetime) -> Offer | Refusal:
    """Offer a call, with the queue position and the window to say; or refuse by a rule, and record that."""
    rules, hours = database.policy.offers, database.policy.rulebook.queue.clock()
    closes_at = next_closing(hours, now)
    with database.write() as tx:
        at_home = promises.joined(tx, asking.queue)
        people = [Person(key=f"line-{n}", virtual_join=at) for n, at in enumerate(asking.others_joined)]
        people += [Person(key=f"home-{n}", virtual_join=at, promise=n) for n, at in enumerate(at_home)]
        rank = position_of(asking.joined_at, people)
        pace = pace_of(asking, rules.call_s, now)
        facts = OfferFacts(
            rank=rank,
            wait=estimate_wait(pace, rank) if pace is not None else None,
            agents=asking.logged_in,
            open_promises=len(at_home),
            capacity=capacity_until(closes_at, now, agents=asking.logged_in, call_s=rules.call_s)
            if closes_at is not None and asking.logged_in is not None
            else None,
            closes_at=closes_at,
            open_now=hours.refusal(now) is None,
            told_at=asking.told_at,
        )
        decided = decide_offer(facts, rules, now)
        if isinstance(decided, Refusal):
            attempts.add_refusal(tx, decided, at=now, e164=asking.number)
        return decided


def pace_of(asking: AskingCaller, call_s: float, now: datetime) -> Pace | None:
    """The pace measured, else the one that the agents at work would keep; None without either."""
    if asking.at_work is None:
        return None
    measured = measure_pace(asking.gaps, now, agents=asking.at_work, waiting_since=asking.waiting_since)
    return measured or plan_pace(asking.at_work, call_s)

"""What a pacer knows when it begins: earlier days, today so far, and the week's callers."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from databases.centre import PBX, Centre, number
from sqlalchemy import insert

from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import AgentOnFloor, CallOnFloor
from dialer.core.agents.state import AgentState
from dialer.core.calling.arrivals import Heard, half_hour_of_week
from dialer.core.calling.attempt import AttemptState
from dialer.core.compliance.rulebook import Purpose
from dialer.core.compliance.windows import zone_of
from dialer.core.pacing.facts import CallAnswered, CallFailed, TalkEnded, WrapUpEnded
from dialer.core.pacing.settings import PacingPrior
from dialer.db.models import Attempt
from dialer.engine.pacer_registry import PacerRegistry
from dialer.engine.trace_files import Traces
from dialer.lab.replay import read_trace, replay
from dialer.services.calls.next_calls import LeadWork
from dialer.services.calls.pacing_warm_start import WarmStart, add_heard, recall, usual_week
from dialer.services.campaigns.campaigns import running_campaigns
from telephony.calls.events import Answered, Connected, Device, Finished, MemberSeen, Outcome

LIMIT_S = 60.0


def ended(
    centre: Centre, at: datetime, *, answered: int, failed: int, campaign: int = 1, talk_s: float = 100.0
) -> None:
    """Calls placed one after the other from a moment on, answered ones first."""
    rows = []
    for index in range(answered + failed):
        placed = at + timedelta(seconds=10 * index)
        person = index < answered
        rows.append(
            {
                "id": f"wb-{campaign}-{at:%d%H%M}-{index:05d}",
                "pbx": PBX,
                "lead_id": 1,
                "campaign_id": campaign,
                "customer_id": 1,
                "e164": number(0),
                "queue": "outbound",
                "trunk": "main",
                "caller_id": "",
                "ring_s": 30,
                "fencing": 1,
                "state": AttemptState.FINISHED,
                "outcome": Outcome.CONNECTED if person else Outcome.NO_ANSWER,
                "created_at": placed,
                "consumed_at": placed,
                "answered_at": placed + timedelta(seconds=8) if person else None,
                "connected_at": placed + timedelta(seconds=8) if person else None,
                "ended_at": placed + timedelta(seconds=8 + talk_s if person else 27),
                "talk_s": talk_s if person else None,
                "agent": f"a{index % 4}" if person else None,
            }
        )
    with centre.database.write() as tx:
        tx.execute(insert(Attempt), rows)


def recalled(centre: Centre, campaign: int = 1, *, speed: float = 1.0) -> WarmStart:
    return recall(
        centre.database, campaign, centre.now, zero=centre.now, wrap_up_limit_s=LIMIT_S, speed=speed
    )


def test_with_an_empty_database_the_products_own_belief_holds(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()

    assert WarmStart(prior=PacingPrior()) == recalled(centre)


def test_the_campaigns_own_answers_at_this_time_of_day_come_first(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    for day in range(1, 5):
        ended(centre, centre.now - timedelta(days=day), answered=24, failed=6)
        ended(centre, centre.now - timedelta(days=day, hours=4), answered=3, failed=57)

    prior = recalled(centre).prior

    assert 0.8 == prior.answer_probability
    assert 100.0 == prior.talk_mean_s
    assert LIMIT_S == prior.wrap_mean_s  # nobody said what came of it, so the time for it ran out


def test_too_few_calls_at_this_hour_leave_the_whole_day(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    ended(centre, centre.now - timedelta(days=1), answered=10, failed=0)
    ended(centre, centre.now - timedelta(days=1, hours=4), answered=0, failed=90)

    assert 0.1 == recalled(centre).prior.answer_probability


def test_a_new_campaign_begins_with_what_others_of_its_purpose_have_seen(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    new = centre.campaign("spring")
    service = centre.campaign("service", purpose=Purpose.SERVICE)
    ended(centre, centre.now - timedelta(days=2), answered=50, failed=150, talk_s=240.0)

    assert (0.25, 240.0) == (
        recalled(centre, new.id).prior.answer_probability,
        recalled(centre, new.id).prior.talk_mean_s,
    )
    assert PacingPrior() == recalled(centre, service.id).prior


def test_today_is_learned_from_call_by_call_and_believed_by_nobody(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    ended(centre, centre.now - timedelta(hours=1), answered=1, failed=1)

    experience = recalled(centre)

    assert PacingPrior() == experience.prior
    assert [
        CallAnswered(at_s=-3592.0, attempt="wb-1-231000-00000", ring_s=8.0),
        CallFailed(at_s=-3563.0, attempt="wb-1-231000-00001", ring_s=27.0),
        TalkEnded(at_s=-3492.0, agent="a0", talk_s=100.0),
        WrapUpEnded(at_s=-3432.0, agent="a0", wrap_s=LIMIT_S),
    ] == list(experience.lessons)


def test_a_quick_simulations_day_is_recalled_in_its_peoples_seconds(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    ended(centre, centre.now - timedelta(days=1), answered=50, failed=150)
    ended(centre, centre.now - timedelta(hours=1), answered=1, failed=0)
    plain, quick = recalled(centre), recalled(centre, speed=12.0)

    assert (plain.prior.answer_probability, 1200.0, 12 * LIMIT_S) == (
        quick.prior.answer_probability,
        quick.prior.talk_mean_s,
        quick.prior.wrap_mean_s,
    )
    assert [
        CallAnswered(at_s=-12 * 3592.0, attempt="wb-1-231000-00000", ring_s=96.0),
        TalkEnded(at_s=-12 * 3492.0, agent="a0", talk_s=1200.0),
        WrapUpEnded(at_s=-12 * 3432.0, agent="a0", wrap_s=12 * LIMIT_S),
    ] == list(quick.lessons)


def test_a_restarted_pacer_rings_as_before_and_its_trace_replays(centre: Centre, tmp_path: Path) -> None:
    centre.customers(1)
    centre.campaign(mode="predictive", abandon_target=0.03)
    began = centre.now
    lived = Day(centre, Traces(None, began=began))
    lived.live(calls=500)
    traces = Traces(tmp_path, began=centre.now)
    restarted = Day(centre, traces, lived)

    assert abs(lived.placed() - restarted.placed()) <= 1
    assert restarted.placed() > Day(centre, Traces(None, began=centre.now), lived, cold=True).placed()

    lived.live(calls=40, also=restarted.pacers)
    assert abs(lived.placed() - restarted.placed()) <= 1
    traces.close()
    steps = list(replay(read_trace(next(tmp_path.iterdir()))))
    assert steps
    assert [] == [step for step in steps if step.differs or step.sentence != step.again_sentence]


class Day:
    """An engine's pacers over a day whose calls are in the database."""

    def __init__(
        self, centre: Centre, traces: Traces, before: "Day | None" = None, *, cold: bool = False
    ) -> None:
        self.centre = centre
        self.pacers = PacerRegistry(zero=centre.now, traces=traces)
        self.floor = FloorState(inbound="support") if before is None else before.floor
        self.rng = np.random.default_rng(7) if before is None else before.rng
        self.serial = 0
        self.campaign = running_campaigns(centre.database, centre.now)[0]
        experience = recall(
            centre.database, self.campaign.id, centre.now, zero=centre.now, wrap_up_limit_s=LIMIT_S
        )
        self.pacers.begin(self.campaign, WarmStart(prior=experience.prior) if cold else experience)

    def placed(self) -> int:
        """How many leads would be rung with three agents ready and nine in conversation for a while."""
        floor, now = FloorState(inbound="support"), self.centre.now
        for index in range(12):
            talking = index >= 3
            floor.see(
                MemberSeen(
                    at=now - timedelta(seconds=30 * index),
                    queue="outbound",
                    agent=f"a{index % 4}-{index}",
                    interface=f"PJSIP/{index}",
                    device=Device.IN_USE if talking else Device.FREE,
                    paused=False,
                    reason="",
                    in_call=talking,
                )
            )
        self.campaign = running_campaigns(self.centre.database, now)[0]
        leads = tuple(
            LeadWork(lead=index, campaign=1, queue="outbound", ring_s=30, answer_probability=None, value=0.0)
            for index in range(40)
        )
        decision = self.pacers.decide(self.campaign, floor, leads, due_promises=0, lines_free=100, now=now)
        return len(decision.dial)

    def live(self, *, calls: int, also: PacerRegistry | None = None) -> None:
        """One call after the other: a quarter is answered and talked with, each of them kept."""
        heard = [self.pacers, *([also] if also is not None else [])]
        rows = []
        for _ in range(calls):
            self.serial += 1
            attempt = f"wb-live-{self.centre.now:%H%M%S%f}-{self.serial:05d}"
            placed = self.centre.now
            call = CallOnFloor(attempt=attempt, placed_at=placed, lead=1, campaign=self.campaign.id)
            self.floor.calls[attempt] = call
            for pacers in heard:
                pacers.placed(call)
            person = bool(self.rng.random() < 0.25)
            ring_s = float(self.rng.uniform(4.0, 18.0)) if person else 27.0
            talk_s = float(self.rng.lognormal(4.8, 0.6)) if person else 0.0
            answered = self.centre.later(seconds=ring_s)
            facts = [Answered(at=answered, attempt=attempt)] if person else []
            if person:
                facts.append(Connected(at=answered, attempt=attempt, agent="a1", waited_s=0.0))
            over = self.centre.later(seconds=talk_s)
            outcome = Outcome.CONNECTED if person else Outcome.NO_ANSWER
            end = Finished(
                at=over, attempt=attempt, outcome=outcome, talk_s=talk_s, agent="a1" if person else None
            )
            for fact in [*facts, end]:
                for pacers in heard:
                    pacers.observe(fact, self.floor)
                self.floor.see(fact)
            free = self.centre.later(seconds=LIMIT_S) if person else over
            if person:
                wrapping_up = AgentOnFloor(id="a1", interface="", state=AgentState.WRAPPING_UP, since=over)
                for pacers in heard:
                    pacers.wrapped_up(wrapping_up, free)
            rows.append(
                {
                    "id": attempt,
                    "pbx": PBX,
                    "lead_id": 1,
                    "campaign_id": self.campaign.id,
                    "customer_id": 1,
                    "e164": number(0),
                    "queue": "outbound",
                    "trunk": "main",
                    "caller_id": "",
                    "ring_s": 30,
                    "fencing": 1,
                    "state": AttemptState.FINISHED,
                    "outcome": outcome,
                    "created_at": placed,
                    "consumed_at": placed,
                    "answered_at": answered if person else None,
                    "connected_at": answered if person else None,
                    "ended_at": over,
                    "talk_s": talk_s,
                    "agent": "a1" if person else None,
                }
            )
        with self.centre.database.write() as tx:
            tx.execute(insert(Attempt), rows)


def test_the_week_is_learned_from_the_weeks_before_and_not_from_today(centre: Centre) -> None:
    slot = centre.now.replace(minute=0)
    for week in (1, 2):
        add_heard(centre.database, PBX, {slot - timedelta(weeks=week): Heard(callers=10, seen_s=1800.0)})
    add_heard(centre.database, PBX, {slot - timedelta(weeks=1): Heard(callers=2, seen_s=0.0)})
    add_heard(centre.database, "another", {slot - timedelta(weeks=1): Heard(callers=99, seen_s=1800.0)})
    add_heard(centre.database, PBX, {slot: Heard(callers=50, seen_s=600.0)})

    half_hour = half_hour_of_week(slot, zone_of(centre.database.policy.rulebook.queue.zone))
    assert {half_hour: Heard(callers=22, seen_s=3600.0)} == usual_week(centre.database, PBX, centre.now)

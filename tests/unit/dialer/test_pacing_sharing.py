"""Campaigns on the same agents: whose turn it is, what a call may cost, and what the page says."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from dialer.core.pacing.budget import Budget
from dialer.core.pacing.facts import (
    AgentFacts,
    CallAnswered,
    CallFailed,
    CallInAir,
    Candidate,
    PacingFacts,
    SharedWith,
    Standing,
)
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.sharing import (
    CampaignAsked,
    Claim,
    Sharing,
    Turn,
    common_price,
    explain_teams,
    explain_turns,
)
from dialer.lab.shared_agents import List, deal, run_sharing

pytestmark = pytest.mark.slow

OLD, NEW = 1, 2


def reached(shares: dict[int, float], answers: int, *, sharing: Sharing | None = None) -> Counter[int]:
    """Who picked up, where whoever's turn it is gets the answer."""
    sharing, seen = sharing or Sharing(), Counter[int]()
    for _ in range(answers):
        turns = sharing.in_turn([Claim(campaign=key, share=share) for key, share in shares.items()])
        sharing.answered(turns[0].campaign, shares[turns[0].campaign])
        seen[turns[0].campaign] += 1
    return seen


def test_campaigns_reach_as_many_people_as_their_shares_say() -> None:
    assert reached({OLD: 1.0, NEW: 1.0}, 100) == {OLD: 50, NEW: 50}
    assert reached({OLD: 1.0, NEW: 3.0}, 100) == {OLD: 25, NEW: 75}


def test_a_campaign_that_comes_later_is_not_paid_back_what_it_missed() -> None:
    sharing = Sharing()
    reached({OLD: 1.0}, 500, sharing=sharing)
    assert reached({OLD: 1.0, NEW: 1.0}, 100, sharing=sharing) == {OLD: 50, NEW: 50}


def test_a_campaign_that_had_nobody_to_ring_catches_up_with_some_minutes_and_no_more() -> None:
    sharing = Sharing()
    reached({OLD: 1.0, NEW: 1.0}, 10, sharing=sharing)
    reached({OLD: 1.0}, 500, sharing=sharing)
    assert reached({OLD: 1.0, NEW: 1.0}, 100, sharing=sharing) == {OLD: 45, NEW: 55}


def test_calls_in_the_air_count_before_they_are_answered() -> None:
    standing = Standing(answer_rate=0.3, price=0.05)
    turns = Sharing().in_turn(
        [
            Claim(campaign=OLD, ringing=4, standing=standing),
            Claim(campaign=NEW, ringing=3, standing=standing),
        ]
    )
    assert [turn.campaign for turn in turns] == [NEW, OLD]
    assert turns[1].ahead == pytest.approx(0.3)


def test_nobody_passes_a_campaign_that_waits_for_agents() -> None:
    waiting, ahead = Turn(campaign=OLD, ahead=0.0), Turn(campaign=NEW, ahead=1.5)
    assert ahead.is_held_by(waiting)
    assert not Turn(campaign=NEW, ahead=0.5).is_held_by(waiting)
    assert not ahead.is_held_by(None)


def test_a_campaign_whose_customers_do_not_pick_up_does_not_take_every_agent() -> None:
    quiet = Standing(answer_rate=0.3, price=0.05, silent=True)
    sharing = Sharing()
    reached({OLD: 1.0, NEW: 1.0}, 20, sharing=sharing)
    for _ in range(40):
        sharing.answered(NEW)
    turns = sharing.in_turn(
        [Claim(campaign=OLD, ringing=1, standing=quiet), Claim(campaign=NEW, standing=quiet)]
    )
    assert [turn.campaign for turn in turns] == [NEW, OLD]


def test_a_call_costs_what_all_budgets_can_pay_whoever_asks() -> None:
    assert common_price(0.04, 1.0, ()) == 0.04
    assert common_price(0.04, 1.0, (SharedWith(share=1.0, price=0.04),)) == pytest.approx(0.04)
    one = common_price(0.02, 1.0, (SharedWith(share=3.0, price=0.06),))
    assert one == pytest.approx(common_price(0.06, 3.0, (SharedWith(share=1.0, price=0.02),)))
    assert 0.02 < one < 0.06
    assert common_price(0.04, 1.0, (SharedWith(share=1.0, price=0.0),)) == 0.0


def test_a_price_that_others_hold_down_does_not_climb_meanwhile() -> None:
    held, free = Budget(0.03), Budget(0.03)
    before = held.price
    for _ in range(200):
        held.let_through(0.001, 0.3, held=True)
        free.let_through(0.001, 0.3)
    assert held.price <= before < free.price


def pacer() -> PredictivePacer:
    made = PredictivePacer(PacerSettings(target=0.03, legal_limit=None), PacingPrior())
    for number in range(400):
        made.observe(
            CallAnswered(at_s=0.0, attempt="", ring_s=9.0)
            if number % 10 in {0, 3, 6}
            else CallFailed(at_s=0.0, attempt="", ring_s=27.0)
        )
    return made


def beside(rate: float | None, *others: SharedWith) -> PacingFacts:
    """Ten free agents, and eight calls in the air: another campaign's, or (None) the pacer's own."""
    return PacingFacts(
        now_s=100.0,
        mode="predictive",
        agents=tuple(AgentFacts(agent=f"a{n}", state="ready", since_s=0.0) for n in range(10)),
        calls=tuple(CallInAir(attempt=f"wb-{n}", age_s=2.0, others_rate=rate) for n in range(8)),
        candidates=tuple(Candidate(lead=f"lead-{n}") for n in range(200)),
        shared_with=others,
    )


def test_another_campaigns_calls_are_weighed_by_how_often_its_customers_answer() -> None:
    own = len(pacer().decide(beside(None)).dial)
    assert len(pacer().decide(beside(0.3)).dial) == own
    assert len(pacer().decide(beside(0.9)).dial) < own < len(pacer().decide(beside(0.05)).dial)


def test_a_campaign_that_may_abandon_nobody_holds_the_others_to_one_call_per_free_agent() -> None:
    assert len(pacer().decide(beside(0.3)).dial) > 2
    assert len(pacer().decide(beside(0.3, SharedWith(share=1.0, price=0.0))).dial) == 2


def test_a_campaign_whose_customers_do_not_pick_up_keeps_asking_while_others_keep_the_agents_busy() -> None:
    quiet = pacer()
    for _ in range(100):
        quiet.observe(CallFailed(at_s=0.0, attempt="", ring_s=27.0))
    busy = replace(
        beside(0.05, SharedWith(share=1.0, price=0.1)),
        calls=tuple(CallInAir(attempt=f"wb-{n}", age_s=20.0, others_rate=0.05) for n in range(10)),
    )
    assert quiet.estimators.ring.rate.silent_calls > 0
    assert len(quiet.decide(busy).dial) == 3
    assert not quiet.decide(replace(busy, shared_with=())).dial


def test_the_page_says_who_comes_first_and_who_waits() -> None:
    first = CampaignAsked(name="Spring", ahead=0.0, placed=2, sentence="2 free, 0 ringing: 2 more.")
    second = CampaignAsked(name="Winter", ahead=4.25, placed=0, sentence="")
    assert explain_turns([]) == ""
    assert explain_turns([first]) == first.sentence
    assert explain_turns([first, second]) == (
        "Spring is furthest behind its share. 2 free, 0 ringing: 2 more. "
        "The agents are shared; waiting for their turn: Winter (4.2 answers ahead)."
    )


def test_the_one_list_holds_each_campaigns_customers_as_often_as_they_have_to_be_rung() -> None:
    dealt = deal(
        [List(answer_rate=0.2, share=1.0, target=0.03), List(answer_rate=0.4, share=1.0, target=0.03)]
    )
    assert (dealt.count(0.2), dealt.count(0.4)) == (40, 20)
    assert np.mean(dealt) == pytest.approx(0.8 / 3)


def test_two_campaigns_in_the_lab_both_reach_their_customers() -> None:
    lists = [List(answer_rate=0.2, share=1.0, target=0.03), List(answer_rate=0.4, share=1.0, target=0.03)]
    result = run_sharing(agents=5, lists=lists, seeds=1, hours=1.0)
    for each in result["campaigns"]:
        assert each["share_of_answers"] == pytest.approx(0.5, abs=0.06)


def test_of_several_teams_each_is_said_by_its_name() -> None:
    one = CampaignAsked(name="Winter", ahead=0.0, placed=1, sentence="2 agents free.")

    assert explain_teams({}) == ""
    assert explain_teams({None: [one]}) == explain_turns([one])
    assert explain_teams({None: [one], "north": [one]}) == (
        f"The whole house: {explain_turns([one])} North: {explain_turns([one])}"
    )

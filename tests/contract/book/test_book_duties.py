"""What the duties do: a harmful campaign is stopped without a person, and what is missing is named."""

from datetime import timedelta

import numpy as np
from books.world import World

from churnmodel.arrays import no_progress
from dialer.core.campaign import CampaignState, LeadState
from dialer.core.timetable import Duty
from dialer.services.campaigns import campaign_card, campaign_list
from dialer.services.churn import Told, record_outcomes
from dialer.services.duties import Came, do_work
from dialer.services.timetable import End
from dialer.settings import Settings


def do(world: World, duty: Duty) -> Came:
    return do_work(world.book, Settings(), duty, lambda: world.now, no_progress)


def tell(world: World, *, kept: float) -> None:
    """Twenty days on it is known of everybody: two in ten left, and `kept` fewer of those called."""
    rng = np.random.default_rng(1)
    rows = campaign_list(world.book, 1, size=5000)
    world.later(days=20)
    told = [
        Told(external_id=row.external_id, left=bool(rng.random() < leaves), at=world.now - timedelta(days=1))
        for row in rows
        for leaves in [0.2 - kept * (row.state is not LeadState.HELD_OUT)]
    ]
    record_outcomes(world.book, told, world.now, source="told.csv")


def state(world: World) -> CampaignState:
    card = campaign_card(world.book, "winter")
    assert card is not None
    return card.state


def test_a_campaign_that_does_harm_is_paused_by_the_morning_look_long_before_its_horizon(
    world: World,
) -> None:
    world.customers(1500)
    world.campaign(holdout_share=0.5)
    tell(world, kept=-0.35)

    came = do(world, Duty.EFFECT)

    assert state(world) is CampaignState.PAUSED
    assert came.end is End.DONE
    assert came.figures["stopped"] == ["winter"]
    assert "paused, calling did harm" in came.said


def test_a_campaign_that_does_good_goes_on(world: World) -> None:
    world.customers(1500)
    world.campaign(holdout_share=0.5)
    tell(world, kept=0.15)

    came = do(world, Duty.EFFECT)

    assert state(world) is CampaignState.RUNNING
    assert came.figures["stopped"] == []
    assert "winter: kept +1" in came.said


def test_what_a_duty_still_lacks_is_said_and_is_no_failure(world: World) -> None:
    said = {duty: do(world, duty) for duty in Duty}

    assert {came.end for came in said.values()} == {End.NOTHING}
    assert "winback import" in said[Duty.TRAIN].said
    assert "winback train" in said[Duty.SCORE].said
    assert "500" in said[Duty.CONTACT].said
    assert "No campaign is running" in said[Duty.EFFECT].said

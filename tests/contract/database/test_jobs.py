"""What the scheduled jobs do: a harmful campaign is stopped without a person, what is missing is named."""

from datetime import timedelta

import numpy as np
from databases.centre import Centre

from churnmodel.array_types import no_progress
from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.core.schedule import ScheduledJob
from dialer.services.analytics.churn_labels import ChurnLabel, record_churn_labels
from dialer.services.campaigns.campaigns import campaign_card, campaign_list
from dialer.services.schedule.jobs import Came, do_work
from dialer.services.schedule.schedule import End
from dialer.settings import Settings


def do(centre: Centre, scheduled_job: ScheduledJob) -> Came:
    return do_work(centre.database, Settings(), scheduled_job, lambda: centre.now, no_progress)


def tell(centre: Centre, *, kept: float) -> None:
    """Twenty days on it is known of everybody: two in ten left, and `kept` fewer of those called."""
    rng = np.random.default_rng(1)
    rows = campaign_list(centre.database, 1, size=5000)
    centre.later(days=20)
    told = [
        ChurnLabel(
            external_id=row.external_id, left=bool(rng.random() < leaves), at=centre.now - timedelta(days=1)
        )
        for row in rows
        for leaves in [0.2 - kept * (row.state is not LeadState.HELD_OUT)]
    ]
    record_churn_labels(centre.database, told, centre.now, source="told.csv")


def state(centre: Centre) -> CampaignState:
    card = campaign_card(centre.database, "winter")
    assert card is not None
    return card.state


def test_a_campaign_that_does_harm_is_paused_by_the_morning_look_long_before_its_horizon(
    centre: Centre,
) -> None:
    centre.customers(1500)
    centre.campaign(holdout_share=0.5)
    centre.dial()
    tell(centre, kept=-0.35)

    came = do(centre, ScheduledJob.EFFECT)

    assert state(centre) is CampaignState.PAUSED
    assert came.end is End.DONE
    assert came.figures["stopped"] == ["winter"]
    assert "paused, calling did harm" in came.said


def test_a_campaign_that_does_good_goes_on(centre: Centre) -> None:
    centre.customers(1500)
    centre.campaign(holdout_share=0.5)
    tell(centre, kept=0.15)

    came = do(centre, ScheduledJob.EFFECT)

    assert state(centre) is CampaignState.RUNNING
    assert came.figures["stopped"] == []
    assert "winter: kept +1" in came.said


def test_what_a_job_still_lacks_is_said_and_is_no_failure(centre: Centre) -> None:
    said = {scheduled_job: do(centre, scheduled_job) for scheduled_job in ScheduledJob}

    assert said.pop(ScheduledJob.REPORTS).end is End.DONE  # a day without calls is kept as one
    assert {came.end for came in said.values()} == {End.NOTHING}
    assert "winback import" in said[ScheduledJob.TRAIN].said
    assert "winback train" in said[ScheduledJob.SCORE].said
    assert "500" in said[ScheduledJob.CONTACT].said
    assert "No campaign is running" in said[ScheduledJob.EFFECT].said

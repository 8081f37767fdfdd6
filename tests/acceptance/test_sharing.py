"""Two campaigns on the same agents: both reach their customers, and the page says who waits."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from acceptance.stage import Stage, busy_world

from dialer.settings import PacingSettings
from telephony.numbers import fictional_numbers

OpenStage = Callable[..., Stage]

EACH = 150  # more customers than are rung while the test looks
RUNG = 24


def two_campaigns(open_stage: OpenStage, **pacing: Any) -> Stage:
    """Winter, the older one, and spring; each has all customers on its list."""
    stage = open_stage(busy_world(talk_s=1.5), pacing=PacingSettings(wrap_up_limit_s=5, tick_s=0.1, **pacing))
    numbers = tuple(number.e164 for number in fictional_numbers(2 * EACH))
    stage.campaign(2 * EACH, numbers=numbers)
    stage.campaign(2 * EACH, numbers=numbers, name="spring")
    stage.staff()
    stage.start_engine()
    return stage


def rung(stage: Stage) -> Counter[str]:
    rows = stage.rows(
        "SELECT campaign.name FROM attempt JOIN lead ON lead.id = attempt.lead_id "
        "JOIN campaign ON campaign.id = lead.campaign_id ORDER BY attempt.created_at LIMIT ?",
        RUNG,
    )
    return Counter(row["name"] for row in rows)


@pytest.mark.parametrize("spring", [1.0, 3.0])
def test_each_campaign_reaches_its_share_and_the_page_says_who_waits(
    open_stage: OpenStage, spring: float
) -> None:
    stage = two_campaigns(open_stage, shares={"spring": spring})

    said = stage.wait(lambda: "waiting for their turn" in (stage.view().sentence or ""), "one waits")
    stage.wait(lambda: sum(rung(stage).values()) >= RUNG, "two dozen calls are placed", within_s=120.0)

    assert said
    wanted = RUNG * spring / (1.0 + spring)
    assert rung(stage)["spring"] == pytest.approx(wanted, abs=RUNG / 6)

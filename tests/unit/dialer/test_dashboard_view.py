"""The dashboard is one frozen value: what an engine writes is what a page reads, also across versions."""

import json
import math
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from dialer.core.agents.floor import FloorState
from dialer.core.dashboard.view import CampaignOnDashboard, EngineOnDashboard
from dialer.core.pacing.facts import Decision, Explanation
from dialer.engine.dashboard import engine_on_dashboard
from telephony.ports import LinkHealth, LinkState

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
WHOLE = EngineOnDashboard(
    engine="engine-1",
    link="ready",
    ready=True,
    calls_on_the_way=4,
    callers_waiting=1,
    sentence="3 free, 2 ringing: 1 more.",
    utilisation=0.75,
    campaigns=(CampaignOnDashboard(campaign=7, numbers={"price": 0.02, "bound": None}),),
)


def test_what_an_engine_writes_is_what_is_read() -> None:
    assert WHOLE == EngineOnDashboard.from_json(json.loads(WHOLE.model_dump_json()))


@pytest.mark.parametrize("field", sorted(EngineOnDashboard.model_fields))
def test_a_field_that_an_older_engine_did_not_write_is_unknown(field: str) -> None:
    written = json.loads(WHOLE.model_dump_json())
    del written[field]

    assert WHOLE.model_copy(update={field: None}) == EngineOnDashboard.from_json(written)


@pytest.mark.parametrize("field", sorted(EngineOnDashboard.model_fields))
def test_a_field_that_means_something_else_in_another_version_is_unknown(field: str) -> None:
    written = json.loads(WHOLE.model_dump_json()) | {field: {"a newer": ["shape"]}}

    assert WHOLE.model_copy(update={field: None}) == EngineOnDashboard.from_json(written)


def test_a_field_that_only_a_newer_engine_writes_is_passed_over() -> None:
    written = json.loads(WHOLE.model_dump_json()) | {"mood": "fine"}

    assert WHOLE == EngineOnDashboard.from_json(written)


@pytest.mark.parametrize("kept", [None, [], "ready", 3])
def test_what_is_no_object_says_nothing(kept: object) -> None:
    assert EngineOnDashboard() == EngineOnDashboard.from_json(kept)


def test_nobody_on_the_way_to_the_page_changes_a_dashboard() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        WHOLE.link = "down"  # type: ignore[misc] # that is the point


def test_an_engine_says_its_link_its_calls_and_the_numbers_of_its_decisions() -> None:
    link = LinkHealth(
        state=LinkState.READY,
        last_byte_age_s=0.1,
        queue_depth=0,
        frames=0,
        ignored=0,
        connects=1,
        losses=0,
        unknown_outcomes=0,
        late_answers=0,
        last_loss="",
    )
    numbers = {"price": 0.02, "limit": math.inf}
    decision = Decision(dial=(), promises=0, reason=Explanation(numbers=numbers, sentence="Nobody."))
    said = engine_on_dashboard(
        engine="engine-1",
        link=link,
        ready=True,
        floor=FloorState(inbound="support"),
        decisions={3: decision},
        sentence="Nobody.",
        now=NOW,
    )

    expected = EngineOnDashboard(
        engine="engine-1",
        link="ready",
        ready=True,
        clock_ahead_s=0.0,
        calls_on_the_way=0,
        callers_waiting=0,
        sentence="Nobody.",
        utilisation=None,
        # JSON knows no infinity, and PostgreSQL refuses it
        campaigns=(CampaignOnDashboard(campaign=3, numbers={"price": 0.02, "limit": None}),),
    )
    assert expected == said

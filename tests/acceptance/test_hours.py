"""No attempt outside hours, whatever the order in which clock, database and PBX get there."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from acceptance.invariants import assert_invariants
from acceptance.stage import Sent, Stage, busy_world

from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose
from dialer.core.compliance.windows import LocalClock, next_opening, refusal_of
from dialer.lab.demo_agents import HOME, opening_time
from dialer.pbx_settings import QueueSettings
from dialer.services.promises.promises import PromiseRequest, make_promise, open_promises
from telephony.numbers import fictional_numbers

OpenStage = Callable[..., Stage]

BEFORE_S = 20.0  # engines are up and dialling within this, on a busy machine too
AFTER_S = 4.0  # long enough for many turns of the engine


def clocks() -> list[LocalClock]:
    """Every clock that a marketing call to Great Britain is judged by."""
    rules = packaged_rulebook()
    return [
        LocalClock(zone=HOME, hours=pack.hours[Purpose.MARKETING], calendar=rules.calendars.get("GB"))
        for pack in rules.packs_for("GB")
        if Purpose.MARKETING in pack.hours
    ]


def closing_time() -> datetime:
    """The end of the next calling day."""
    moment = opening_time(datetime.now(UTC)).replace(second=0, microsecond=0)
    while refusal_of(clocks(), moment) is None:
        moment += timedelta(minutes=1)
    return moment


def test_leads_are_rung_until_closing_and_not_after_while_a_promise_is_still_kept(
    open_stage: OpenStage,
) -> None:
    closing = closing_time()
    stage = open_stage(busy_world(talk_s=1.0), now=closing - timedelta(seconds=BEFORE_S))
    stage.campaign(200)
    stage.staff()
    held: list[str] = []

    async def past_closing(sent: Sent) -> None:
        # an order that dawdles on the wire: opened inside hours, asked for outside
        if not held and sent.at >= closing - timedelta(seconds=3):
            held.append(sent.attempt)
            await asyncio.sleep((closing - stage.clock()).total_seconds() + 0.2)

    stage.hold_originate = past_closing
    stage.start_engine()
    stage.wait(lambda: stage.sent, "calls are placed before closing", within_s=BEFORE_S)
    stage.wait(lambda: stage.clock() >= closing + timedelta(seconds=AFTER_S / 2), "the day is over")
    promise(stage, 0)
    stage.wait(lambda: kept(stage) == 1, "a call that was asked for is made in the evening")
    stage.wait(lambda: stage.clock() >= closing + timedelta(seconds=AFTER_S), "nothing more happens")
    stage.wait_quiet()

    for row in stage.attempts("lead_id IS NOT NULL AND consumed_at IS NOT NULL"):
        assert row["consumed_at"] < text_of(closing), row
    assert stage.attempts("lead_id IS NOT NULL AND consumed_at IS NOT NULL")
    assert held, "one order was held back"
    late = stage.attempts("id = ?", held[0])[0]
    assert (late["state"], late["reason"], late["counted"]) == ("refused", "hours.closed", 0)
    refusal = stage.rows("SELECT * FROM refusal WHERE attempt_id = ?", held[0])[0]
    assert refusal["rule"] == "hours.closed"
    opens = next_opening(clocks(), closing)
    assert opens is not None
    assert refusal["until"] == text_of(opens)
    lead = stage.rows("SELECT * FROM lead WHERE id = ?", late["lead_id"])[0]
    assert (lead["state"], lead["attempts_made"], lead["next_at"]) == ("listed", 0, text_of(opens))
    assert stage.truth().attempts[held[0]].dialed == 0
    assert_invariants(stage)


def test_nobody_is_rung_when_the_centre_is_closed_but_promises_are_kept_for_the_morning(
    open_stage: OpenStage,
) -> None:
    closing = closing_time()
    local = closing.strftime("%H:%M")
    hours = QueueSettings(hours=f"Mon-Sun 08:00-{local}", zone="UTC")
    stage = open_stage(busy_world(talk_s=1.0), now=closing - timedelta(seconds=BEFORE_S), queues=hours)
    stage.campaign(200)
    stage.staff()
    stage.start_engine()
    stage.wait(lambda: stage.sent, "calls are placed before closing", within_s=BEFORE_S)
    stage.wait(lambda: stage.clock() >= closing, "the centre closes")
    promise(stage, 0)
    refused = stage.wait(
        lambda: stage.rows("SELECT * FROM refusal WHERE promise_id IS NOT NULL"), "the promise is put off"
    )
    stage.wait(lambda: stage.clock() >= closing + timedelta(seconds=AFTER_S), "nothing more happens")
    stage.wait_quiet()

    assert stage.attempts("created_at >= ?", text_of(closing)) == []
    assert stage.attempts("consumed_at >= ?", text_of(closing)) == []
    assert refused[0]["rule"] == "queue.closed"
    [card] = open_promises(stage.database)
    assert card.next_action_at is not None
    assert refused[0]["until"] == text_of(card.next_action_at)
    assert card.next_action_at > closing + timedelta(hours=8)
    assert_invariants(stage)


def promise(stage: Stage, index: int) -> None:
    """Somebody is promised a call at this moment."""
    request = PromiseRequest(
        e164=fictional_numbers(1, start=9000 + index)[0].e164,
        queue="support",
        source_call=f"call-{index}",
        virtual_join=stage.clock(),
    )
    make_promise(stage.database, request, stage.clock())


def kept(stage: Stage) -> int:
    return stage.rows("SELECT count(*) AS kept FROM promise WHERE state = 'kept'")[0]["kept"]


def text_of(moment: datetime) -> str:
    """A moment as SQLite keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")

"""Invariants that hold whatever breaks: engine killed, link cut, PBX restarted."""

import asyncio
import signal
import sqlite3
from collections.abc import Callable
from datetime import timedelta

from acceptance.invariants import assert_committed_first, assert_invariants, assert_never_twice
from acceptance.stage import LEASE_S, SHORT_LEASE_S, Sent, Stage, busy_world

from dialer.services.promises.promises import promise_ledger
from telephony.simulator.ground_truth import AttemptTruth

OpenStage = Callable[..., Stage]

LONG_TALK_S = 20.0  # twice a lease, so that talks live through a gap
CUT_S = 10.0
SETTLED_S = 2.0  # after which an engine knows whether it lost its lease
LOCKED_S = 13.0  # more than a lease, and more than a writer waits for a lock
IN_THE_PIPE = timedelta(seconds=0.5)  # what was read from the engine just before the cut


def test_an_attempt_is_in_the_database_before_the_pbx_hears_of_it(open_stage: OpenStage) -> None:
    stage = open_stage(busy_world(talk_s=2.0))
    stage.campaign(40)
    stage.staff()
    stage.start_engine()

    stage.wait(lambda: len(stage.sent) >= 12, "a dozen calls are placed")

    assert_committed_first(stage)
    assert_never_twice(stage)


def test_an_engine_killed_in_mid_campaign_rings_nobody_twice_and_loses_no_promise(
    open_stage: OpenStage,
) -> None:
    stage = in_mid_campaign(open_stage, lease_s=SHORT_LEASE_S)
    held = hold_an_order(stage)
    before = alive(stage)

    stage.engines[0].signal(signal.SIGKILL)
    again = stage.start_engine(again=0)
    stage.hold_originate = None
    stage.wait_leading(again)

    carries_on(stage, before)
    assert_came_to_nothing(stage, held)


def test_a_link_cut_for_ten_seconds_sends_nothing_again_and_loses_no_promise(open_stage: OpenStage) -> None:
    stage = in_mid_campaign(open_stage)
    held = hold_an_order(stage)
    before = alive(stage)

    line, cut_at = stage.ami[0], stage.clock()
    stage.loop.run(line.cut())
    stage.hold_originate = None
    stage.wait(lambda: stage.engines[0].said("link_lost"), "the engine notices")
    stage.wait(lambda: (stage.clock() - cut_at).total_seconds() >= CUT_S, "ten seconds pass")
    assert all(sent.at <= cut_at + IN_THE_PIPE for sent in stage.sent)
    stage.loop.run(line.mend())
    stage.wait(lambda: line.connections >= 2 and stage.view().ready, "the link is up again")

    carries_on(stage, before)
    assert_came_to_nothing(stage, held)
    assert stage.engines[0].exit_code is None


def test_a_pbx_restarted_in_mid_campaign_sends_nothing_again_and_loses_no_promise(
    open_stage: OpenStage,
) -> None:
    stage = in_mid_campaign(open_stage)
    heard = {row["id"] for row in stage.attempts("connected_at IS NOT NULL AND ended_at IS NULL")}

    def restart() -> dict[str, AttemptTruth]:
        """In one act, so that nothing happens between the look and the restart."""
        there = {key: each for key, each in stage.pbx.truth().attempts.items() if not each.over}
        stage.pbx.restart()
        return there

    before = stage.loop.call(restart)
    stage.wait(lambda: stage.ami[0].connections >= 2 and stage.view().ready, "the link is up again")

    carries_on(stage, before)
    rows = stage.attempts("ended_at IS NOT NULL")
    ended = {row["id"]: row["outcome"] for row in rows}
    talked = {attempt for attempt, real in before.items() if real.agent is not None}
    assert {ended[attempt] for attempt in talked & heard} == {"connected"}
    assert {ended[attempt] for attempt in before.keys() - talked} <= {"unknown", "failed"}
    assert stage.engines[0].exit_code is None


def test_a_database_locked_for_longer_than_a_lease_costs_calls_and_no_invariant(
    open_stage: OpenStage,
) -> None:
    stage = in_mid_campaign(open_stage)
    before = alive(stage)

    locked_at = stage.clock()
    with sqlite3.connect(stage.folder / "app" / "winback.db", isolation_level=None) as database:
        database.execute("BEGIN IMMEDIATE")
        stage.wait(lambda: (stage.clock() - locked_at).total_seconds() >= LOCKED_S, "time passes")
        database.execute("ROLLBACK")
    database.close()
    assert all(sent.at <= locked_at + IN_THE_PIPE for sent in stage.sent), "nothing goes out uncommitted"
    lasting = stage.clock() + timedelta(seconds=SETTLED_S)
    stage.wait(lambda: stage.view().ready and stage.viewed_at() > lasting, "it leads, still or again")

    carries_on(stage, before)
    assert stage.engines[0].exit_code is None


def in_mid_campaign(open_stage: OpenStage, *, lease_s: float = LEASE_S) -> Stage:
    """Five agents with their hands full, calls being placed, promises open."""
    stage = open_stage(busy_world(talk_s=LONG_TALK_S), lease_s=lease_s)
    stage.campaign(150)
    stage.staff()
    stage.wait_leading(stage.start_engine())
    stage.wait(lambda: len(talking(stage)) >= 4, "four customers talk")
    for index in range(4):
        stage.ring_in(index)
    stage.wait(lambda: promise_ledger(stage.database).made >= 2, "two callers are promised a call")
    stage.wait(
        lambda: len(talking(stage)) >= 4 and len(alive(stage)) > len(talking(stage)), "calls in the air"
    )
    return stage


def hold_an_order(stage: Stage) -> str:
    """Wait until an order is on the wire and let it get no further; the attempt."""
    held: list[str] = []

    async def hold(sent: Sent) -> None:
        held.append(sent.attempt)
        await asyncio.Event().wait()

    stage.hold_originate = hold
    stage.hang_up_talks(after_s=8.0)  # whoever talked longest makes room for one more call
    stage.wait(lambda: held, "an order is on the wire")
    return held[0]


def assert_came_to_nothing(stage: Stage, attempt: str) -> None:
    """The order that was lost on the wire rang nobody and cost nobody anything."""
    [row] = stage.attempts("id = ?", attempt)
    assert (row["state"], row["counted"]) == ("failed", 0), row
    assert attempt not in stage.truth().attempts


def carries_on(stage: Stage, before: dict[str, AttemptTruth]) -> None:
    """After the gap: what lived is adopted, new calls are placed, and every invariant held."""
    then = stage.truth().attempts
    lived = {attempt for attempt in before if not then[attempt].over}
    sent = len(stage.sent)
    stage.hang_up_talks()
    stage.wait(lambda: len(stage.sent) >= sent + 5, "the campaign goes on")
    stage.pause_campaign()
    stage.wait(
        lambda: ended_by_agents(stage) and promise_ledger(stage.database).kept >= 1, "a promise is kept"
    )
    stage.wait(lambda: ended_by_agents(stage) and not stage.attempts("ended_at IS NULL"), "all calls end")
    assert alive(stage) == {}
    for attempt in lived:
        row = stage.attempts("id = ?", attempt)[0]
        real = stage.truth().attempts[attempt]
        if real.agent is not None:
            assert row["outcome"] == "connected", (row, real)
            assert abs(row["talk_s"] - real.talk_s) <= 1.5, (row, real)
        else:
            assert row["outcome"] not in {None, "unknown", "connected"}, (row, real)
    assert_invariants(stage)


def ended_by_agents(stage: Stage) -> bool:
    """Agents who have talked long enough for a promise to count as kept hang up."""
    stage.hang_up_talks(after_s=1.2)
    return True


def alive(stage: Stage) -> dict[str, AttemptTruth]:
    """Attempts in the air or talking."""
    return {key: each for key, each in stage.truth().attempts.items() if not each.over}


def talking(stage: Stage) -> dict[str, AttemptTruth]:
    """Attempts whose customer talks with an agent."""
    return {key: each for key, each in alive(stage).items() if each.agent is not None}

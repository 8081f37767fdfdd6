"""Two engines on one database: one dials, the other takes over, and a sleeper wakes up powerless."""

import signal
import sqlite3
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from acceptance.engine_process import EngineProcess
from acceptance.invariants import assert_invariants
from acceptance.stage import LEASE_S, SHORT_LEASE_S, Stage, busy_world

OpenStage = Callable[..., Stage]

TAKEN_OVER_S = LEASE_S + 4.0  # a standby asks every two seconds, on a machine that may be busy
RINGS_S = 30.0  # until one of several customers has picked up and talks, likewise


def test_one_of_two_engines_dials_and_the_other_takes_over_within_the_lease(open_stage: OpenStage) -> None:
    stage = open_stage(busy_world(talk_s=2.0))
    stage.campaign(150)
    stage.staff()
    engines = [stage.start_engine(), stage.start_engine()]
    stage.wait(lambda: len(stage.sent) >= 15, "calls are placed")

    leader = the_leader(stage)
    other = 1 - leader
    assert {sent.engine for sent in stage.sent} == {leader}
    assert engines[other].said("engine_leads") == []
    assert [each["fencing"] for each in stage.leaders()] == [1]

    killed_at = stage.clock()
    engines[leader].signal(signal.SIGKILL)
    first = len(stage.sent)
    stage.wait(lambda: len(stage.sent) >= first + 5, "the other one dials")

    after = stage.sent[first:]
    assert {sent.engine for sent in after} == {other}
    assert (engines_began(stage, other) - killed_at).total_seconds() <= TAKEN_OVER_S
    assert {row["fencing"] for row in stage.attempts()} == {1, 2}
    stage.pause_campaign()
    stage.wait_quiet()
    assert_invariants(stage)


def test_calls_connect_again_within_the_lease_when_the_engine_the_dialplan_asks_first_is_gone(
    open_stage: OpenStage,
) -> None:
    stage = open_stage(busy_world(talk_s=2.0))
    stage.campaign(150)
    stage.staff()
    leader = stage.start_engine()
    stage.wait_leading(leader)
    stage.start_engine()
    stage.ask_engines_themselves()
    stage.wait(lambda: connected(stage), "customers and agents talk")

    killed_at = stage.clock()
    before = {row["id"] for row in stage.attempts()}
    leader.signal(signal.SIGKILL)
    stage.wait(lambda: connected(stage, after=before), "customers and agents talk again")

    first = min(row["connected_at"] for row in connected(stage, after=before))
    rung_s = (datetime.fromisoformat(first).replace(tzinfo=UTC) - killed_at).total_seconds()
    assert rung_s <= TAKEN_OVER_S + RINGS_S
    ended = stage.attempts("ended_at IS NOT NULL AND fencing = 2")
    assert all(row["consumed_at"] for row in ended), "every call of the new leader got its permit"
    stage.pause_campaign()
    stage.wait_quiet()
    assert_invariants(stage)


def test_a_leader_that_slept_past_its_lease_places_no_further_call(open_stage: OpenStage) -> None:
    stage = open_stage(busy_world(talk_s=2.0))
    stage.campaign(150)
    stage.staff()
    sleeper = stage.start_engine()
    stage.wait_leading(sleeper)
    stage.wait(lambda: len(stage.sent) >= 8, "calls are placed")
    other = stage.start_engine()
    stage.ask_engines_themselves()

    put_to_sleep(stage, sleeper)
    stage.wait(lambda: other.said("engine_leads"), "the other one leads")
    slept = len(stage.sent)
    stage.wait(lambda: len(stage.sent) >= slept + 5, "the other one dials")
    placed = {sent.attempt for sent in stage.sent[slept:]}
    stage.wait(
        lambda: {row["id"] for row in connected(stage)} & placed,
        "its calls connect, though the engine the dialplan asked first takes connections and hangs",
    )
    woken = stage.clock()
    sleeper.signal(signal.SIGCONT)
    stage.wait(lambda: sleeper.said("engine_lost_lead"), "the sleeper notices")
    dialed = len(stage.sent)
    stage.wait(lambda: len(stage.sent) >= dialed + 5, "the campaign goes on")

    # at most the one whose intent was committed before the sleep, and the dial permit lets that one ring
    # nobody
    late = [sent for sent in stage.sent if sent.engine == 0 and sent.at >= woken]
    assert len(late) <= 1
    assert all(stage.truth().attempts[sent.attempt].dialed == 0 for sent in late)
    fences = [row["fencing"] for row in stage.attempts()]
    assert fences == sorted(fences), "nothing was opened under the old number after the new one"
    stage.pause_campaign()
    stage.wait_quiet()
    assert_invariants(stage)


def test_an_engine_alone_that_slept_past_its_lease_leads_on_with_what_it_sees(open_stage: OpenStage) -> None:
    stage = open_stage(busy_world(talk_s=2.0), lease_s=SHORT_LEASE_S)
    stage.campaign(150)
    stage.staff()
    engine = stage.start_engine()
    stage.wait(lambda: len(stage.sent) >= 8, "calls are placed")

    put_to_sleep(stage, engine)
    stage.wait(lambda: ran_out(stage), "its lease has run out")
    engine.signal(signal.SIGCONT)
    slept = len(stage.sent)
    stage.wait(lambda: len(stage.sent) >= slept + 5, "it dials on")

    assert engine.said("engine_lost_lead") == []
    assert [each["fencing"] for each in stage.leaders()] == [1]
    stage.pause_campaign()
    stage.wait_quiet()
    assert_invariants(stage)


def test_a_database_that_is_away_for_longer_than_the_lease_costs_neither_the_lead_nor_what_was_heard(
    open_stage: OpenStage,
) -> None:
    stage = open_stage(busy_world(talk_s=2.0), lease_s=SHORT_LEASE_S)
    stage.campaign(150)
    stage.staff()
    engine = stage.start_engine()
    stage.wait(lambda: connected(stage), "customers and agents talk")

    writer = sqlite3.connect(stage.folder / "app" / "winback.db", timeout=60.0, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    stage.wait(lambda: ran_out(stage) and engine.said("lead_not_renewed"), "nobody can write for so long")
    stage.wait(lambda: all(each.over for each in stage.truth().attempts.values()), "no call is on its way")
    talked = {each.attempt for each in stage.truth().attempts.values() if each.agent}
    writer.execute("ROLLBACK")
    writer.close()
    slept = len(stage.sent)
    stage.wait(lambda: len(stage.sent) >= slept + 5, "it dials on")

    assert engine.said("engine_lost_lead") == []
    stage.pause_campaign()
    stage.wait_quiet()
    assert talked <= {row["id"] for row in connected(stage)}
    assert_invariants(stage)


def ran_out(stage: Stage) -> bool:
    """Whether the lease's time is over."""
    (lease,) = stage.leaders()
    return bool(datetime.fromisoformat(lease["expires_at"]).replace(tzinfo=UTC) < datetime.now(UTC))


def connected(stage: Stage, *, after: Collection[str] = ()) -> list[dict[str, Any]]:
    """Attempts whose customer an agent talked with."""
    return [row for row in stage.attempts("connected_at IS NOT NULL") if row["id"] not in after]


def put_to_sleep(stage: Stage, engine: EngineProcess) -> None:
    """Stop a process between two of its writes: SQLite would keep a sleeping writer's lock."""

    def stopped() -> bool:
        engine.signal(signal.SIGSTOP)
        database = sqlite3.connect(stage.folder / "app" / "winback.db", timeout=0.2, isolation_level=None)
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            engine.signal(signal.SIGCONT)
            return False
        finally:
            database.close()
        return True

    stage.wait(stopped, "it sleeps without a lock")


def the_leader(stage: Stage) -> int:
    """The place of the engine that holds the lease."""
    holder = stage.leaders()[0]["holder"]
    return next(index for index, each in enumerate(stage.engines) if f":{each.pid}:" in holder)


def engines_began(stage: Stage, index: int) -> datetime:
    """When this engine placed its first call."""
    return next(sent.at for sent in stage.sent if sent.engine == index)

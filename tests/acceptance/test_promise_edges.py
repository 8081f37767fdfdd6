"""At every edge of a promise's table somebody is killed in the middle of the commit, and all adds up after.

Killed, an engine does not know whether its last step was written, and here it was; a database has not written
it. A test for each edge of the table itself: a new edge is not gone over, and fails. At the end one engine
takes over whatever was left.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from acceptance.background import Background
from acceptance.edge_walker import FREEZE, OVER, PROCESSES, Edge, walk_over
from acceptance.engine_process import EngineProcess, variables
from bench.testbed.ports import free_port
from bench.testbed.server import wait_until
from databases.centre import number
from databases.postgres import PostgresServer, postgres_server
from sqlalchemy import text

from callbacks.lifecycle import PROMISE, PromiseState
from dialer.bootstrap import open_app
from dialer.db.migrations.upgrade import upgrade
from dialer.db.session import Database
from dialer.lab.demo_agents import SampleAgents, opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings
from dialer.services.promises.ledger_audit import audit_promises
from dialer.services.promises.promise_faults import promise_faults
from dialer.settings import PacingSettings, Settings
from telephony.simulator.behaviour import Behaviour, SimulatedAgent
from telephony.simulator.server import SimulatedPbx

pytestmark = pytest.mark.xdist_group("edges")  # one server for all of them

WITHIN_S: Final = 200.0  # on a busy machine
SECRET: Final = "a secret of the tests"  # noqa: S105 - guards a simulated PBX on a loopback
EDGES: Final = tuple(PROMISE.table)
KILLED: Final = ("engine", "database")
#: a promise of these has been rung, or may have been, and is not rung again before its spacing is over
RUNG: Final = {PromiseState.DIALLING, PromiseState.CONNECTED}
NOT_RUNG: Final = {PromiseState.WAITING, PromiseState.CLAIMED}


class Ground:
    """A PostgreSQL that stops whoever commits a named step, for as long as this holds its lock."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.walked: dict[int, Edge] = {}
        with self.connect("postgres") as connection:
            connection.execute("CREATE DATABASE edges")
        self.url = server.url("edges")
        upgrade(self.url)
        with self.connect() as connection:
            for statement in FREEZE:
                connection.execute(statement)
        moment = datetime.now(UTC)
        self.shift = opening_time(moment) - moment

    def clock(self) -> datetime:
        """The centre's time of day, in its opening hours."""
        return datetime.now(UTC) + self.shift

    def kill_at(self, edge: Edge, killed: str) -> int:
        """Kill this one in the middle of the commit of this edge; the number's index of the promise."""
        index = len(self.walked)
        self.walked[index] = edge
        walker = PROCESSES.Process(target=walk_over, args=(self.url, edge, index, self.clock()))
        with self.connect() as held:
            held.execute("SELECT pg_advisory_lock(1)")
            walker.start()
            stopped = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            wait(
                lambda: count(held, stopped) or walker.exitcode is not None,
                f"{edge} is committed",
            )
            assert walker.exitcode is None, f"{edge} was not gone over"
            if killed == "database":
                self.server.kill()
            else:
                walker.kill()
                walker.join(WITHIN_S)
        if killed == "database":
            self.server.serve()
            walker.join(WITHIN_S)
            assert walker.exitcode == 1, "it heard that its step was not written"
        walker.close()
        return index

    def promise(self, index: int) -> PromiseState:
        """Where the promise to this number stands, once nobody is at it."""
        busy = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = 'edges' AND state <> 'idle' AND pid <> pg_backend_pid()"
        )
        with self.connect() as asking:
            wait(lambda: not count(asking, busy), "the commit is over, either way")
            found = asking.execute("SELECT state FROM promise WHERE e164 = %s", [number(index)]).fetchone()
        assert found is not None
        return PromiseState(found[0])

    def connect(self, name: str = "edges") -> psycopg.Connection[Any]:
        """A connection of the test's own."""
        return psycopg.connect(host=str(self.server.home), user="winback", dbname=name, autocommit=True)


def count(connection: psycopg.Connection[Any], question: str) -> int:
    row = connection.execute(question).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    try:
        with postgres_server() as server:
            warm = PROCESSES.Process(target=str)  # the first loads everything, the others are there at once
            warm.start()
            warm.join(WITHIN_S)
            yield Ground(server)
    except LookupError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


def test_there_is_a_way_over_every_edge_of_the_table_and_over_no_other() -> None:
    assert set(OVER) == set(EDGES)


@pytest.mark.parametrize("killed", KILLED)
@pytest.mark.parametrize("edge", EDGES, ids="-".join)
def test_all_adds_up_after_a_kill_in_the_middle_of_the_step(ground: Ground, edge: Edge, killed: str) -> None:
    index = ground.kill_at(edge, killed)

    assert ground.promise(index) is (PROMISE.table[edge] if killed == "engine" else edge[0])
    database = Database(ground.url)
    audit = audit_promises(database, "UTC")
    assert audit.adds_up, audit
    assert promise_faults(database, ground.clock()).stuck == ()
    database.close()


def test_an_engine_that_takes_over_rings_nobody_twice_and_the_audit_ends_with_0(
    ground: Ground, tmp_path: Path
) -> None:
    for edge in EDGES:
        if edge not in ground.walked.values():
            ground.kill_at(edge, "engine")
    left = {index: ground.promise(index) for index in ground.walked}
    with ExitStack() as stack:
        settings, pbx, loop = open_floor(stack, ground, tmp_path)
        database = Database(ground.url)
        stack.callback(database.close)
        with database.write() as tx:
            tx.execute(text("DELETE FROM lease"))  # the killed engine's: it has run out
        engine = EngineProcess(settings, tmp_path / "engine.log")
        stack.callback(engine.stop)
        wait(lambda: engine.said("engine_leads"), "it leads", engine.tail)
        wait(lambda: settled(database, ground.clock()), "every promise has moved", engine.tail)

        truth = loop.call(pbx.truth)
        rung = Counter(f"+{each.number}" for each in truth.attempts.values() if each.dialed)
        assert {each for each, times in rung.items() if times > 1} == set()
        assert all(each.dialed <= 1 and each.originates <= 1 for each in truth.attempts.values())
        before = {number(index) for index, state in left.items() if state in RUNG}
        assert rung.keys() & before == set(), "what became of their calls is not known"
        free = {number(index) for index, state in left.items() if state in NOT_RUNG}
        assert rung.keys() <= free, "nor is anybody rung whose promise is over"
        # who walked a promise to its edge took it out of turn, so overtaking says nothing here
        assert promise_faults(database, ground.clock()).stuck == ()
    done = winback(settings, "callbacks", "audit")
    assert done.returncode == 0, done.stdout + done.stderr


def settled(database: Database, now: datetime) -> bool:
    """Nobody is being called, and no promise is due."""
    with database.read() as tx:
        return not tx.execute(
            text(
                "SELECT 1 FROM promise WHERE state IN ('claimed', 'dialling', 'connected')"
                " OR (state = 'waiting' AND next_action_at <= :now)"
            ),
            {"now": now},
        ).first()


def open_floor(stack: ExitStack, ground: Ground, folder: Path) -> tuple[Settings, SimulatedPbx, Background]:
    """A PBX whose people all answer, four agents at their pages, and the settings of the engine to come."""
    agents = tuple(SimulatedAgent(id=f"a{at}") for at in range(1, 5))
    behaviour = Behaviour(
        agents=agents, speed=12.0, callers_per_hour=0.0, talk_mean_s=24.0, expecting_answer_probability=1.0
    )
    loop = stack.enter_context(Background())
    pbx = SimulatedPbx(behaviour, seed=1, username="winback", secret=SECRET)
    port, agi = loop.run(pbx.start()), free_port()
    stack.callback(lambda: loop.run(pbx.stop()))
    pbx.agi = (("127.0.0.1", agi),)
    settings = Settings(
        data_dir=folder / "app",
        database_url=ground.url,
        clock_shift_s=ground.shift.total_seconds(),
        caller_id="+442079460999",
        pbx=PbxSettings(name="pbx", host="127.0.0.1", port=port, secret=SECRET),  # type: ignore[arg-type]
        agi=AgiSettings(port=agi),
        agents=[AgentSettings(id=agent.id, headset=f"PJSIP/{agent.id}") for agent in agents],
        pacing=PacingSettings(wrap_up_limit_s=2, tick_s=0.1),
        log_level="info",
    )
    app = stack.enter_context(open_app(settings))
    pages = stack.enter_context(Background())  # ends before the database that they write to
    pages.spawn(SampleAgents(app, speed=12.0, seed=1).work())
    return settings, pbx, loop


def winback(settings: Settings, *words: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "dialer.cli", *words],
        env=variables(settings), capture_output=True, text=True, check=False, timeout=WITHIN_S,
    )  # fmt: skip


def wait(condition: Callable[[], Any], what: str, tail: Callable[[], str] = str) -> None:
    try:
        wait_until(lambda: bool(condition()), WITHIN_S, what)
    except TimeoutError as late:
        pytest.fail(f"{late}\n{tail()}")

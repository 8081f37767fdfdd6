"""Asterisk is killed at every edge of a promise's table, and started again.

The engine and PostgreSQL go on. Whoever commits the step is stopped in the middle of the commit, Asterisk is
killed then, the commit goes through, and Asterisk comes back: all adds up, nobody is rung twice, and no
promise is lost.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from acceptance.edge_walker import Edge
from acceptance.engine_process import EngineProcess
from bench.testbed.dialplan_actors import STAGE
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer, wait_until
from databases.postgres import PostgresServer, postgres_server

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from dialer.bootstrap import App, make_pbx_config, open_app
from dialer.db.queries import callback_blocks
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.promises.ledger_audit import audit_promises
from dialer.services.promises.moves import move_promise
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import (
    MadePromise,
    PromiseRequest,
    cancel_promise,
    make_promise,
    settle_promise,
)
from dialer.services.promises.slots import open_slots
from dialer.settings import CallbackSettings, CallingSettings, PacingSettings, Settings
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.render import render
from telephony.numbers import FICTIONAL_COUNT, fictional_numbers

pytestmark = [pytest.mark.xdist_group("killed"), pytest.mark.timeout(600)]  # one floor for all of them

WITHIN_S: Final = 300.0  # tries to find a PBX again are up to 30 s apart, and machines are busy
SECRET: Final = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
S, E = PromiseState, PromiseEvent
TALKS: Final = "810"  # and hangs up after ten seconds, also where a later test meets one who is called again
#: edges over which a call goes by itself: the last digits of the customer's number say how it goes on
BY_CALL: Final[Mapping[Edge, str]] = {
    (S.WAITING, E.CLAIM): TALKS,
    (S.CLAIMED, E.ALLOW): TALKS,
    (S.DIALLING, E.CONNECT): TALKS,
    (S.DIALLING, E.MISS): "205",
    (S.DIALLING, E.GIVE_UP): "500",
    (S.CONNECTED, E.TALKED): "710",
}
RINGS: Final = "300"  # and nobody answers
NETWORK_OUT_OF_ORDER: Final = "38"  # the cause by which a line says that a talk was lost


def _move(app: App, promise: int) -> None:
    move_promise(
        app.database,
        promise,
        open_slots(app.database, "support", None, app.clock())[1].start,  # `later` chose the first
        "staff",
        app.clock(),
    )


def _cancel(app: App, promise: int) -> None:
    cancel_promise(app.database, promise, "staff", app.clock())


def _settle(app: App, promise: int) -> None:
    settle_promise(app.database, promise, "served", app.clock())


#: edges over which staff take a promise: while it waits, is claimed, or its telephone rings
BY_STAFF: Final[Mapping[Edge, Callable[[App, int], Any]]] = {
    (S.WAITING, E.MOVE): _move,  # first, since hours are free before it is known how many agents there are
    (S.WAITING, E.CANCEL): _cancel,
    (S.WAITING, E.SETTLE): _settle,
    (S.CLAIMED, E.CANCEL): _cancel,
    (S.CLAIMED, E.SETTLE): _settle,
    (S.DIALLING, E.CANCEL): _cancel,
    (S.DIALLING, E.SETTLE): _settle,
}
#: edges over which a number that is never called back takes it, with what it comes to
BY_BLOCK: Final[Mapping[Edge, PromiseState]] = {
    (S.WAITING, E.GIVE_UP): S.CLOSED,
    (S.CLAIMED, E.RELEASE): S.CLOSED,
}
LOST_LINE: Final = (S.CONNECTED, E.CUT_OFF)
FREEZE: Final = (
    "CREATE TABLE frozen (e164 varchar, event varchar)",
    """CREATE FUNCTION stop_at() RETURNS trigger AS $$ BEGIN
         IF EXISTS (SELECT 1 FROM frozen f JOIN promise p ON p.e164 = f.e164
                    WHERE p.id = NEW.promise_id AND f.event = NEW.event) THEN
           PERFORM pg_advisory_xact_lock(hashtext(NEW.event));
         END IF; RETURN NULL; END $$ LANGUAGE plpgsql""",
    """CREATE CONSTRAINT TRIGGER stop_at AFTER INSERT ON promise_step DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION stop_at()""",
)


@dataclass
class Floor:
    """A running Asterisk, an engine on PostgreSQL, and what was promised so far."""

    server: AsteriskServer
    postgres: PostgresServer
    app: App
    engine: EngineProcess
    taken: int = 0
    deserted: bool = False

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.postgres.home), user="winback", dbname="killed", autocommit=True)

    def number(self, digits: str) -> str:
        """A number of its own that ends so."""
        self.taken += 1
        fitting = [each.e164 for each in fictional_numbers(FICTIONAL_COUNT) if each.e164.endswith(digits)]
        return fitting[self.taken]

    def promise(self, e164: str, at: datetime | None = None) -> int:
        """A promised call, due now or later."""
        now = self.app.clock()
        request = PromiseRequest(
            e164=e164,
            queue="support",
            source_call=f"call-{e164}",
            virtual_join=now - timedelta(minutes=1),
            wanted=at,
        )
        made = make_promise(self.app.database, request, now)
        assert isinstance(made, MadePromise), made
        return made.id

    def later(self) -> datetime:
        """An hour that is free to be chosen."""
        return open_slots(self.app.database, "support", None, self.app.clock())[0].start

    def state(self, promise: int) -> PromiseState:
        with self.connect() as database:
            row = database.execute("SELECT state FROM promise WHERE id = %s", [promise]).fetchone()
        assert row is not None
        return PromiseState(row[0])

    def rung(self, e164: str) -> int:
        """How often this number rang, by Asterisk's own log."""
        return self.server.log().count(f"[{e164.removeprefix('+')}@test-customers:1]")

    @contextmanager
    def held_at(self, e164: str, event: PromiseEvent, begin: Callable[[], Any]) -> Iterator[None]:
        """Hold up the commit of the step that `begin` brings about, for as long as the block runs."""
        with self.connect() as held:
            held.execute("INSERT INTO frozen VALUES (%s, %s)", [e164, event.value])
            held.execute("SELECT pg_advisory_lock(hashtext(%s))", [event.value])
            begun = begin()
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

            def is_held() -> bool:
                if isinstance(begun, Future) and begun.done():
                    begun.result()  # raises why it came to no commit
                return held.execute(waits).fetchone() != (0,)

            self.wait(is_held, f"{event} is committed")
            yield
            held.execute("DELETE FROM frozen WHERE event = %s", [event.value])

    def kill_at(self, e164: str, event: PromiseEvent, begin: Callable[[], Any]) -> None:
        """Kill Asterisk in the middle of the commit of this step, and start it again."""
        with self.held_at(e164, event, begin):
            self.server.kill()
        self.engine.signal(signal.SIGCONT)  # where it was stopped before it came to the call
        self.server.start()

    def claimed(self, e164: str) -> int:
        """A promise whose claim is committed by an engine that does not get to the call."""
        made: list[int] = []
        with self.held_at(e164, E.CLAIM, lambda: made.append(self.promise(e164))):
            self.engine.signal(signal.SIGSTOP)
        self.wait(lambda: self.state(made[0]) is S.CLAIMED, "it is claimed")
        return made[0]

    def block(self, e164: str) -> None:
        """Nobody calls this number back any more; what is open of it is found out when it is called."""
        with self.app.database.write() as tx:
            callback_blocks.add(tx, e164, "did not ask", "staff", self.app.clock())

    def bring_up(self, promise: int) -> None:
        """Its turn has come."""
        with self.connect() as database:
            database.execute(
                "UPDATE promise SET next_action_at = %s WHERE id = %s", [self.app.clock(), promise]
            )

    def wait(self, condition: Callable[[], Any], what: str) -> None:
        try:
            wait_until(lambda: bool(condition()), WITHIN_S, what)
        except TimeoutError as late:
            members = [each.pairs for each in self.members()]
            pytest.fail(
                f"{late}; members {members}; PBX {self.server.cli('core show uptime')}\n{self.engine.tail()}"
            )

    def settled(self, promise: int) -> bool:
        """Nobody is at it: over, or waiting for its time."""
        return self.state(promise) not in {S.CLAIMED, S.DIALLING, S.CONNECTED}

    def agents_free(self) -> bool:
        """All are in the queue, and none is paused or in use."""
        members = self.members()
        return len(members) == len(self.app.settings.agents) and all(
            each.get("Paused") == "0" and each.get("InCall") == "0" for each in members
        )

    def wait_for_agents(self) -> None:
        """They are back by themselves; where once they were not, nobody waits for them again."""
        if self.deserted:
            pytest.fail("the agents did not come back in a test before")
        self.deserted = True
        self.wait(self.agents_free, "the agents are back by themselves")
        self.deserted = False

    def members(self) -> list[Frame]:
        """Who is in the queue, as Asterisk says it."""
        with self.server.observer() as ami:
            listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", "outbound")])
        return [each for each in listed if each.event == "QueueMember"]


@pytest.fixture(scope="module")
def floor(
    asterisk: Callable[[str], Installation], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Floor]:
    home, ami, folder = asterisk("sid"), free_port(), tmp_path_factory.mktemp("killed")
    with ExitStack() as stack:
        try:
            postgres = stack.enter_context(postgres_server())
        except LookupError as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(str(missing))
            pytest.skip(str(missing))
        with psycopg.connect(
            host=str(postgres.home), user="winback", dbname="postgres", autocommit=True
        ) as database:
            database.execute("CREATE DATABASE killed")
        settings = settings_of(folder / "data", ami, home.version.value, postgres.url("killed"))
        app = stack.enter_context(open_app(settings))
        files = {**render(make_pbx_config(settings), home.version), "test_extensions.conf": STAGE}
        server = stack.enter_context(AsteriskServer(home, files, ami_port=ami))
        engine = EngineProcess(settings, folder / "engine.log")
        stack.callback(engine.stop)
        floor = Floor(server, postgres, app, engine)
        with floor.connect() as database:
            for statement in FREEZE:
                database.execute(statement)
        floor.wait(lambda: engine.said("engine_leads"), "it leads")
        log_in(floor)
        yield floor


def settings_of(data: Path, ami: int, version: int, url: str) -> Settings:
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    return Settings(
        data_dir=data,
        database_url=url,
        clock_shift_s=shift.total_seconds(),
        pbx=PbxSettings(host="127.0.0.1", port=ami, secret=SECRET, version=version),
        agi=AgiSettings(port=free_port()),
        trunks=[TrunkSettings(name="main", dial="Local/{number}@test-customers/n")],
        agents=[
            AgentSettings(id=f"a{n}", phone=f"Local/ok{n}@test-phones/n", code=f"{100 + n}") for n in (1, 2)
        ],
        caller_id="+442079460000",
        calling=CallingSettings(ring_s=15),
        callbacks=CallbackSettings(ask_key=False),
        pacing=PacingSettings(wrap_up_limit_s=0.3, tick_s=0.1),
        log_level="info",
    )


def log_in(floor: Floor) -> None:
    with floor.server.observer() as ami:
        for agent in floor.app.settings.agents:
            ami.call(
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{agent.code}"), ("Priority", "1"),
            )  # fmt: skip
    floor.wait(floor.agents_free, "the agents are there")


def test_every_edge_is_killed_at() -> None:
    assert {*BY_STAFF, *BY_CALL, *BY_BLOCK, LOST_LINE} == PROMISE.table.keys()


@pytest.mark.parametrize("edge", BY_STAFF, ids="-".join)
def test_asterisk_killed_while_staff_take_the_step(floor: Floor, edge: Edge) -> None:
    floor.wait_for_agents()
    e164 = floor.number(RINGS)
    rings = edge[0] is S.DIALLING
    if edge[0] is S.CLAIMED:
        promise = floor.claimed(e164)
    else:
        promise = floor.promise(e164, None if rings else floor.later())
    if rings:
        floor.wait(lambda: floor.rung(e164), "the telephone rings")
    with ThreadPoolExecutor(1) as staff:
        floor.kill_at(e164, edge[1], lambda: staff.submit(BY_STAFF[edge], floor.app, promise))

    assert floor.state(promise) is PROMISE.table[edge]
    assert floor.rung(e164) == int(rings)
    assert_kept_whole(floor, e164, promise)


@pytest.mark.parametrize("edge", BY_CALL, ids="-".join)
def test_asterisk_killed_while_a_call_takes_the_step(floor: Floor, edge: Edge) -> None:
    floor.wait_for_agents()
    e164 = floor.number(BY_CALL[edge])
    made: list[int] = []

    floor.kill_at(e164, edge[1], lambda: made.append(floor.promise(e164)))

    assert_kept_whole(floor, e164, made[0])


@pytest.mark.parametrize("edge", BY_BLOCK, ids="-".join)
def test_asterisk_killed_while_a_number_that_is_never_called_takes_the_step(floor: Floor, edge: Edge) -> None:
    """Before its turn the engine finds it out, after that the dial permit."""
    floor.wait_for_agents()
    e164 = floor.number(BY_CALL[S.DIALLING, E.CONNECT])
    promise = floor.promise(e164, floor.later())

    def find_out() -> None:
        if edge[0] is S.WAITING:
            floor.block(e164)
            floor.bring_up(promise)
        else:
            with floor.held_at(e164, E.CLAIM, lambda: floor.bring_up(promise)):
                floor.block(e164)

    floor.kill_at(e164, edge[1], find_out)

    floor.wait(lambda: floor.state(promise) is BY_BLOCK[edge], "it is closed")
    assert floor.rung(e164) == 0
    assert_kept_whole(floor, e164, promise)


def test_asterisk_killed_while_a_lost_line_takes_the_step(floor: Floor) -> None:
    """Whose talk was cut off is called again at once: that is the second ring, and keeps the promise."""
    floor.wait_for_agents()
    with floor.server.observer() as ami:
        ami.ask("Setvar", [("Variable", "ENDS_BY"), ("Value", NETWORK_OUT_OF_ORDER)])  # until the kill
    e164 = floor.number(BY_CALL[S.CONNECTED, E.TALKED])
    made: list[int] = []

    floor.kill_at(e164, E.CUT_OFF, lambda: made.append(floor.promise(e164)))

    floor.wait(lambda: floor.state(made[0]) is S.KEPT, "it is kept by the next call")
    assert_kept_whole(floor, e164, made[0], rings=2)


def assert_kept_whole(floor: Floor, e164: str, promise: int, *, rings: int = 1) -> None:
    """Nobody is at the promise, it was rung so often at most, and all promises add up."""
    floor.wait(lambda: floor.settled(promise), "somebody says what became of it")
    assert floor.rung(e164) <= rings
    audit = audit_promises(floor.app.database, "UTC")
    assert audit.adds_up, audit
    assert promise_faults(floor.app.database, floor.app.clock()).stuck == ()

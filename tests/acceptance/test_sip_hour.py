"""An hour of a centre's callers on real Asterisks, over SIP and with keys: the book is the queue log.

Played thirty times as fast: sixty people ring in within half a minute and four agents talk for seconds, so
that there is a queue. A third of the people want to be called back, some of these ring in again meanwhile,
some do not pick up, and some give up early.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from acceptance.engine_process import EngineProcess
from asterisk.callers import SipCallers
from asterisk.carrier import sip_calls
from asterisk.sip import SipPerson, pjsip_conf
from bench.testbed.dialplan_actors import STAGE
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import MODULES, SIP_MODULES, AsteriskServer, wait_until

from dialer.bootstrap import make_pbx_config, open_app
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.promises.ledger_audit import audit_promises
from dialer.services.promises.promise_faults import PromiseFaults, promise_faults
from dialer.settings import CallbackSettings, CallingSettings, PacingSettings, Settings
from telephony.asterisk.config.render import render
from telephony.numbers import fictional_numbers

AGENTS: Final = 4
FIRST_NUMBER: Final = 6000  # of the fictional ones; the centre's own is none of these
APART: Final = 47  # so far apart in their order, of three numbers that ask the last digit is 9
WAYS: Final = {"asks": 22, "stays": 26, "gives_up": 12}  # sixty people
AGAIN: Final = 5  # of those who ask: they ring in once more
EVERY_S: Final = {"asks": 1.3, "stays": 1.1, "gives_up": 2.4}  # one after the other, over half a minute
WITHIN_S: Final = 300.0  # of a step that takes seconds alone
COARSE_S: Final = 3.0  # the queue log has whole seconds: two of them, and a busy machine's moment
SECRET: Final = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
MAIN_NUMBER: Final = "441632960002"
FROM_CARRIER: Final = """
[from-carrier]
exten => _X.,1,Goto(winback-inbound,support,1)
"""
CALLERS: Final = """
[callers]
type = endpoint
context = from-carrier
disallow = all
allow = ulaw
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes

[callers]
type = identify
endpoint = callers
match = 127.0.0.1
"""
Row = dict[str, Any]


@dataclass(frozen=True)
class Hour:
    """A running Asterisk with SIP agents and a carrier, and the engine's settings."""

    server: AsteriskServer
    settings: Settings
    sip_port: int
    carrier: SipPerson
    folder: Path

    def book(self, query: str) -> list[Row]:
        """Rows of the book."""
        with sqlite3.connect(self.settings.data_dir / "winback.db", timeout=10.0) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query)]

    def log(self, queue: str) -> dict[str, list[list[str]]]:
        """The queue log's rows of each call in this queue."""
        found: dict[str, list[list[str]]] = defaultdict(list)
        for row in self.server.queue_log():
            if row[2] == queue:
                found[row[1]].append(row)
        return {call: rows for call, rows in found.items() if any(row[4] == "ENTERQUEUE" for row in rows)}


@pytest.fixture(params=[pytest.param(suite, id=name) for name, suite in (("22", "sid"), ("16", "bullseye"))])
def hour(
    request: pytest.FixtureRequest, asterisk: Callable[[str], Installation], tmp_path: Path
) -> Iterator[Hour]:
    home, ami, sip = asterisk(request.param), free_port(), free_port()
    settings = settings_of(tmp_path / "data", ami, home.version.value)
    with ExitStack() as stack:
        carrier = stack.enter_context(SipPerson("called_back", tmp_path))
        phones = {
            agent.id: stack.enter_context(SipPerson("talks_shortly", tmp_path)) for agent in settings.agents
        }
        sip_conf = pjsip_conf(sip, {"carrier": carrier, **phones})
        sip_conf = sip_conf.replace("[carrier]\n", "[carrier]\ndtmf_mode = info\n", 1)
        files = {
            **render(make_pbx_config(settings), home.version),
            "test_extensions.conf": STAGE + FROM_CARRIER,
            "pjsip.conf": sip_conf + CALLERS,
            "rtp.conf": "[general]\nrtpstart = 22000\nrtpend = 23999\n",
            "sorcery.conf": "",
            "pjproject.conf": "[startup]\n",
        }
        modules = (*SIP_MODULES, *MODULES)
        server = stack.enter_context(AsteriskServer(home, files, ami_port=ami, modules=modules))
        yield Hour(server, settings, sip, carrier, tmp_path)


def settings_of(data: Path, ami: int, version: int) -> Settings:
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    return Settings(
        data_dir=data,
        clock_shift_s=shift.total_seconds(),
        # a busy machine answers and renews late; a link or a lead that is given up has no times of meanwhile
        pbx=PbxSettings(
            host="127.0.0.1", port=ami, secret=SECRET, version=version, action_timeout_s=30, lease_s=60
        ),
        agi=AgiSettings(port=free_port()),
        trunks=[TrunkSettings(name="main", dial="PJSIP/{number}@carrier")],
        agents=[
            AgentSettings(id=f"a{n}", phone=f"PJSIP/a{n}", code=f"{100 + n}") for n in range(1, AGENTS + 1)
        ],
        caller_id="+441632960001",
        calling=CallingSettings(ring_s=15),
        callbacks=CallbackSettings(attempts=2, retry_no_answer_s=2, retry_ours_s=1),
        pacing=PacingSettings(wrap_up_limit_s=0.3, tick_s=0.1),
        log_level="info",
    )


@pytest.mark.timeout(420)
def test_an_hour_of_callers_is_in_the_book_as_the_queue_log_has_it(hour: Hour) -> None:
    engine = EngineProcess(hour.settings, hour.folder / "engine.log")
    try:
        wait(lambda: engine.said("engine_leads"), "it leads", engine)
        agents_log_in(hour)
        ring_in(hour, engine)
        wait(lambda: is_quiet(hour), "every promise came to its end", engine)
    finally:
        engine.stop()

    calls = {row["caller"]: row for row in hour.book("select * from inbound_call")}
    promises = {row["source_call"]: row for row in hour.book("select * from promise")}
    attempts = hour.book("select * from attempt where consumed_at is not null")
    log, returned = hour.log("support"), hour.log("outbound")
    show(hour, calls, promises, attempts)

    assert calls.keys() == log.keys(), "whoever was in the queue, and nobody else"
    assert differences(calls, log) == []
    left_by_key = {call for call, row in calls.items() if how(row) == "left by key"}
    assert promises.keys() == left_by_key, "who left by the key was promised a call"
    talks = {row["id"]: row["agent"] for row in attempts if row["outcome"] == "connected"}
    assert talks == {
        call: next(row[3] for row in rows if row[4] == "CONNECT")
        for call, rows in returned.items()
        if any(row[4] == "CONNECT" for row in rows)
    }, "who talked with whom in the calls back"
    rung = Counter(row["e164"].removeprefix("+") for row in attempts)
    assert rung == Counter(call.number for call in sip_calls(hour.carrier.messages)), "as the carrier saw it"
    for row in promises.values():
        assert row["state"] in {"kept", "settled", "closed"}, row
        served = [
            call for call in calls.values() if call["agent"] and call["e164"] == row["e164"]
            and call["joined_at"] < row["ended_at"]
        ]  # fmt: skip
        assert (row["state"] == "closed") == (row["e164"].endswith("9") and not served), (row, served)
    with open_app(hour.settings) as app:
        audit = audit_promises(app.database, "UTC")
        assert audit.adds_up, audit
        assert audit.error == 0, audit
        assert promise_faults(app.database, app.clock()) == PromiseFaults()
    assert {row["state"] for row in promises.values()} == {"kept", "settled", "closed"}, "all of it happened"


def ring_in(hour: Hour, engine: EngineProcess) -> None:
    """Sixty people, and some of those who asked once more."""
    fiction = fictional_numbers(APART * sum(WAYS.values()), start=FIRST_NUMBER)[::APART]
    numbers = iter(each.e164.replace("+44", "0", 1) for each in fiction)
    people = {way: [next(numbers) for _ in range(count)] for way, count in WAYS.items()}
    with ExitStack() as stack:

        def ring(way: str, who: list[str]) -> SipCallers:
            return stack.enter_context(
                SipCallers(way, who, MAIN_NUMBER, hour.sip_port, hour.folder, EVERY_S[way])
            )

        groups = [ring(way, who) for way, who in people.items()]
        # the newest of those who wait still; on a quiet machine agents are quick, and few do at a time
        asked = "select * from promise order by state = 'waiting' desc, id desc"
        wait(lambda: len(hour.book(asked)) >= AGAIN, "calls are promised", engine)
        again = [row["e164"].replace("+44", "0", 1) for row in hour.book(asked)[:AGAIN]]
        groups.append(ring("stays", again))
        wait(lambda: all(group.over for group in groups), "everybody has rung in and gone", engine)


def agents_log_in(hour: Hour) -> None:
    with hour.server.observer() as ami:
        for agent in hour.settings.agents:
            ami.call(
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{agent.code}"), ("Priority", "1"),
            )  # fmt: skip

        def members() -> int:
            listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", "support")])
            return sum(each.event == "QueueMember" for each in listed)

        wait_until(lambda: members() == AGENTS, WITHIN_S, "every agent is there")


def is_quiet(hour: Hour) -> bool:
    """Nobody of the queue log is still on the way into the book, no promise is open, and no call is."""
    open_ = "select 1 from promise where state not in ('kept', 'settled', 'closed', 'cancelled')"
    calls = "select 1 from inbound_call where ended_at is null"
    known = {row["caller"] for row in hour.book("select caller from inbound_call")}
    return not hour.log("support").keys() - known and not hour.book(open_) and not hour.book(calls)


def how(row: Row) -> str:
    """What the book says became of a caller."""
    if row["agent"]:
        return "served"
    return "gave up" if row["abandoned"] else "left by key"


LOGGED: Final = {"CONNECT": "served", "ABANDON": "gave up", "EXITWITHKEY": "left by key"}


def differences(calls: dict[str, Row], log: dict[str, list[list[str]]]) -> list[str]:
    """Each caller of whom the book says something else than the queue log: the end, the agent, the wait."""
    found = []
    for call, rows in log.items():
        row, end = calls[call], [each for each in rows if each[4] in LOGGED][-1]
        if not (row["connected_at"] or row["left_at"]):
            found.append(f"{call}: nobody knows how long they waited: {row}; log: {rows}")
            continue
        over = datetime.fromisoformat(row["connected_at"] or row["left_at"])
        waited_s = (over - datetime.fromisoformat(row["joined_at"])).total_seconds()
        logged_s = int(end[0]) - int(rows[0][0])
        same = (how(row), row["agent"] or "NONE") == (LOGGED[end[4]], end[3])
        if not same or abs(waited_s - logged_s) > COARSE_S:
            found.append(f"{call}: {how(row)} by {row['agent']} after {waited_s:.1f} s; log: {rows}")
    return found


def show(hour: Hour, calls: dict[str, Row], promises: dict[str, Row], attempts: list[Row]) -> None:
    """The hour's table."""
    ends = Counter(map(how, calls.values()))
    states = Counter(row["state"] for row in promises.values())
    outcomes = Counter(row["outcome"] for row in attempts)
    lines = [
        f"Asterisk {hour.server.home.major}: {len(calls)} calls by {sum(WAYS.values())} callers",
        *(f"  {word:<24}{count:>4}" for word, count in sorted(ends.items())),
        *(f"  promise {word:<16}{count:>4}" for word, count in sorted(states.items())),
        *(f"  call back {word:<14}{count:>4}" for word, count in sorted(outcomes.items())),
    ]
    print("\n" + "\n".join(lines))  # noqa: T201 - the hour's table


def wait(condition: Callable[[], Any], what: str, engine: EngineProcess) -> None:
    try:
        wait_until(lambda: bool(condition()), WITHIN_S, what)
    except TimeoutError as late:
        pytest.fail(f"{late}\n{engine.tail()}")

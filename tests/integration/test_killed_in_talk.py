"""An engine killed while people talk, and another one after it: the book has talks as the queue log does.

Two customers and two live callers talk. One of each hangs up while no engine is there, the others after the
new one has taken over.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance.engine_process import EngineProcess
from bench.testbed.dialplan_actors import LONGEST_S, STAGE
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer, wait_until

from dialer.bootstrap import make_pbx_config, open_app
from dialer.core.calling.campaign import CampaignEvent
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.settings import Settings
from telephony.asterisk.config.render import render
from telephony.numbers import FICTIONAL_COUNT, fictional_numbers

WITHIN_S = 60.0
#: Asterisk tells whole seconds, of the hold and of the talk: two of them, and a busy machine's moment
COARSE_S = 3.0
UNSEEN_S = 2 * COARSE_S
SECRET = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
#: rings for 0.2 s, answers and stays
CUSTOMERS = [each.e164 for each in fictional_numbers(FICTIONAL_COUNT) if each.e164[-3:] == "102"][:2]
CALLERS = 2
TALKS = len(CUSTOMERS) + CALLERS


@dataclass(frozen=True)
class Centre:
    """The running Asterisk, and the engine's settings and log."""

    server: AsteriskServer
    settings: Settings
    log: Path

    @contextmanager
    def engine(self) -> Iterator[EngineProcess]:
        engine = EngineProcess(self.settings, self.log)
        try:
            yield engine
        finally:
            engine.kill()

    def book(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, the oldest first."""
        with sqlite3.connect(self.settings.data_dir / "winback.db") as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(f"select * from {table} order by connected_at")]

    def talks(self) -> dict[str, dict[str, Any]]:
        """Every talk of the book, by its channel."""
        found = {row["id"]: row for row in self.book("attempt")}
        found |= {row["caller"]: row for row in self.book("inbound_call")}
        return {call: row for call, row in found.items() if row["connected_at"] is not None}

    def over(self) -> set[str]:
        return {call for call, row in self.talks().items() if row["ended_at"] is not None}

    def hang_up(self, calls: set[str]) -> None:
        """Who talks in these calls puts the phone down."""
        with self.server.observer() as ami:
            channels = ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
            for channel in channels:
                if channel.get("Uniqueid") in calls:
                    ends = channel.get("Channel").replace(";1", ";2")
                    assert ami.ask("Hangup", [("Channel", ends)]).response == "Success"
        wait_until(lambda: calls <= self.measured().keys(), WITHIN_S, "the queue log has the talks")

    def measured(self) -> dict[str, tuple[str, float]]:
        """Agent and length of each talk that is over, by Asterisk's own record."""
        ended = {"COMPLETECALLER", "COMPLETEAGENT"}
        return {row[1]: (row[3], float(row[6])) for row in self.server.queue_log() if row[4] in ended}


@pytest.fixture
def centre(asterisk: Callable[[str], Installation], tmp_path: Path) -> Iterator[Centre]:
    home = asterisk("sid")
    ami_port = free_port()
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    settings = Settings(
        data_dir=tmp_path / "data",
        clock_shift_s=shift.total_seconds(),
        pbx=PbxSettings(
            host="127.0.0.1", port=ami_port, secret=SECRET, version=home.version.value, lease_s=1
        ),  # type: ignore[arg-type]
        agi=AgiSettings(port=free_port()),
        trunks=[TrunkSettings(name="main", dial="Local/{number}@test-customers/n")],
        agents=[AgentSettings(id=f"a{n}", code=f"{100 + n}") for n in range(1, TALKS + 1)],
        caller_id="+442079460000",
    )
    files = {**render(make_pbx_config(settings), home.version), "test_extensions.conf": STAGE}
    with AsteriskServer(home, files, ami_port=ami_port) as server:
        yield Centre(server, settings, tmp_path / "engine.log")


def test_talks_are_in_the_book_as_the_queue_log_has_them(centre: Centre) -> None:
    agents_log_in(centre)
    start_campaign(centre.settings)
    with centre.engine() as engine:
        wait_until(lambda: len(centre.talks()) == len(CUSTOMERS), WITHIN_S, "both customers talk")
        ring_in(centre)
        wait_until(lambda: len(centre.talks()) == TALKS, WITHIN_S, "everybody talks")
        engine.kill()
    customer, other_customer, caller, other_caller = centre.talks()

    centre.hang_up({customer, caller})
    over_at = datetime.now(UTC)
    wait_until(lambda: (datetime.now(UTC) - over_at).total_seconds() > UNSEEN_S, WITHIN_S, "nobody looks")
    with centre.engine():
        wait_until(lambda: centre.over() == {customer, caller}, WITHIN_S, "what ended unseen is in the book")
        centre.hang_up({other_customer, other_caller})
        wait_until(lambda: len(centre.over()) == TALKS, WITHIN_S, "every talk is over in the book")

    talks, measured = centre.talks(), centre.measured()
    assert {call: row["agent"] for call, row in talks.items()} == {
        call: agent for call, (agent, _) in measured.items()
    }
    differ = {call: abs(row["talk_s"] - measured[call][1]) for call, row in talks.items()}
    assert {call: by for call, by in differ.items() if by > COARSE_S} == {}
    assert {row["outcome"] for row in centre.book("attempt")} == {"connected"}


def agents_log_in(centre: Centre) -> None:
    with centre.server.observer() as ami:
        for agent in centre.settings.agents:
            ami.call(
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{agent.code}"), ("Priority", "1"),
            )  # fmt: skip


def start_campaign(settings: Settings) -> None:
    with open_app(settings) as app:
        customers = [
            CustomerRow(external_id=f"c{e164}", name="Customer", numbers=(e164,), attributes={})
            for e164 in CUSTOMERS
        ]
        store_customers(app.database, customers, app.clock())
        draft = CampaignDraft(
            name="stay", queue="outbound", trunk="main", holdout_share=0.0, explore_share=0.0
        )
        create_campaign(app.database, draft, app.clock())
        move_campaign(app.database, "stay", CampaignEvent.START, app.clock(), "test")


def ring_in(centre: Centre) -> None:
    with centre.server.observer() as ami:
        for number in range(CALLERS):
            ami.call(
                ("Channel", f"Local/listen{LONGEST_S}@test-callers/n"), ("Context", "winback-inbound"),
                ("Exten", "support"), ("Priority", "1"), ("CallerID", f'"" <0770090012{number}>'),
            )  # fmt: skip

"""Winback as a guest in the sample site: its own calls against what the carriers saw, the site's as before.

A real Asterisk run as its own user, nine registered phones, two carriers, a switchboard queue. Two campaigns
of a hundred customers each; agents who hold, who transfer, whose phone plays before it answers; a key that
a caller presses; early media; every refusal a carrier knows.
"""

import asyncio
import socket
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from asterisk.carrier import SipCall, sip_calls
from asterisk.sip import BEHAVIOURS, COLLEAGUE, SipPerson, press_one
from asterisk.site import OWN_USER, SITE, SiteServer, site_files
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import wait_until
from contract.wire_tap import WireTap

from dialer.bootstrap import App, make_pbx_config, open_app
from dialer.cli.doctor_checks import look_at_everything
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.calling.list_filter import ListFilter
from dialer.engine.engine import Engine
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.settings import CallingSettings, PacingSettings, Settings
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.files import remove_config
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.names import name_in_asterisk
from telephony.asterisk.config.render import render
from telephony.asterisk.own_parts import QUESTIONS as OWN_QUESTIONS
from telephony.numbers import fictional_numbers

LEADS: Final = 100  # of each campaign
LONGEST_S: Final = 600.0  # of a step, on a busy machine
SECRET: Final = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
#: how an agent's phone behaves: most just talk, one holds, one passes everybody on
AGENTS: Final[Mapping[str, str]] = {
    "101": "answers", "102": "answers", "103": "answers", "104": "answers_early",
    "105": "holds", "106": "transfers",
}  # fmt: skip
#: reception, back office, and whom calls are passed on to
OTHERS: Final[Mapping[str, str]] = {"107": "answers", "108": "answers", COLLEAGUE: "leaves"}
MAIN_NUMBER: Final = "441632960002"  # of those that lead into our queue
CARRIERS: Final = ("carrier-a", "carrier-b")
ANSWERED: Final = frozenset({"connected", "abandoned", "hung_up_waiting", "machine"})
#: what is not ours to name: the site's queue, reception, back office and the colleague
SITES_OWN: Final = frozenset({"700", *(f"PJSIP/{name}" for name in OTHERS)})
QUESTIONS: Final = frozenset(each.name for each in OWN_QUESTIONS) | {"Login", "Challenge", "Ping", "Logoff"}
ACTS: Final = frozenset({"Originate", "QueueAdd", "QueuePause", "QueueRemove", "Hangup", "SetVar"})
#: what every fault that is seeded comes to at the carriers, in the book's words
WAYS_TO_END: Final = frozenset(
    {"answered", "bad_number", "broken_off", "busy", "congestion", "no_answer", "rejected"}
)
APART_S: Final = 1.5  # between a BYE at the carrier and the agent's own, on a busy machine
COUNTED_S: Final = 1.5  # the queue log has whole seconds; who was passed on left a moment before its row
COMPLETED: Final = ("COMPLETECALLER", "COMPLETEAGENT")


@dataclass(frozen=True)
class Site:
    """The running site with Winback in it."""

    server: SiteServer
    settings: Settings
    sip_port: int
    carriers: Mapping[str, SipPerson]
    phones: Mapping[str, SipPerson]


@pytest.fixture
def site(asterisk: Callable[[str], Installation], tmp_path: Path) -> Iterator[Site]:
    ami, sip = free_port(), free_port(socket.SOCK_DGRAM)
    settings = settings_of(tmp_path / "data", ami)
    with ExitStack() as stack:
        carriers = {name: stack.enter_context(SipPerson("carrier", tmp_path)) for name in CARRIERS}
        ports = {name: carrier.port for name, carrier in carriers.items()}
        files = site_files(ami_port=ami, sip_port=sip, carriers=ports)
        server = stack.enter_context(SiteServer(asterisk("sid"), files, ami_port=ami))
        server.take_in(render(make_pbx_config(settings), AsteriskVersion.V22))
        phones = {}
        for name, kind in {**AGENTS, **OTHERS}.items():
            phone = SipPerson(kind, tmp_path)
            phone.register(name, f"sample-{name}", sip)
            phones[name] = stack.enter_context(phone)
        wait_until(lambda: answering(server) == set(CARRIERS), 90, "both carriers answer Asterisk")
        yield Site(server, settings, sip, carriers, phones)


def answering(server: SiteServer) -> set[str]:
    """The carriers that Asterisk knows to be there."""
    contacts = server.cli("pjsip show contacts")
    return {name for name in CARRIERS for line in contacts.splitlines() if name in line and " Avail " in line}


def id_of(phone: str) -> str:
    """An agent's id as people have them, with a letter that Asterisk does not take."""
    return f"Zo\u00eb-{phone}"


def settings_of(data: Path, ami: int) -> Settings:
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    return Settings(
        data_dir=data,
        clock_shift_s=shift.total_seconds(),
        # a stalled machine renews late, and who loses the lead hears nothing of what happens meanwhile
        pbx=PbxSettings(host="127.0.0.1", port=ami, secret=SECRET, lease_s=60),  # type: ignore[arg-type]
        agi=AgiSettings(port=free_port()),
        trunks=[
            TrunkSettings(
                name=carrier[-1], dial=f"PJSIP/{{number}}@{carrier}", channels=30, calls_per_second=10
            )
            for carrier in CARRIERS
        ],
        agents=[AgentSettings(id=id_of(name), phone=f"PJSIP/{name}", code=name) for name in AGENTS],
        caller_id="+441632960001",
        calling=CallingSettings(ring_s=15),
        pacing=PacingSettings(wrap_up_limit_s=0.3, tick_s=0.1),
        log_level="error",
    )


@pytest.mark.timeout(1200)
def test_two_hundred_calls_are_in_the_book_as_the_carriers_saw_them(site: Site) -> None:
    before = site.server.cli("queue show 700")
    registered = site.server.cli("pjsip show contacts")
    assert sum(f"{name}/sip:" in registered for name in (*AGENTS, *OTHERS)) == len(AGENTS) + len(OTHERS)

    sent = asyncio.run(dial(site))

    show_actions(sent)
    assert [each for each in sent if SITES_OWN & {value for _, value in each.pairs}] == []
    assert {each.action for each in sent if each.action not in QUESTIONS} <= ACTS
    book = attempts(site.settings)
    truth = {name: sip_calls(site.carriers[name].messages) for name in CARRIERS}
    calls = [call for each in truth.values() for call in each]
    pairs = paired(book, calls)
    show(pairs)
    assert [(row and dict(row), call) for row, call in pairs if not agrees(row, call)] == []
    check_talks(book, site.server.queue_log())
    assert {call.ended_as for call in calls} >= WAYS_TO_END
    assert Counter(row["trunk"] for row in book) == {name[-1]: len(truth[name]) for name in CARRIERS}
    connected = {row["id"]: row["agent"] for row in book if row["outcome"] == "connected"}
    assert [row[5] for row in site.server.queue_log() if row[4] == "EXITWITHKEY"] == ["1"], "key 1, over SIP"
    log = [row for row in site.server.queue_log() if row[1].startswith("wb-")]
    names = {attempt: name_in_asterisk(agent) for attempt, agent in connected.items()}
    assert names == {row[1]: row[3] for row in log if row[4] == "CONNECT"}
    assert {name for name in AGENTS if id_of(name) not in connected.values()} == set(), "everybody worked"
    assert len(site.phones[COLLEAGUE].called()) > 0, "calls were passed on"
    assert members(site.server.cli("queue show 700")) == members(before), "the site's queue is as it was"
    assert any(row[2] == "700" and row[4] == "CONNECT" for row in site.server.queue_log())


def test_the_site_runs_as_its_own_user_and_is_as_before_when_the_guest_is_gone(site: Site) -> None:
    assert site.server.runs_as() == OWN_USER
    site.server.restart()
    assert "support" in site.server.cli("queue show")

    remove_config(site.server.etc)
    site.server.restart()

    assert list(site.server.etc.glob("winback_*")) == []
    assert "support" not in site.server.cli("queue show")
    assert "700 has" in site.server.cli("queue show")
    for name in ("queues.conf", "agents.conf"):
        assert (site.server.etc / name).read_text() == (SITE / name).read_text()


async def dial(site: Site) -> list[Frame]:
    """Two campaigns from the first call to the last, and two callers at the switchboard meanwhile.

    Every action that the engine sends Asterisk meanwhile.
    """
    async with WireTap("127.0.0.1", site.server.ami_port) as tap:
        pbx = site.settings.pbx.model_copy(update={"port": tap.port})
        await dial_as(site, site.settings.model_copy(update={"pbx": pbx}))
        return tap.sent


async def dial_as(site: Site, settings: Settings) -> None:
    with open_app(settings) as app:
        engine = Engine(app)
        running = asyncio.create_task(engine.run())
        try:
            await until("the engine listens", lambda: engine.agi_port is not None, running)
            findings = await asyncio.to_thread(look_at_everything, site.settings)
            assert [each for each in findings if not each.ok] == [], "doctor finds no fault"
            await asyncio.to_thread(press_one, MAIN_NUMBER, site.sip_port, site.settings.data_dir)
            for name in AGENTS:
                await asyncio.to_thread(
                    site.server.cli, f"channel originate PJSIP/{name} extension *51{name}@from-internal"
                )
            start_campaigns(app)
            await asyncio.to_thread(call_the_switchboard, site)
            await until("every lead was tried", lambda: tried(site.settings) >= 2 * LEADS, running)
            engine.rest()
            await until("no call is in the air", lambda: on_their_way(site.settings) == 0, running)
        finally:
            engine.stop()
            await asyncio.wait_for(running, 30)
    quiet = "core show channels count"
    await asyncio.to_thread(
        wait_until, lambda: "0 active channels" in site.server.cli(quiet), 60, "every talk is over"
    )


def start_campaigns(app: App) -> None:
    """A campaign of each carrier's, with every behaviour among its customers."""
    numbers = [each.e164 for each in fictional_numbers(len(CARRIERS) * LEADS)]
    for place, carrier in enumerate(CARRIERS):
        customers = [
            CustomerRow(external_id=f"c{e164}", name="Customer", numbers=(e164,), attributes={"way": carrier})
            for e164 in numbers[place * LEADS : (place + 1) * LEADS]
        ]
        store_customers(app.database, customers, app.clock())
        draft = CampaignDraft(
            name=carrier, queue="outbound", trunk=carrier[-1], caller_id="+441632960001", ring_s=15,
            holdout_share=0.0, explore_share=0.0, filters=ListFilter(equals={"way": carrier}),
        )  # fmt: skip
        create_campaign(app.database, draft, app.clock())
        move_campaign(app.database, carrier, CampaignEvent.START, app.clock(), "test")


def call_the_switchboard(site: Site) -> None:
    """A colleague rings the company's own queue, whose members are nobody's agents."""
    with site.server.observer() as ami:
        ami.call(
            ("Channel", f"PJSIP/{COLLEAGUE}"), ("Context", "from-internal"), ("Exten", "700"),
            ("Priority", "1"),
        )  # fmt: skip


def paired(book: list[sqlite3.Row], calls: list[SipCall]) -> list[tuple[sqlite3.Row | None, SipCall | None]]:
    """Each attempt of the book with its call at the carrier, number by number, in the order they began."""
    rows: dict[str, list[sqlite3.Row]] = defaultdict(list)
    seen: dict[str, list[SipCall]] = defaultdict(list)
    for row in book:
        rows[row["e164"].removeprefix("+")].append(row)
    for call in calls:
        seen[call.number].append(call)
    pairs: list[tuple[sqlite3.Row | None, SipCall | None]] = []
    for number in rows.keys() | seen.keys():
        ours, theirs = rows[number], seen[number]
        longest = max(len(ours), len(theirs))
        pairs += zip(
            [*ours, *[None] * (longest - len(ours))],
            [*theirs, *[None] * (longest - len(theirs))],
            strict=True,
        )
    return pairs


def agrees(row: sqlite3.Row | None, call: SipCall | None) -> bool:
    """Whether the book says what the carrier saw."""
    if row is None or call is None:
        return False
    if call.ended_as != "answered":
        return bool(row["outcome"] == call.ended_as)
    if row["outcome"] not in ANSWERED:
        return False
    return row["outcome"] != "connected" or row["talk_s"] <= call.talk_s + APART_S


def check_talks(book: list[sqlite3.Row], log: list[list[str]]) -> None:
    """Each talk is as long as the PBX's own log has it."""
    talks = [row for row in book if row["outcome"] == "connected"]
    counted = {each[1]: float(each[6]) for each in log if each[4] in COMPLETED}
    assert {row["id"] for row in talks if not row["handed_over_at"]} <= counted.keys()
    both = [(row["id"], row["talk_s"], counted[row["id"]]) for row in talks if row["id"] in counted]
    assert [each for each in both if abs(each[1] - each[2]) > COUNTED_S] == []


def show(pairs: list[tuple[sqlite3.Row | None, SipCall | None]]) -> None:
    """The ring's table: what the carrier saw, what the book says, and how many differ."""
    cells: Counter[tuple[str, str]] = Counter(
        (call.ended_as if call else "no call", row["outcome"] if row else "no attempt") for row, call in pairs
    )
    differ = sum(not agrees(*pair) for pair in pairs)
    print(f"\n{'at the carrier':<16}{'in the book':<18}{'calls':>6}")  # noqa: T201 - the ring's table
    for (seen, said), count in sorted(cells.items()):
        print(f"{seen:<16}{said:<18}{count:>6}")  # noqa: T201
    print(f"{len(pairs)} calls, {differ} differ; behaviours: {', '.join(BEHAVIOURS)}")  # noqa: T201


def show_actions(sent: list[Frame]) -> None:
    """Every kind of action that was sent, with the queue or context it names, and how often."""
    named = Counter((each.action, each.get("Queue") or each.get("Context")) for each in sent)
    print(f"\n{'action':<20}{'names':<24}{'sent':>6}")  # noqa: T201 - the ring's table
    for (action, what), count in sorted(named.items()):
        print(f"{action:<20}{what or '-':<24}{count:>6}")  # noqa: T201


def members(shown: str) -> list[str]:
    """Who is in a queue, without what a call changes."""
    return sorted(line.split("(ringinuse")[0].strip() for line in shown.splitlines() if "(Local/" in line)


def attempts(settings: Settings) -> list[sqlite3.Row]:
    return rows(settings, "select * from attempt where consumed_at is not null order by created_at")


def tried(settings: Settings) -> int:
    return len(rows(settings, "select distinct lead_id from attempt where ended_at is not null"))


def on_their_way(settings: Settings) -> int:
    return len(rows(settings, "select id from attempt where ended_at is null"))


def rows(settings: Settings, query: str) -> list[sqlite3.Row]:
    with sqlite3.connect(settings.data_dir / "winback.db") as database:
        database.row_factory = sqlite3.Row
        return database.execute(query).fetchall()


async def until(what: str, condition: Callable[[], bool], engine: "asyncio.Task[None]") -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST_S
    while not await asyncio.to_thread(condition):
        assert not engine.done(), engine
        assert loop.time() < deadline, f"not within {LONGEST_S:g} s: {what}"
        await asyncio.sleep(0.2)

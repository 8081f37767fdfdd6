"""An agent's day through the engine: asked for on a page, done at the PBX, and seen again in the database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract.wire_tap import WireTap
from databases.centre import MONDAY, Centre
from sqlalchemy import select, update
from starlette.testclient import TestClient

from dialer.bootstrap import App, open_app
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Attempt, Lead
from dialer.engine.engine import Engine
from dialer.lab.replay import read_trace
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings
from dialer.services.agents.agents import AgentCard, agent_card, list_agents, wish
from dialer.services.agents.contacts import agent_words
from dialer.services.agents.dispositions import record_disposition
from dialer.services.agents.leaves import Direction, direct_agent, plan_leave
from dialer.services.agents.previews import ask_for_call, skip_preview
from dialer.services.calls.leadership import release_lease
from dialer.services.campaigns.campaigns import campaign_list
from dialer.settings import PacingSettings, Settings
from dialer.web.app import create_app
from dialer.web_settings import LoginSettings, WebSettings
from telephony.simulator.behaviour import Behaviour, CallerPlay, Reach, SimulatedAgent
from telephony.simulator.server import SimulatedPbx

SECRET = "winback-on-loopback"  # noqa: S105 - a simulated PBX
WITHIN_S = 60.0
PHONE, HEADSET, DEAF = "ben", "anna", "dee"
# whoever is rung answers and talks until the agent hangs up
PEOPLE = Behaviour(
    agents=(
        SimulatedAgent(id=HEADSET),
        SimulatedAgent(id=PHONE, reach=Reach.PHONE),
        SimulatedAgent(id=DEAF, reach=Reach.DEAF),
    ),
    agent_answers_after_s=0.2, agent_ring_limit_s=0.4, callers_per_hour=0, answer_probability=1.0,
    busy_probability=0, reject_probability=0, bad_number_probability=0, least_ring_s=0.3, ring_scale_s=0.01,
    talk_mean_s=3600, talk_cv=0.01,
)  # fmt: skip


class Day:
    """A centre with its engine and a simulated PBX, and what the pages would ask and see."""

    def __init__(self, app: App, pbx: SimulatedPbx, database: Centre, tap: WireTap) -> None:
        self.app, self.pbx, self.database, self.tap = app, pbx, database, tap

    def card(self, agent: str) -> AgentCard | None:
        return agent_card(self.app.database, agent)

    def ask(self, agent: str, word: Any) -> None:
        assert wish(self.app.database, agent, word)

    def leaves(self, agent: str, kind: LeaveKind, reason: str = "", *, in_s: float = 0) -> None:
        at = self.app.clock() + timedelta(seconds=in_s)
        assert plan_leave(self.app.database, agent, Leave(at=at, kind=kind, reason=reason))

    async def until(self, what: str, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(WITHIN_S):
            while not (found := condition()):  # noqa: ASYNC110 - the database sends no notification here
                await asyncio.sleep(0.02)
        assert found, what
        return found

    async def sees(self, agent: str, state: AgentState, reason: str | None = None) -> AgentCard:
        def seen() -> AgentCard | None:
            card = self.card(agent)
            fits = card is not None and card.state is state and reason in (None, card.reason)
            return card if fits else None

        try:
            found: AgentCard = await self.until(f"{agent} {state}", seen)
        except TimeoutError:
            raise AssertionError(f"{agent} is not {state} {reason!r} but {self.card(agent)}") from None
        return found

    def planned(self, agent: str) -> Leave | None:
        """The leave that this agent still has before them."""
        card = self.card(agent)
        return card.leave if card is not None else None

    async def talks(self, agent: str) -> AgentCard:
        """The card once it is the customer's: a page may learn of the talk before the call is written."""

        def seen() -> AgentCard | None:
            card = self.card(agent)
            return card if card and card.state is AgentState.TALKING and card.call else None

        found: AgentCard = await self.until(f"{agent} talks", seen)
        return found

    async def logs_in(self, agent: str) -> None:
        await self.sees(agent, AgentState.OFFLINE)
        self.ask(agent, "log_in")
        await self.sees(agent, AgentState.READY)

    def say(self, agent: str) -> None:
        card = self.card(agent)
        assert card is not None
        assert card.call is not None
        record_disposition(
            self.app.database, agent, card.call.attempt, Disposition.SAVED, "", None, self.app.clock()
        )


@asynccontextmanager
async def day(folder: Path, behaviour: Behaviour = PEOPLE, **pacing: Any) -> AsyncIterator[Day]:
    pbx = SimulatedPbx(behaviour, seed=3, username="winback", secret=SECRET)
    tap = WireTap("127.0.0.1", await pbx.start())
    await tap.__aenter__()
    settings = Settings(
        data_dir=folder,
        clock_shift_s=(MONDAY - datetime.now(UTC)).total_seconds(),
        caller_id="+442079460999",
        pbx=PbxSettings(host="127.0.0.1", port=tap.port, secret=SECRET),
        agi=AgiSettings(port=0),
        agents=[
            AgentSettings(id=HEADSET, headset="PJSIP/100"),
            AgentSettings(id=PHONE, phone=f"PJSIP/{PHONE}"),
            AgentSettings(id=DEAF, phone=f"PJSIP/{DEAF}"),
        ],
        web=WebSettings(login=LoginSettings(mode="off")),
        pacing=PacingSettings(**{"tick_s": 0.05, "wrap_up_limit_s": 600, **pacing}),
        log_level="error",
    )
    with open_app(settings) as app:
        database = Centre(app.database)
        release_lease(app.database, database.leadership_of_pbx)
        engine = Engine(app)

        async def tell_pbx(agi: int) -> None:
            pbx.agi = (("127.0.0.1", agi),)

        running = asyncio.create_task(engine.run(on_agi=tell_pbx))
        try:
            yield Day(app, pbx, database, tap)
        finally:
            engine.stop()
            await asyncio.wait_for(running, WITHIN_S)
            await tap.__aexit__()
            await pbx.stop()


def live(scene: Callable[[Day], Awaitable[None]], folder: Path, **kinds: Any) -> None:
    async def play() -> None:
        async with day(folder, **kinds) as today:
            await scene(today)

    asyncio.run(play())


def test_a_phone_is_in_the_queues_from_log_in_to_log_out(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.logs_in(PHONE)
        today.leaves(PHONE, LeaveKind.PAUSE, "lunch")
        await today.sees(PHONE, AgentState.PAUSED, "lunch")
        await today.until("the leave is carried out", lambda: today.planned(PHONE) is None)
        today.ask(PHONE, "resume")
        await today.sees(PHONE, AgentState.READY)
        today.leaves(PHONE, LeaveKind.LOG_OUT)
        await today.sees(PHONE, AgentState.OFFLINE)
        assert today.pbx.exchange.queue_system.members[PHONE].paused == {}

    live(scene, tmp_path)


def test_a_headset_is_rung_to_log_in_and_hung_up_to_log_out(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.leaves(HEADSET, LeaveKind.LOG_OUT)
        await today.sees(HEADSET, AgentState.OFFLINE)
        assert today.pbx.exchange.queue_system.members[HEADSET].headset is None
        await today.logs_in(HEADSET)

    live(scene, tmp_path)


@pytest.mark.parametrize("kind", list(LeaveKind))
def test_who_talks_leaves_after_the_wrap_up_and_never_before(tmp_path: Path, kind: LeaveKind) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.database.customers(1)
        today.database.campaign()
        await today.talks(HEADSET)
        today.leaves(HEADSET, kind, "lunch" if kind is LeaveKind.PAUSE else "")
        assert today.pbx.exchange.agent_hangs_up(HEADSET)
        card = await today.sees(HEADSET, AgentState.WRAPPING_UP)
        assert card.leave is not None
        today.say(HEADSET)
        if kind is LeaveKind.PAUSE:
            await today.sees(HEADSET, AgentState.PAUSED, "lunch")
        else:
            await today.sees(HEADSET, AgentState.OFFLINE)

    live(scene, tmp_path)


def test_a_leave_at_an_hour_waits_for_it_and_can_be_taken_back(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.logs_in(PHONE)
        today.leaves(PHONE, LeaveKind.PAUSE, "lunch", in_s=3600)
        today.leaves(HEADSET, LeaveKind.PAUSE, "meeting", in_s=1)
        await today.sees(HEADSET, AgentState.PAUSED, "meeting")
        card = await today.sees(PHONE, AgentState.READY)
        assert card.leave is not None
        assert plan_leave(today.app.database, PHONE, None)

    live(scene, tmp_path)


def test_who_needs_longer_gets_it_and_is_told_until_when(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.database.customers(1)
        today.database.campaign()
        await today.talks(HEADSET)
        assert today.pbx.exchange.agent_hangs_up(HEADSET)
        card = await today.sees(HEADSET, AgentState.WRAPPING_UP)
        assert card.until == card.since + timedelta(seconds=600)
        today.ask(HEADSET, "longer")
        await today.until(
            "twice the time",
            lambda: today.card(HEADSET).until == card.since + timedelta(seconds=1200),  # type: ignore[union-attr]
        )

    live(scene, tmp_path)


def test_a_press_on_the_page_reaches_the_pacers_facts_and_teaches_it(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        settings, clock = today.app.settings, today.app.clock
        page = TestClient(create_app(today.app.database, settings, clock), base_url="http://127.0.0.1:8000")
        await today.sees(HEADSET, AgentState.READY)
        today.database.customers(1)
        today.database.campaign(mode="predictive")
        card = await today.talks(HEADSET)
        assert card.call is not None
        press = {"attempt": card.call.attempt}
        answer = await asyncio.to_thread(
            page.post, f"/agents/{HEADSET}/closing", data=press, follow_redirects=False
        )
        assert answer.status_code == 303
        await today.until("the talk's word", lambda: told(tmp_path, "talking"))
        assert today.pbx.exchange.agent_hangs_up(HEADSET)
        await today.sees(HEADSET, AgentState.WRAPPING_UP)
        assert not told(tmp_path, "wrapping_up")
        await today.until("the end", lambda: today.card(HEADSET).call.ended_at)  # type: ignore[union-attr]
        await asyncio.to_thread(page.post, f"/agents/{HEADSET}/closing", data=press, follow_redirects=False)
        await today.until("the wrap-up's word", lambda: told(tmp_path, "wrapping_up"))
        today.say(HEADSET)
        await today.until("the end of the wrap-up", lambda: kept(tmp_path, "wrap_up_ended"))
        for kind in ("talk_ended", "wrap_up_ended"):
            (lesson,) = kept(tmp_path, kind)
            assert lesson["closing_s"] is not None
            assert lesson["closing_s"] > 0.0

    live(scene, tmp_path, trace=True)


def test_who_was_left_alone_gets_an_agent_whom_nobody_else_reaches(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.leaves(HEADSET, LeaveKind.LOG_OUT)
        await today.sees(HEADSET, AgentState.OFFLINE)
        today.database.customers(1)
        today.database.campaign(mode="predictive")
        with today.app.database.write() as tx:  # as an abandoned call leaves it, once the spacing is over
            tx.execute(update(Lead).values(owed=True))
        today.ask(PHONE, "log_in")
        await today.talks(PHONE)
        with today.app.database.read() as tx:
            assert [(f"desk_{PHONE}", PHONE)] == tx.execute(
                select(Attempt.queue, Attempt.reserved_agent)
            ).all()

    live(scene, tmp_path)


def kept(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The records of one kind in the only trace, as far as it is written."""
    files = (folder / "traces").iterdir() if (folder / "traces").exists() else ()
    return [record for path in files for record in read_trace(path) if record["kind"] == kind]


def told(folder: Path, state: str) -> list[float]:
    """For how long the one agent had said, in this state, that it is about to end, by decision."""
    agents = [agent for record in kept(folder, "decide") for agent in record["facts"]["agents"]]
    return [
        agent["closing_s"] for agent in agents if agent["state"] == state and agent["closing_s"] is not None
    ]


def test_a_wrap_up_ends_by_itself(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.database.customers(1)
        today.database.campaign()
        await today.talks(HEADSET)
        assert today.pbx.exchange.agent_hangs_up(HEADSET)
        await today.sees(HEADSET, AgentState.WRAPPING_UP)
        await today.sees(HEADSET, AgentState.READY)

    live(scene, tmp_path, wrap_up_limit_s=4)  # long enough to be seen on a busy machine


def test_missed_rings_pause_the_agent_and_their_number_is_kept(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.logs_in(DEAF)
        today.leaves(HEADSET, LeaveKind.PAUSE, "lunch")
        await today.sees(HEADSET, AgentState.PAUSED, "lunch")
        today.pbx.ring_in(
            CallerPlay(number="07700900123", patience_s=60, talk_s=60, presses_one_after_s=None)
        )
        card = await today.sees(DEAF, AgentState.PAUSED, "did_not_answer")
        assert card.missed == 2
        today.ask(DEAF, "resume")
        await today.until("rung again", lambda: today.card(DEAF).missed == 0)  # type: ignore[union-attr]

    live(scene, tmp_path)


def test_a_restarted_pbx_takes_everybody_back_as_they_were(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.logs_in(PHONE)
        await today.logs_in(DEAF)
        today.leaves(DEAF, LeaveKind.PAUSE, "lunch")
        await today.sees(DEAF, AgentState.PAUSED, "lunch")
        kernel = today.pbx.exchange.kernel
        # a PBX tells its start in whole seconds, and two of them may be the same start
        await today.until("another start", lambda: kernel.unix_now - kernel.booted_at > 3)
        today.pbx.restart()
        assert today.pbx.exchange.queue_system.members[PHONE].paused == {}
        members = today.pbx.exchange.queue_system.members
        await today.until("back", lambda: members[PHONE].paused and members[HEADSET].headset)
        await today.sees(PHONE, AgentState.READY)
        await today.sees(DEAF, AgentState.PAUSED, "lunch")
        await today.sees(HEADSET, AgentState.READY)

    live(scene, tmp_path)


def test_a_supervisors_word_is_done_and_said(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        said = Direction(act="pause", why="fire drill", reason="meeting")
        assert direct_agent(today.app.database, HEADSET, said, today.app.clock(), "lead")
        card = await today.sees(HEADSET, AgentState.PAUSED, "meeting")
        assert "fire drill" in card.told
        said = Direction(act="resume", why="it is over")
        assert direct_agent(today.app.database, HEADSET, said, today.app.clock(), "lead")
        await today.sees(HEADSET, AgentState.READY)

    live(scene, tmp_path)


def test_a_preview_is_called_for_the_agent_who_read_it_and_for_nobody_else(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.logs_in(PHONE)
        today.database.customers(3)
        today.database.campaign(mode="preview")
        mine, theirs = [
            await today.until("a preview", lambda agent=agent: today.card(agent).preview)  # type: ignore[union-attr]
            for agent in (PHONE, HEADSET)
        ]
        assert mine.lead != theirs.lead
        assert today.pbx.truth().attempts == {}  # nobody is rung before an agent says so
        assert ask_for_call(today.app.database, PHONE, mine.lead)
        card = await today.sees(PHONE, AgentState.RESERVED)
        assert card.preview is not None
        assert card.preview.lead == mine.lead  # the card stays while the customer's phone rings
        card = await today.talks(PHONE)
        assert card.call is not None
        card = await today.until("no preview", lambda: _without_preview(today.card(PHONE)))
        assert (card.preview, card.call.state.value) == (None, "connected")
        (attempt,) = today.pbx.truth().attempts.values()
        assert attempt.agent == PHONE
        other = await today.sees(HEADSET, AgentState.READY)
        assert other.preview is not None
        assert other.preview.lead == theirs.lead

    live(scene, tmp_path, behaviour=replace(PEOPLE, least_ring_s=1.5))


def _without_preview(card: AgentCard | None) -> AgentCard | None:
    return card if card is not None and card.preview is None else None


def test_after_the_limit_of_a_wrap_up_the_next_customer_comes_and_the_word_stays_due(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.database.customers(2)
        today.database.campaign(mode="preview")
        first = await today.until("a preview", lambda: today.card(HEADSET).preview)  # type: ignore[union-attr]
        assert ask_for_call(today.app.database, HEADSET, first.lead)
        card = await today.talks(HEADSET)
        assert card.call is not None
        talk = card.call.attempt
        assert today.pbx.exchange.agent_hangs_up(HEADSET)
        await today.sees(HEADSET, AgentState.WRAPPING_UP)
        await today.sees(HEADSET, AgentState.READY)  # the centre ended the wrap-up
        second = await today.until("the next", lambda: today.card(HEADSET).preview)  # type: ignore[union-attr]
        assert second.lead != first.lead
        assert today.card(HEADSET).call is None  # type: ignore[union-attr]
        due = agent_words(today.app.database, HEADSET, today.app.clock()).due
        assert [word.attempt for word in due] == [talk]

    live(scene, tmp_path, wrap_up_limit_s=1.5)  # states are seen twice a second: shorter, it may pass unseen


def test_a_skipped_customer_comes_up_later_and_an_unread_one_at_once(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.database.customers(2)
        campaign = today.database.campaign(mode="preview")
        first = await today.until("a preview", lambda: today.card(HEADSET).preview)  # type: ignore[union-attr]
        assert skip_preview(today.app.database, HEADSET, first.lead, "not now", today.app.clock())
        second = await today.until("the next", lambda: today.card(HEADSET).preview)  # type: ignore[union-attr]
        assert second.lead != first.lead
        rows = {row.lead: row for row in campaign_list(today.app.database, campaign.id)}
        assert rows[first.lead].next_at > today.app.clock() + timedelta(hours=1)
        await today.sees(HEADSET, AgentState.PAUSED, "did_not_start")  # neither called nor skipped
        card = today.card(HEADSET)
        assert card is not None
        assert card.preview is None
        assert {row.state for row in campaign_list(today.app.database, campaign.id)} == {LeadState.LISTED}
        assert today.pbx.truth().attempts == {}

    live(scene, tmp_path, preview_limit_s=2.0)


RECEPTION, STRANGER = "reception", "x1"
# one of our phones is in somebody else's queue by another name, and a stranger by the name of one of ours
SHARED_PBX = replace(
    PEOPLE, elsewhere={RECEPTION: {PHONE: "Front desk", STRANGER: HEADSET}},
    strangers=(SimulatedAgent(id=STRANGER, reach=Reach.PHONE),),
)  # fmt: skip


def test_a_day_beside_somebody_elses_queue_touches_nothing_of_it(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        members = today.pbx.exchange.queue_system.members
        await today.sees(HEADSET, AgentState.READY)
        await today.logs_in(PHONE)
        for _ in SHARED_PBX.elsewhere[RECEPTION]:  # one for each of its members
            today.pbx.ring_in(
                CallerPlay(
                    number="07700900123", patience_s=60, talk_s=2, presses_one_after_s=None, queue=RECEPTION
                )
            )
        await today.sees(PHONE, AgentState.TALKING)  # the phone is busy, and that is all
        assert (await today.sees(HEADSET, AgentState.READY)).call is None
        await today.sees(PHONE, AgentState.READY)

        today.database.customers(2)
        today.database.campaign()
        for agent in (PHONE, HEADSET):
            await today.talks(agent)
        assert members[PHONE].paused[RECEPTION] is None, "wrapping up is no pause in the other queue"
        for agent in (PHONE, HEADSET):
            assert today.pbx.agent_hangs_up(agent)
            await today.sees(agent, AgentState.WRAPPING_UP)
            today.say(agent)
            await today.sees(agent, AgentState.READY)
        today.leaves(PHONE, LeaveKind.PAUSE, "lunch")
        await today.sees(PHONE, AgentState.PAUSED, "lunch")
        today.ask(PHONE, "resume")
        await today.sees(PHONE, AgentState.READY)
        today.leaves(PHONE, LeaveKind.LOG_OUT)
        await today.sees(PHONE, AgentState.OFFLINE)
        assert members[PHONE].paused == {RECEPTION: None}

        now = today.app.clock()
        assert {card.id for card in list_agents(today.app.database, now)} == {HEADSET, PHONE, DEAF}
        sent = Counter((each.action, each.get("Queue"), each.get("Interface")) for each in today.tap.sent)
        named = {value for each in today.tap.sent for _, value in each.pairs}
        assert not named & {RECEPTION, f"PJSIP/{STRANGER}"}, sent
        assert ("QueuePause", "", f"PJSIP/{PHONE}") not in sent
        assert sent["QueuePause", "support", f"PJSIP/{PHONE}"] > 0

    live(scene, tmp_path, behaviour=SHARED_PBX)

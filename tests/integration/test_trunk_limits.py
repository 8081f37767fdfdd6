"""What the engine asks of a trunk: never more calls in a second, nor at once, than were bought."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer.bootstrap import open_app
from dialer.core.calling.campaign import CampaignEvent
from dialer.db.models import Attempt
from dialer.engine.engine import Engine
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from dialer.settings import PacingSettings, Settings
from telephony.numbers import FICTIONAL_COUNT, fictional_numbers
from telephony.simulator.behaviour import Behaviour, SimulatedAgent
from telephony.simulator.server import SimulatedPbx

AGENTS, LEADS, PROMISES = 12, 10, 8
CHANNELS, A_SECOND = 7, 3
LONGEST_S = 60.0
TALKS_A_SECOND = "710"  # last digits: answers, and leaves after a second


def people(count: int) -> list[str]:
    chosen = [each.e164 for each in fictional_numbers(FICTIONAL_COUNT) if each.e164[-3:] == TALKS_A_SECOND]
    return chosen[:count]


async def dial_everybody(folder: Path) -> list[Attempt]:
    agents = [f"a{n}" for n in range(AGENTS)]
    behaviour = Behaviour(
        agents=tuple(SimulatedAgent(id=agent) for agent in agents), scripted=True, callers_per_hour=0
    )
    pbx = SimulatedPbx(behaviour, seed=3)
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    settings = Settings(
        data_dir=folder,
        clock_shift_s=shift.total_seconds(),
        pbx=PbxSettings(host="127.0.0.1", port=await pbx.start(), username="winback", secret="winback"),  # type: ignore[arg-type] # noqa: S106
        agi=AgiSettings(port=0),
        trunks=[TrunkSettings(name="main", channels=CHANNELS, calls_per_second=A_SECOND)],
        agents=[AgentSettings(id=agent) for agent in agents],
        caller_id="+442079460000",
        pacing=PacingSettings(wrap_up_limit_s=0.1, tick_s=0.05),
        log_level="error",
    )
    with open_app(settings) as app:
        numbers = people(LEADS + PROMISES)
        rows = [
            CustomerRow(external_id=f"c{index}", name="", numbers=(number,), attributes={})
            for index, number in enumerate(numbers)
        ]
        store_customers(app.database, rows, app.clock())
        draft = CampaignDraft(
            name="stay", queue="outbound", trunk="main", caller_id="+442079460000", holdout_share=0.0,
            top=LEADS,
        )  # fmt: skip
        create_campaign(app.database, draft, app.clock())
        move_campaign(app.database, "stay", CampaignEvent.START, app.clock(), "test")
        for index, number in enumerate(numbers[LEADS:]):
            joined = app.clock() - timedelta(minutes=20 - index)
            asked = PromiseRequest(
                e164=number, queue="support", source_call=f"call-{index}", virtual_join=joined
            )
            assert isinstance(make_promise(app.database, asked, app.clock()), MadePromise)
        engine = Engine(app)

        async def listens(port: int) -> None:
            pbx.agi = (("127.0.0.1", port),)

        running = asyncio.create_task(engine.run(on_agi=listens))

        def over() -> list[Attempt]:
            with app.database.read() as tx:
                found = list(tx.query(Attempt).filter(Attempt.ended_at.is_not(None)))
                tx.expunge_all()
                return found

        try:
            async with asyncio.timeout(LONGEST_S):
                while len(over()) < LEADS + PROMISES:
                    assert not running.done(), running
                    await asyncio.sleep(0.1)
            return over()
        finally:
            engine.stop()
            await asyncio.wait_for(running, 15)
            await pbx.stop()


def test_promises_and_campaigns_together_keep_a_trunks_limits(tmp_path: Path) -> None:
    attempts = asyncio.run(dial_everybody(tmp_path))

    assert {row.promise_id is not None for row in attempts} == {True, False}
    placed = sorted(row.created_at for row in attempts)
    second = timedelta(seconds=1)
    assert max(sum(at - second < other <= at for other in placed) for at in placed) <= A_SECOND
    at_once = [sum(row.created_at <= at < (row.ended_at or at) for row in attempts) for at in placed]
    assert max(at_once) <= CHANNELS

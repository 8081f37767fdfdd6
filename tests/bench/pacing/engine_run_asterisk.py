"""The lab's scenario on a real Asterisk: customers are dialplan, drawn from the lab's distributions.

Agents have standing connections and end their wrap-ups as people do at their page. Engine, database, dial
permit and AMI are the real ones; Asterisk's own record of its queues is counted beside the engine's trace.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bench.pacing.engine_run import FloorPlan, floor_settings, judge, run_campaign
from bench.pacing.expected_floor import BUSY_BEFORE_S, Play
from bench.testbed.dialplan_actors import LONGEST_S, STAGE
from bench.testbed.install import KNOWN_SUITES, install
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer

from dialer.bootstrap import make_pbx_config, open_app
from dialer.pbx_settings import PbxSettings
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render

SUITE: Final = "sid"
BUSY_CAUSE, NORMAL_CAUSE = 17, 16


def customers(plays: Mapping[str, Play]) -> str:
    """A dialplan context in which each number behaves as drawn."""
    lines = ["[floor-customers]"]
    for number, play in plays.items():
        if play.answers:
            steps = [
                f"Wait({play.ring_s:.2f})",
                "Answer()",
                f"Wait({play.talk_s:.2f})",
                f"Hangup({NORMAL_CAUSE})",
            ]
        elif play.ring_s < BUSY_BEFORE_S:
            steps = [f"Wait({play.ring_s:.2f})", f"Hangup({BUSY_CAUSE})"]
        else:
            steps = [f"Wait({LONGEST_S})"]  # given up on by the dialler's own limit
        lines += [f"exten => {number},1,Ringing()", *(f" same => n,{step}" for step in steps)]
    return "\n".join([*lines, ""])


async def run_asterisk(config: FloorPlan, folder: Path, *, seeds: int) -> dict[str, Any]:
    """The plan on a real Asterisk in real time; raises `CannotInstall` where there can be none."""
    ami_port, agi_port = free_port(), free_port()
    at = PbxSettings(host="127.0.0.1", port=ami_port, username="winback", secret=secrets.token_urlsafe(16))
    settings = floor_settings(
        config, folder, pbx=at, agi_port=agi_port, trunk="Local/{number}@floor-customers/n"
    )
    files = {
        **render(make_pbx_config(settings), AsteriskVersion(KNOWN_SUITES[SUITE])),
        "test_extensions.conf": STAGE + customers(config.plays()),
    }
    server = AsteriskServer(await asyncio.to_thread(install, SUITE), files, ami_port=ami_port)

    async def log_in() -> None:
        await asyncio.to_thread(pick_up_headsets, server, [agent.code or "" for agent in settings.agents])

    try:
        await asyncio.to_thread(server.start)
        with open_app(settings) as app:
            realised = await run_campaign(app, config, log_in=log_in)
        counted = Counter(row[4] for row in server.queue_log() if row[1].startswith("wb-"))
    finally:
        await asyncio.to_thread(server.__exit__)
    return {
        **judge(config, realised, seeds=seeds, pbx=f"Asterisk {KNOWN_SUITES[SUITE]}"),
        "queue_log": {
            "connected": counted["CONNECT"],
            "in_vain": counted["ABANDON"] + counted["EXITWITHTIMEOUT"],
        },
    }


def pick_up_headsets(server: AsteriskServer, codes: list[str]) -> None:
    """A standing connection for everybody."""
    with server.observer() as ami:
        for code in codes:
            ami.ask("Originate", [
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{code}"), ("Priority", "1"), ("Async", "true"),
            ])  # fmt: skip

"""The lab's world on a real Asterisk: does the engine do there what the lab says it will?

    PYTHONPATH=.:tests python tests/asterisk/floor.py sid --agents 30 --minutes 20

Customers are dialplan, drawn from the lab's own laws; agents have standing connections and end their
wrap-ups as people do at their page. Engine, book, gate and AMI are the real ones. Prints one JSON object:
the figures from the engine's trace beside the lab's interval, and Asterisk's own count of connected and
abandoned calls.
"""

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asterisk.install import KNOWN_SUITES, install
from asterisk.server import AsteriskServer, free_port
from asterisk.stage import LONGEST_S, STAGE

from dialer.bootstrap import make_plan, open_house
from dialer.cli.floor import FloorPlan, floor_settings, judge, run_campaign
from dialer.lab.floor import BUSY_BEFORE_S, Play
from dialer.settings import PbxSettings
from telephony.asterisk.plan import AsteriskVersion
from telephony.asterisk.render import render

SECRET = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
BUSY_CAUSE, NO_ANSWER_CAUSE, NORMAL_CAUSE = 17, 19, 16


def customers(plays: Mapping[str, Play]) -> str:
    """A dialplan context in which each number behaves as drawn."""
    lines = ["[floor-customers]"]
    for number, play in plays.items():
        after = (
            ["Answer()", f"Wait({play.talk_s:.2f})", f"Hangup({NORMAL_CAUSE})"]
            if play.answers
            else [f"Hangup({BUSY_CAUSE if play.ring_s < BUSY_BEFORE_S else NO_ANSWER_CAUSE})"]
        )
        # who does not answer at all is given up on by the dialler's own limit
        ring_s = play.ring_s if play.answers or play.ring_s < BUSY_BEFORE_S else LONGEST_S
        steps = ["Ringing()", f"Wait({ring_s:.2f})", *after]
        lines += [f"exten => {number},1,{steps[0]}", *(f" same => n,{step}" for step in steps[1:])]
    return "\n".join([*lines, ""])


async def measure(suite: str, plan: FloorPlan, *, seeds: int, folder: Path) -> dict[str, Any]:
    """One run of the plan on this Asterisk."""
    ami_port, agi_port = free_port(), free_port()
    at = PbxSettings(host="127.0.0.1", port=ami_port, username="winback", secret=SECRET)  # type: ignore[arg-type]
    settings = floor_settings(
        plan, folder, pbx=at, agi_port=agi_port, trunk="Local/{number}@floor-customers/n"
    )
    files = {
        **render(make_plan(settings), AsteriskVersion(KNOWN_SUITES[suite])),
        "test_extensions.conf": STAGE + customers(plan.plays()),
    }
    server = AsteriskServer(await asyncio.to_thread(install, suite), files, ami_port=ami_port)
    await asyncio.to_thread(server.start)
    try:

        async def log_in() -> None:
            await asyncio.to_thread(headsets, server, [agent.code or "" for agent in settings.agents])

        with open_house(settings) as house:
            realised = await run_campaign(house, plan, log_in=log_in)
        counted = Counter(row[4] for row in server.queue_log() if row[1].startswith("wb-"))
    finally:
        await asyncio.to_thread(server.__exit__)
    return {
        **judge(plan, realised, seeds=seeds, pbx=f"Asterisk {KNOWN_SUITES[suite]}"),
        "queue_log": {
            "connected": counted["CONNECT"],
            "in_vain": counted["ABANDON"] + counted["EXITWITHTIMEOUT"],
        },
    }


def headsets(server: AsteriskServer, codes: list[str]) -> None:
    """A standing connection for everybody."""
    with server.observer() as ami:
        for code in codes:
            ami.ask("Originate", [
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{code}"), ("Priority", "1"), ("Async", "true"),
            ])  # fmt: skip


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", choices=list(KNOWN_SUITES))
    parser.add_argument("--agents", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--target", type=float, default=0.03)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lab-runs", type=int, default=20)
    given = parser.parse_args()
    plan = FloorPlan(
        agents=given.agents, target=given.target, seconds=60.0 * given.minutes, seed=given.seed
    )
    with tempfile.TemporaryDirectory(prefix="winback-floor-") as folder:
        figures = asyncio.run(measure(given.suite, plan, seeds=given.lab_runs, folder=Path(folder)))
    print(json.dumps(figures))  # noqa: T201 - a command speaks


if __name__ == "__main__":
    main()

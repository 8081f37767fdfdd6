"""What a floor of hundreds costs the browser of whoever watches it."""

import random
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, sync_playwright

from dialer.core.agents.state import AgentState
from telephony.bench.figures import Bar, at_most
from tests.browser.conftest import FLAGS, Served, chromium_path
from tests.browser.crowd import Crowd
from tests.browser.seeded import Seeded

PAGE_BYTES: Final = 60_000  # the whole floor of 300 agents
MAIN_THREAD: Final = 0.1  # of the time: what is left is for the hand and the screen reader
# how often an agent is seen in each state at a moment of a busy day
STATES: Final = (
    *[AgentState.TALKING] * 6,
    *[AgentState.READY] * 2,
    AgentState.RINGING,
    AgentState.WRAPPING_UP,
    AgentState.PAUSED,
)


def watch_floor(
    folder: Path, *, agents: int, changes: int, seconds: float, seed: int = 1
) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """Watch the floor in Chromium while so many agents a second change; figures and their bars."""
    chance = random.Random(seed)  # noqa: S311 - a made-up day, no secret
    seeded = Seeded(folder / "winback.db")
    crowd = Crowd(seeded, agents)
    served = Served(seeded).start()
    heard: list[int] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        page = browser.new_page(base_url=served.url)
        answer = page.goto("/agents")
        page.wait_for_selector("#link.is-up")
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable")
        cdp.send("Network.enable")
        cdp.on("Network.eventSourceMessageReceived", lambda event: heard.append(len(event["data"])))
        before, began = _busy_s(cdp), time.monotonic()
        while time.monotonic() - began < seconds:
            seeded.later(1)
            crowd.change(chance.sample(range(agents), changes), chance.choice(STATES))
            seeded.show()
            page.wait_for_timeout(1000)
        busy = (_busy_s(cdp) - before) / (time.monotonic() - began)
        size = len(answer.body()) if answer is not None else 0
        browser.close()
    served.stop()
    seeded.database.close()
    figures = {
        "floor": {
            "agents": agents,
            "page_bytes": size,
            "events": len(heard),
            "bytes_an_event": round(sum(heard) / max(1, len(heard))),
            "main_thread": round(busy, 4),
        }
    }
    return figures, [
        at_most("page, bytes", size, PAGE_BYTES),
        at_most("main thread, share of the time", busy, MAIN_THREAD),
    ]


def _busy_s(cdp: CDPSession) -> float:
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

"""Random days of an agent's in a browser: what was lost, what was wrong."""

import statistics
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer
from playwright.sync_api import sync_playwright

from dialer.cli.bench import AsJson, finish
from telephony.bench.figures import at_most
from tests.browser.agent_bot import AgentDay
from tests.browser.conftest import DEADLINE_S, FLAGS, Served, chromium_path
from tests.browser.seeded import Seeded

CARD_WITHIN_S: Final = 0.5  # until whoever says hello has the name before them

#: the page's own clock says when its card was drawn: who looks from outside looks a few times a second
WATCH: Final = """
selector => {
  window.drawn = new Promise((seen) => {
    const watch = new MutationObserver(() => {
      if (!document.querySelector(selector)) return;
      watch.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => seen(Date.now())));
    });
    watch.observe(document.body, { childList: true, subtree: true });
  });
}
"""

group = typer.Typer(name="desk", help="What an agent's page loses.", no_args_is_help=True)


@group.callback()
def desk() -> None:
    """What an agent's page loses."""


@group.command("days")
def bench_days(
    *,
    days: Annotated[int, typer.Option(min=1, help="Days, each by a seed of its own.")] = 200,
    calls: Annotated[int, typer.Option(min=1, max=40, help="Calls a day.")] = 12,
    first: Annotated[int, typer.Option(help="The first day's seed.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Work so many days with reloads, double clicks, two tabs and a cut network; 1 for any fault."""
    found: dict[str, list[str]] = {"lost notes": [], "wrong words": [], "wrong cards": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        for seed in range(first, first + days):
            with tempfile.TemporaryDirectory(prefix="winback-desk-") as folder:
                seeded = Seeded(Path(folder) / "winback.db")
                served = Served(seeded).start()
                page = browser.new_context(base_url=served.url).new_page()
                page.set_default_timeout(DEADLINE_S * 1000)
                day = AgentDay(seeded=seeded, page=page, seed=seed)
                try:
                    day.work(calls)
                    for kind, faults in day.faults().items():
                        found[kind] += [f"day {seed}: {fault}" for fault in faults]
                finally:  # a day that cannot go on ends here, and not never
                    page.context.close()
                    served.stop()
                    seeded.database.close()
        browser.close()
    typer.echo("\n".join(fault for faults in found.values() for fault in faults), err=True)
    figures = {"days": {"days": days, "calls": days * calls}}
    bars = [at_most(kind, float(len(faults)), 0.0) for kind, faults in found.items()]
    finish(figures, bars, as_json=as_json)


@group.command("card")
def bench_card(
    *,
    calls: Annotated[int, typer.Option(min=1, help="Calls.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Seconds from the moment at which the database knows of a talk until its card is on the page."""
    took = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="winback-desk-") as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        seeded = Seeded(Path(folder) / "winback.db")
        served = Served(seeded).start()
        page = browser.new_context(base_url=served.url).new_page()
        page.goto("/agents/amira")
        page.locator("#agent-card").wait_for()
        for _ in range(calls):
            attempt = seeded.ring()
            page.evaluate(WATCH, f".agent-card .words input[value='{attempt}']")
            began = page.evaluate("Date.now()")
            seeded.connect(attempt, "amira")
            served.app.state.deps.dashboards.ring()  # as the engine's notifier does at each change
            took.append((page.evaluate("window.drawn") - began) / 1000)
            seeded.hang_up(attempt, "amira")
        browser.close()
        served.stop()
        seeded.database.close()
    median = statistics.median(took)
    figures = {"card": {"median_s": round(median, 3), "longest_s": round(max(took), 3), "calls": calls}}
    finish(figures, [at_most("card, median seconds", round(median, 3), CARD_WITHIN_S)], as_json=as_json)

"""Takes a picture of every page and of the states that matter.

`PYTHONPATH=tests python -m tests.browser.pictures` does it, or of those that are named.

They and the page that shows them, docs/pictures.md, are made anew as a whole: whoever changes a page runs it.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, Served, chromium_path
from tests.browser.scenes import (
    caller,
    gives_offers,
    keeps_list,
    pauses,
    promised,
    records_talks,
    rings,
    seen_settings,
    sends_messages,
    talks,
    wraps_up,
)
from tests.browser.seeded import Seeded, busy_morning

DOCS: Final = Path(__file__).parents[2] / "docs"
FOLDER: Final = "pictures"
SIZE: Final = {"width": 1180, "height": 760}
QUALITY: Final = 60  # of 100: text stays sharp, a picture stays below 100 kB
TALLEST: Final = 1500  # a long list goes on as it begins
SETTLED_MS: Final = 400  # a page's own curves and times are drawn by then


def opens_booking(page: Page) -> None:
    page.locator("a[href*='/booking']").first.click()
    expect(page.locator("h1")).to_be_visible()


def opens_panel(page: Page) -> None:
    page.locator("a.square").first.click()
    expect(page.locator("#agent-panel")).to_be_visible()


def asks_to_finish(page: Page) -> None:
    page.get_by_role("button", name="Finish").first.click()


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what happened before the page is opened, what is done on it, and what it then shows."""

    name: str
    path: str
    shows: str
    before: Callable[[Seeded], None] | None = None
    then: Callable[[Page], None] | None = None


PICTURES: Final = (
    Picture("dashboard", "/", "the floor as it is now, and why so many calls are in the air"),
    Picture("agent-waits", "/agents/dev", "an agent who is free: the page changes by itself"),
    Picture("agent-rings", "/agents/ben", "the card, while it rings", before=rings),
    Picture("agent-talks", "/agents/ben", "a customer of a campaign is on the line", before=talks),
    Picture("agent-promise", "/agents/ben", "somebody who was promised a call", before=promised),
    Picture("agent-caller", "/agents/ben", "a live caller, to be linked to a customer", before=caller),
    Picture("agent-wraps-up", "/agents/ben", "the talk is over, its word is due", before=wraps_up),
    Picture("agent-pauses", "/agents/ben", "a pause, and the way back", before=pauses),
    Picture(
        "agent-books",
        "/agents/ben",
        "a call agreed on, into the slots that are free",
        before=talks,
        then=opens_booking,
    ),
    Picture("floor", "/agents", "everybody at work as squares, by team, whoever needs somebody first"),
    Picture("floor-panel", "/agents", "one agent beside the floor", then=opens_panel),
    Picture("campaigns", "/campaigns", "all campaigns and how far they are"),
    Picture("campaign-new", "/campaigns/new", "a list is made, counted before it is saved"),
    Picture("lists", "/lists", "lists that are kept by name", before=keeps_list),
    Picture("campaign", "/campaigns/1", "one campaign: results, effect, and why nobody is dialled"),
    Picture("campaign-edit", "/campaigns/1/edit", "a campaign is changed; what that means is said first"),
    Picture("campaign-recycle", "/campaigns/1/recycle", "customers are put on the list again"),
    Picture("campaign-results", "/campaigns/1/results", "its results by hour, agent, reason and offer"),
    Picture("campaign-effect", "/campaigns/1/effect", "what calling changed, against those left uncalled"),
    Picture("campaign-finish", "/campaigns/1", "what is for good asks first", then=asks_to_finish),
    Picture("customers", "/customers", "a customer is looked for"),
    Picture("customer", "/customers/1", "one customer: what was said and agreed, and every rule"),
    Picture("requests", "/customers/1/requests", "what a person may ask for, by law"),
    Picture("promises", "/promises", "open promises, the next first"),
    Picture("promise", "/promises/1", "one promise and everything that came of it"),
    Picture("ledger", "/promises/ledger", "promises by day and queue, and whether they add up"),
    Picture("callers", "/callers", "what became of the callers who rang in"),
    Picture("reasons", "/reasons", "why people call"),
    Picture("reports", "/reports", "what there is to read, and what is sent by mail"),
    Picture("report", "/reports/agents", "one report: by day, agent and team"),
    Picture(
        "recordings",
        "/recordings",
        "recorded talks: to hear, to silence, to delete",
        before=records_talks,
    ),
    Picture("offers", "/offers", "what agents may give, and what came of it", before=gives_offers),
    Picture("plan", "/plan", "how far the agents' hours reach"),
    Picture("staffing", "/plan/staffing", "callers and promises by quarter hour, and the agents needed"),
    Picture("do-not-call", "/do-not-call", "numbers that are not rung, and their registers"),
    Picture("imports", "/imports", "a file of customers is handed in"),
    Picture("schedule", "/schedule", "what Winback does by itself, and what came of it"),
    Picture("outbox", "/outbox", "texts, events and mails: what waits, what failed", before=sends_messages),
    Picture("audit", "/audit", "who did what, to whom and when"),
    Picture("setup", "/setup", "agents, teams, queues, trunks and hours"),
)


def page_of_pictures() -> str:
    """docs/pictures.md, as the table above has it."""
    parts = [
        "# The pages in pictures",
        "",
        "Every page, from a made-up morning; `PYTHONPATH=tests python -m tests.browser.pictures` takes them.",
    ]
    for each in PICTURES:
        heading = each.name.replace("-", " ").capitalize()
        says = f"{each.shows[0].upper()}{each.shows[1:]}"
        parts += ["", f"## {heading}", "", f"`{each.path}`: {each.shows}.", ""]
        parts += [f"![{says}]({FOLDER}/{each.name}.jpeg)"]
    return "\n".join(parts) + "\n"


def take(browser: Browser, picture: Picture, to: Path) -> None:
    """A morning of its own for each, since a state changes it."""
    with TemporaryDirectory() as folder:
        seeded = Seeded(Path(folder) / "winback.db")
        busy_morning(seeded)
        if picture.before is not None:
            picture.before(seeded)
        served = Served(seeded, seen_settings(seeded)).start()
        page = browser.new_page(base_url=served.url, viewport=SIZE, color_scheme="light")
        page.clock.set_fixed_time(seeded.now)  # a page counts on from the moment the server names
        try:
            answer = page.goto(picture.path)
            assert answer is not None, picture
            assert answer.ok, (picture.name, answer.status)
            expect(page.locator("main")).to_be_visible()
            if picture.then is not None:
                picture.then(page)
            page.wait_for_timeout(SETTLED_MS)
            tall = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
            shown = {"x": 0, "y": 0, "width": SIZE["width"], "height": tall}
            page.screenshot(path=to, type="jpeg", quality=QUALITY, full_page=True, clip=shown)
        finally:
            page.close()
            served.stop()
            seeded.database.close()


def main(*names: str) -> None:
    """Write all of them, or those of these names."""
    (DOCS / FOLDER).mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        for each in PICTURES:
            if names and each.name not in names:
                continue
            take(browser, each, DOCS / FOLDER / f"{each.name}.jpeg")
        browser.close()
    (DOCS / "pictures.md").write_text(page_of_pictures())


if __name__ == "__main__":
    main(*sys.argv[1:])

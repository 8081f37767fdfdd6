"""An agent's and a manager's day, played in a real browser with every key and click counted.

`PYTHONPATH=tests python -m tests.browser.day` plays it and writes docs/day.md; a test plays it again.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

from dialer.core.agents.state import AgentState
from dialer.pbx_settings import AgentSettings
from tests.browser.conftest import FLAGS, Served, chromium_path
from tests.browser.hands import Hands, told
from tests.browser.seeded import Seeded, web_settings

DAY: Final = Path(__file__).parents[2] / "docs" / "day.md"
A_WHILE_S: Final = 5.0  # between two deeds: a word can still be taken back in the next
CALLER: Final = "1700000000.1"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done, by what, and what it took."""

    does: str
    by: str
    keys: int
    clicks: int
    typed: int


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing to do: what happens first, then what hands do and what they then see."""

    does: str
    by: str
    play: Callable[["Stage"], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """The centre behind the pages, the page, and hands on it."""

    seeded: Seeded
    page: Page
    hands: Hands

    def talked(self) -> str:
        """A talk of Amira's that has just ended, on her card."""
        attempt = self.seeded.ring()
        self.seeded.connect(attempt, "amira")
        self.seeded.hang_up(attempt, "amira")
        expect(self.page.locator(f".agent-card .words input[value='{attempt}']")).to_be_attached()
        return attempt

    def button(self, name: str) -> None:
        self.hands.click(self.page.get_by_role("button", name=name).first)


def logs_in(stage: Stage) -> None:
    stage.seeded.agent("amira", AgentState.OFFLINE)
    expect(stage.page.locator("[data-key=l]")).to_be_visible()
    stage.hands.key("l")
    expect(stage.page.locator("#agent-card")).to_contain_text("You asked to log in.")
    stage.seeded.agent("amira", AgentState.READY)


def says_saved(stage: Stage) -> None:
    call = stage.talked()
    stage.hands.key("1")
    told(stage.page, call, "Saved")


def says_saved_with_a_note(stage: Stage) -> None:
    call = stage.talked()
    stage.hands.key("n")
    stage.hands.type("stays if we send the offer by letter")
    stage.hands.press("Control+Shift+1")
    told(stage.page, call, "Saved")


def agrees_on_another_call(stage: Stage) -> None:
    call = stage.talked()
    stage.hands.key("4")
    expect(stage.page.locator(".words [data-menu]")).to_have_attribute("open", "")
    stage.hands.press("3")
    told(stage.page, call, "Call again")


def leaves_somebody_alone(stage: Stage) -> None:
    call = stage.talked()
    stage.hands.key("6")
    expect(stage.page.locator("button[value=opt_out] .sure").first).to_be_visible()
    stage.hands.press("6")
    told(stage.page, call, "Never call")


def takes_a_word_back(stage: Stage) -> None:
    stage.hands.key("z")
    expect(stage.page.locator(".agent-card button[value=lost]")).to_be_enabled()
    call = stage.page.locator(".agent-card .words input[name=attempt]").first.input_value()
    stage.hands.key("3")
    told(stage.page, call, "Lost")


def serves_a_caller(stage: Stage) -> None:
    stage.seeded.live_caller(CALLER, "amira")
    expect(stage.page.locator(f".agent-card .words input[value='{CALLER}']")).to_be_attached()
    stage.hands.key("5")
    told(stage.page, CALLER, "Served")


def takes_a_break(stage: Stage) -> None:
    stage.seeded.agent("amira", AgentState.READY)
    expect(stage.page.locator(".head .pill")).to_contain_text("ready")
    stage.hands.key("p")
    expect(stage.page.locator("[data-key=s]")).to_be_visible()
    stage.seeded.agent("amira", AgentState.PAUSED, reason="break")
    expect(stage.page.locator("[data-key=r]")).to_be_visible()
    stage.hands.key("r")
    expect(stage.page.locator("#agent-card")).to_contain_text("You asked to go on.")
    stage.seeded.agent("amira", AgentState.READY)


def ends_work(stage: Stage) -> None:
    expect(stage.page.locator(".head .pill")).to_contain_text("ready")
    expect(stage.page.locator("[data-key=s]")).to_be_visible()
    stage.hands.key("s")  # the break that was asked for is over, so it is taken back
    expect(stage.page.locator("[data-key=e]")).to_be_visible()
    stage.hands.key("e")
    expect(stage.page.locator("[data-key=e] .sure")).to_be_visible()
    stage.hands.press("e")
    expect(stage.page.locator("#agent-card")).to_contain_text("End of work")


AGENTS_DAY: Final = (
    Scene("logs in", "`L`", logs_in),
    Scene("writes down that a customer stays", "`1`", says_saved),
    Scene("the same with a note", "`N`, the text, `Ctrl+Shift+1`", says_saved_with_a_note),
    Scene("agrees on another call, tomorrow at the same time", "`4`, `3`", agrees_on_another_call),
    Scene("writes down that somebody wants no calls", "`6`, and `6` again", leaves_somebody_alone),
    Scene("takes that back, and says another word", "`Z`, `3`", takes_a_word_back),
    Scene("serves somebody who rang in", "`5`", serves_a_caller),
    Scene("takes a break, and goes on", "`P`, `R`", takes_a_break),
    Scene("stays after all, then ends work", "`S`, `E`, and `E` again", ends_work),
)


def looks_round(stage: Stage) -> None:
    expect(stage.page.locator("#leads tr")).to_have_count(10)


def makes_a_campaign(stage: Stage) -> None:
    page, hands = stage.page, stage.hands
    hands.click(page.get_by_role("link", name="Campaigns", exact=True))
    hands.click(page.get_by_role("link", name="New campaign"))
    hands.click(page.get_by_label("Risk at least"))
    hands.type("0.5")
    expect(page.locator("#count-matching")).to_have_text("31")
    hands.click(page.get_by_label("Name", exact=True))
    hands.type("Summer")
    stage.button("Save as draft")
    expect(page.get_by_role("heading", name="Summer")).to_be_visible()
    stage.button("Start Summer")
    expect(page.locator(".title .pill")).to_have_text("running")


def helps_on_the_floor(stage: Stage) -> None:
    page, hands = stage.page, stage.hands
    hands.click(page.get_by_role("link", name="Floor", exact=True))
    expect(page.locator("a.square").first).to_be_visible()
    hands.press("/")
    hands.type("dev")
    hands.press("Enter")
    expect(page.locator("#agent-panel h2")).to_contain_text("Dev")
    hands.click(page.get_by_label("Why, or what to tell"))
    hands.type("Well done, take your time")
    stage.button("Tell")


def moves_a_promise_up(stage: Stage) -> None:
    page, hands = stage.page, stage.hands
    hands.click(page.get_by_role("link", name="Promises", exact=True))
    hands.click(page.locator("main tbody a").first)
    stage.button("Call now")
    expect(page.locator("main")).to_contain_text("when it is its turn")


def takes_a_report_away(stage: Stage) -> None:
    page, hands = stage.page, stage.hands
    hands.click(page.get_by_role("link", name="Reports", exact=True))
    hands.click(page.locator("main").get_by_role("link", name="Agents", exact=True))
    with page.expect_download() as file:
        hands.click(page.get_by_role("link", name="XLSX"))
    assert file.value.suggested_filename.endswith(".xlsx")


def finishes_a_campaign(stage: Stage) -> None:
    page, hands = stage.page, stage.hands
    hands.click(page.get_by_role("link", name="Campaigns", exact=True))
    hands.click(page.get_by_role("link", name="Summer"))
    stage.button("Finish")
    hands.click(page.get_by_role("button", name="Finish").last)
    expect(page.locator(".title .pill")).to_have_text("finished")


MANAGERS_DAY: Final = (
    Scene("sees the floor, the calls and the promises", "the dashboard", looks_round),
    Scene("makes a list and a campaign, and starts it", "links, two fields, two buttons", makes_a_campaign),
    Scene("finds an agent and tells them something", "`/`, the name, Enter", helps_on_the_floor),
    Scene("has a promised call made now", "the promise, *Call now*", moves_a_promise_up),
    Scene("takes the agents' report away as XLSX", "the report, the file", takes_a_report_away),
    Scene("finishes the campaign", "*Finish*, and *Finish* again", finishes_a_campaign),
)


def played(stage: Stage, scenes: tuple[Scene, ...]) -> Iterator[Deed]:
    """Play them one after the other; what each took."""
    for scene in scenes:
        stage.seeded.later(A_WHILE_S)
        scene.play(stage)
        yield Deed(scene.does, scene.by, *stage.hands.counted())


@contextmanager
def opened(browser: Browser, path: str, folder: Path) -> Iterator[Stage]:
    """A centre of its own, and its page in a browser."""
    seeded = Seeded(folder / f"{path.strip('/').replace('/', '-') or 'home'}.db")
    seeded.promise(1)
    agents = [AgentSettings(id="amira", name="Amira Kahn", phone="PJSIP/101")]
    served = Served(seeded, web_settings().model_copy(update={"agents": agents}), beside_others=True).start()
    page = browser.new_page(base_url=served.url, viewport={"width": 1280, "height": 900})
    try:
        page.goto(path)
        yield Stage(seeded, page, Hands(page))
    finally:
        page.close()
        served.stop()
        seeded.database.close()


def both_days(browser: Browser, folder: Path) -> tuple[tuple[Deed, ...], tuple[Deed, ...]]:
    """The agent's day and the manager's, as they were played."""
    with opened(browser, "/agents/amira", folder) as stage:
        agents = tuple(played(stage, AGENTS_DAY))
    with opened(browser, "/", folder) as stage:
        return agents, tuple(played(stage, MANAGERS_DAY))


def page_of_days(agents: tuple[Deed, ...], managers: tuple[Deed, ...]) -> str:
    """docs/day.md."""
    return f"""# A day, in keys and clicks

Played in a real browser and counted: `PYTHONPATH=tests python -m tests.browser.day` plays it and writes this
page, and a test plays it again. Keys pressed together are one; what is typed as text is counted by itself.
How soon the card is there after Winback knows of a talk is measured by `python -m bench desk card`, by the
page's own clock, 20 calls a run on 2 cores: 0.19 s in the median and at most 0.25 s on a quiet machine (three
runs), 0.16 to 0.24 s in the median at a load of 4 to 11, at most 0.39 s there and in one run 0.70 s, of its
first call; past a load of 20 it is over half a second.

## An agent's day

{_table(agents)}

By the keyboard alone; no key is needed between two customers, since the next one appears by itself.

## A manager's day

{_table(managers)}

All of it can be done by the keyboard as well: `Tab` reaches everything in order, and the focus stays where it
is while pages change.
"""


def _table(deeds: tuple[Deed, ...]) -> str:
    rows = [f"| {deed.does} | {deed.by} | {deed.keys} | {deed.clicks} | {deed.typed} |" for deed in deeds]
    sums = [sum(getattr(deed, name) for deed in deeds) for name in ("keys", "clicks", "typed")]
    total = f"| **in all** | | {sums[0]} | {sums[1]} | {sums[2]} |"
    return "\n".join(["| does | by | keys | clicks | characters |", "|---|---|---|---|---|", *rows, total])


def main() -> int:
    """Play both days and write the page."""
    path = chromium_path()
    if path is None:
        sys.stderr.write("no browser on this machine (apt-get install chromium-headless-shell)\n")
        return 1
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        DAY.write_text(page_of_days(*both_days(browser, Path(folder))), encoding="utf-8")
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

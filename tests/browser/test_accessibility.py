"""Every page and state as WCAG 2.2 AA has it, by axe; read aloud and zoomed as people do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from dialer.core.agents.state import AgentState
from dialer.services.organisation.users import invite_first_admin
from dialer.settings import Settings
from tests.browser.conftest import Served
from tests.browser.scenes import gives_offers, keeps_list, records_talks, seen_settings, sends_messages
from tests.browser.seeded import AGENTS, Seeded, busy_morning
from tests.browser.test_log_in import PASSWORD

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(900)]

AXE: Final = Path(__file__).parents[2] / "build" / "npm"
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LOOK: Final = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules });
  const where = (each) => each.nodes.map((node) => node.target.join(" ")).join(", ");
  return found.violations.map((each) => `${each.id}: ${where(each)}`);
}"""
OPEN: Final = """() => { for (const each of document.querySelectorAll("main details")) each.open = true; }"""
#: of a window 1280 wide: what is left of it at so many percent (WCAG 1.4.4, 1.4.10)
ZOOMED: Final = {125: 1024, 133: 960, 150: 853, 200: 640, 400: 320}
# words that stand on two lines, or reach out of what they stand in and are cut there
BROKEN_WORDS: Final = r"""() => {
  const found = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const unread = ".unseen, option, noscript, code, pre, textarea";
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode, holder = text.parentElement;
    if (!holder.checkVisibility() || holder.closest(unread)) continue;
    const head = holder.closest("thead");
    if (head && getComputedStyle(head).clipPath !== "none") continue;  // read aloud only
    const cuts = getComputedStyle(holder).overflowX === "hidden" && holder.getBoundingClientRect();
    for (const word of text.data.matchAll(/(?<![\p{L}\p{N}_.@-])\p{L}{3,}(?![\p{L}\p{N}_@-])/gu)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const places = [...range.getClientRects()].filter((place) => place.width);
      const broken = places.some((place) => place.top - places[0].top > 4);
      const cut = cuts && places.some((place) => place.right > cuts.right + 1);
      if (broken || cut) found.push(word[0]);
    }
  }
  return found;
}"""
PATHS: Final = (
    "/", "/agents", *(f"/agents/{agent}" for agent, _ in AGENTS), "/campaigns", "/campaigns/1",
    "/campaigns/new", "/customers", "/customers?who=a", "/customers/1", "/customers/1/requests", "/imports",
    "/offers", "/reasons", "/callers", "/reports", "/reports/contacts", "/lists", "/recordings", "/audit",
    "/outbox", "/promises", "/promises/1", "/promises/ledger", "/do-not-call", "/schedule", "/plan",
    "/plan/staffing", "/setup", "/no-such-page",
)  # fmt: skip


#: of who is logged in: one's own pages, one that is a phone, and an agent's panel as a page
BEHIND_DOORS: Final = ("/users", "/account", "/agents/amira", "/agents/dev/panel")
#: where reasons are said
SAID: Final = {"/": "#leads td.reasons", "/campaigns/1": "td.reasons", "/agents/amira": ".reason-list"}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One busy morning for all of these: they only look."""
    seeded = Seeded(tmp_path_factory.mktemp("busy") / "winback.db")
    busy_morning(seeded)
    for happens in (keeps_list, gives_offers, records_talks, sends_messages):
        happens(seeded)
    served = Served(seeded, settings(seeded), beside_others=True).start()
    yield served
    served.stop()
    seeded.database.close()


def settings(seeded: Seeded) -> Settings:
    """Reasons for programs are in another language than the pages."""
    plain = seen_settings(seeded)
    return plain.model_copy(update={"web": plain.web.model_copy(update={"language": "fi"})})


def axe() -> str:
    (script,) = AXE.glob("axe-core-*/axe.min.js")
    return script.read_text()


def faults_of(page: Page, script: str) -> list[str]:
    """What axe finds wrong with what is shown."""
    page.evaluate(f"() => {{ {script} }}")
    found: list[str] = page.evaluate(LOOK, list(RULES))
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(busy: Served, browser: Browser, scheme: Any) -> None:
    page = browser.new_page(base_url=busy.url, color_scheme=scheme)
    page.emulate_media(reduced_motion="reduce")
    script, faults = axe(), []
    for path in PATHS:
        page.goto(path)
        if path == "/":
            expect(page.locator("#leads tr")).to_have_count(10)
        page.evaluate(OPEN)
        faults += [f"{path} {fault}" for fault in faults_of(page, script)]
    page.close()
    assert not faults, "\n".join(faults)


def test_axe_finds_nothing_where_people_log_in_nor_on_customers_own_pages_nor_on_panel_and_phone(
    seeded: Seeded, browser: Browser
) -> None:
    served = Served(seeded, with_doors(), beside_others=True).start()
    page = browser.new_page(base_url=served.url)
    page.emulate_media(reduced_motion="reduce")
    script, faults = axe(), []

    def look(path: str) -> None:
        faults.extend(f"{path} {fault}" for fault in faults_of(page, script))

    page.goto("/log-in")
    look("/log-in")
    page.goto(f"/invitation/{invite_first_admin(seeded.database, seeded.now)}")
    look("/invitation")
    page.get_by_label("Your name").fill("Cleo")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Users")).to_be_visible()
    for path in (
        "/users",
        "/account",
        "/agents/amira",
        "/agents/dev/panel",
        "/callback",
        "/c/void",
        "/s/void",
    ):
        page.goto(path)
        page.evaluate(OPEN)
        look(path)
    page.goto("/agents")
    page.locator("a.square").first.click()
    expect(page.locator("#agent-panel")).to_be_visible()
    look("/agents with its panel")
    page.close()
    served.stop()
    assert not faults, "\n".join(faults)


def with_doors() -> Settings:
    """Pages with log-in, a phone in one of them, and customers' own pages open."""
    given: dict[str, Any] = {
        "web": {"port": 0, "phone": {"address": "wss://127.0.0.1:9/ws"}},
        "pbx": {"secret": "nobody answers there"},
        "agents": [{"id": "amira", "phone": "web"}],
        "public": {"address": "https://call.example.com", "key": "k" * 32, "form": True},
        "texts": {"way": "file", "name": "Acme"},
    }
    return Settings(**given)


@pytest.mark.parametrize("language", ["fi-FI", "de-DE"])  # the longest words
def test_nothing_is_lost_and_no_word_is_broken_at_125_to_400_percent(
    busy: Served, browser: Browser, language: str
) -> None:
    page = browser.new_page(base_url=busy.url, locale=language)
    lost = []
    for path in PATHS:
        page.goto(path)
        for zoom, width in ZOOMED.items():
            page.set_viewport_size({"width": width, "height": 512})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                lost.append(f"{path} at {zoom} %")
            lost += [f"{path} at {zoom} %: {word}" for word in page.evaluate(BROKEN_WORDS)]
    page.close()
    assert not lost, "\n".join(lost)


def test_only_what_matters_is_read_aloud(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    page.goto("/agents/amira")
    name = page.locator(".who").inner_text()
    expect(page.locator("#spoken")).to_have_text("")  # the page itself has just been read
    assert page.locator("#agent-card").get_attribute("aria-live") is None

    seeded.hang_up(attempt, "amira")
    expect(page.locator("#spoken")).to_have_text(f"wrapping up. {name}")
    seeded.agent("amira", AgentState.PAUSED, reason="lunch")
    expect(page.locator("#spoken")).to_have_text("paused: lunch")


@pytest.mark.parametrize(("reader", "language"), [("en-GB", "en"), ("fi-FI", "fi")])
def test_reasons_are_in_the_language_of_the_page_and_say_so(
    busy: Served, browser: Browser, reader: str, language: str
) -> None:
    page = browser.new_page(base_url=busy.url, locale=reader)
    for path, where in (
        ("/", "#leads td.reasons"),
        ("/campaigns/1", "td.reasons"),
        ("/agents/amira", ".reason-list"),
    ):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator(where).first).to_have_attribute("lang", language)
    page.close()

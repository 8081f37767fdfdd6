"""A live caller on an agent's page: who it is, and words that are neither lost nor wrong."""

import pytest
from playwright.sync_api import Browser, Page, expect

from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.db.queries import arrivals
from dialer.services.calls.inbound_calls import record_caller
from telephony.calls.events import CallerJoined
from tests.browser.conftest import Served
from tests.browser.hands import told
from tests.browser.seeded import PBX, Seeded
from tests.browser.test_work import awake

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser

CALLER = "1700000000.7"


def written(seeded: Seeded) -> tuple[Disposition | None, str]:
    """What stands in the book of the live caller's call."""
    with seeded.database.read() as tx:
        row = arrivals.find_call(tx, PBX, CALLER)
        assert row is not None
        return row.disposition, row.note


@pytest.fixture
def talked(seeded: Seeded) -> Seeded:
    seeded.live_caller(CALLER, "amira")
    return seeded


def test_the_note_about_a_caller_outlives_a_reload_another_tab_and_the_next_caller(
    talked: Seeded, page: Page, browser: Browser, served: Served
) -> None:
    page.goto("/agents/amira")
    with page.expect_response(lambda answer: answer.url.endswith("/inbound/draft") and answer.status == 204):
        page.locator("#note").fill("moves house in May")
    page.reload()
    expect(page.locator("#note")).to_have_value("moves house in May")
    other = browser.new_page(base_url=served.url)
    other.goto("/agents/amira")
    expect(other.locator("#note")).to_have_value("moves house in May")
    other.close()
    talked.live_caller("1700000000.8", "amira", shown="+441632960778")
    expect(page.locator(".due summary")).to_contain_text("moves house in May")
    expect(page.locator("#note")).to_have_value("")
    awake(page)
    page.keyboard.press("Shift+Digit5")
    told(page, CALLER, "Served")
    assert written(talked) == (Disposition.SERVED, "moves house in May")


def test_a_word_about_a_caller_can_be_undone_and_corrected(talked: Seeded, page: Page) -> None:
    page.goto("/agents/amira")
    page.locator("#note").fill("wants a letter")
    page.locator("#note").press("Escape")
    awake(page)
    page.keyboard.press("6")
    expect(page.locator("button[value=opt_out] .sure").first).to_be_visible()
    page.keyboard.press("6")
    told(page, CALLER, "Never call")
    awake(page)
    page.keyboard.press("z")
    expect(page.locator("#note")).to_have_value("wants a letter")
    assert written(talked) == (None, "")

    awake(page)
    page.keyboard.press("1")
    said = page.locator(".said")
    said.locator("summary").click()
    said.locator("textarea").fill("wants two letters")
    said.locator("button[value=served]").click()
    expect(said.locator("summary")).to_contain_text("Served")
    assert written(talked) == (Disposition.SERVED, "wants two letters")


def test_a_caller_without_a_customer_is_looked_for_and_linked_without_leaving_the_page(
    talked: Seeded, page: Page
) -> None:
    page.goto("/agents/amira")
    expect(page.locator(".who")).to_have_text("Unknown caller")
    page.locator("#note").fill("says she is new")
    page.locator("#note").press("Escape")
    awake(page)
    page.keyboard.press("f")
    page.keyboard.type("halvors")
    page.keyboard.press("Enter")
    expect(page.locator(".found button").first).to_contain_text("Ingrid Halvorsen")
    talked.agent("amira", AgentState.WRAPPING_UP, caller=CALLER, until=talked.now)  # the card is drawn anew
    expect(page.locator(".head")).to_contain_text("left")
    page.locator(".found button").first.click()
    expect(page.locator(".who")).to_have_text("Ingrid Halvorsen")
    expect(page.locator("#note")).to_have_value("says she is new")

    page.get_by_role("button", name="Somebody else").click()
    expect(page.locator(".who")).to_have_text("Unknown caller")


def test_the_caller_is_shown_while_the_phone_rings(seeded: Seeded, page: Page) -> None:
    page.goto("/agents/amira")
    joined = CallerJoined(at=seeded.now, caller=CALLER, queue="support", number="+441632960777", position=1)
    record_caller(seeded.database, PBX, "GB", joined, seeded.now)
    seeded.agent("amira", AgentState.RINGING, caller=CALLER)

    expect(page.locator(".agent-card h2").first).to_have_text("Live caller, ringing")
    expect(page.locator(".choices button").first).to_be_disabled()

"""A day at the desk: what it takes in keys and clicks, and that no mouse is needed for it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dialer.core.calling.disposition import Disposition
from dialer.services.campaigns import campaigns
from tests.browser.day import DAY, both_days, page_of_days
from tests.browser.hands import Hands, told
from tests.browser.seeded import Seeded
from tests.browser.test_desk import written
from tests.browser.test_work import awake

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


def test_a_day_takes_the_keys_and_clicks_that_the_docs_say(browser: Browser, tmp_path: Path) -> None:
    agents, managers = both_days(browser, tmp_path)

    assert page_of_days(agents, managers) == DAY.read_text(encoding="utf-8")
    keys = {deed.does: deed.keys for deed in agents}
    assert keys["writes down that a customer stays"] == 1
    assert keys["the same with a note"] == 2
    assert keys["agrees on another call, tomorrow at the same time"] == 2


def test_an_agent_needs_no_mouse_from_the_ring_to_the_word(seeded: Seeded, page: Page) -> None:
    page.goto("/agents/amira")
    hands, attempt = Hands(page), seeded.ring(agent="amira")
    seeded.connect(attempt, "amira")
    expect(page.locator(".who")).to_be_visible()
    why = page.locator(".agent-card summary").first
    hands.tab_to(why)
    seeded.hang_up(attempt, "amira")  # the card is drawn anew, and the focus stays where it was
    expect(page.locator(".head .pill")).to_contain_text("wrapping up")
    expect(page.locator(".agent-card summary").first).to_be_focused()

    saved = page.locator(".agent-card button[value=saved]")
    hands.tab_to(saved)
    seeded.later(1)
    seeded.show()
    hands.press("Enter")
    told(page, attempt, "Saved")

    assert written(seeded, attempt) == (Disposition.SAVED, "")
    assert page.evaluate("document.activeElement.id") == "agent-card", "and Tab goes on from the card"
    awake(page)
    hands.press("z")
    expect(page.locator(".agent-card button[value=saved]")).to_be_enabled()


def test_a_manager_needs_no_mouse_for_a_customer_and_a_campaign(seeded: Seeded, page: Page) -> None:
    page.goto("/customers")
    hands = Hands(page)
    hands.tab_to(page.get_by_label("Number, id or name"))
    hands.type("sofia")
    hands.press("Enter")  # a search is meant by it
    expect(page.get_by_role("link", name="Sofia Novak").first).to_be_visible()
    page.goto("/campaigns")
    hands.tab_to(page.get_by_role("link", name="New campaign"))
    hands.press("Enter")
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    hands.tab_to(page.get_by_label("Risk at least"))
    hands.type("0.5")
    expect(page.locator("#count-matching")).to_have_text("31")
    hands.tab_to(page.get_by_label("Name", exact=True))
    hands.type("Summer")
    hands.tab_to(page.get_by_role("button", name="Save as draft"))
    hands.press("Enter")
    expect(page.get_by_role("heading", name="Summer")).to_be_visible()
    hands.tab_to(page.get_by_role("button", name="Start Summer"))
    hands.press("Enter")
    expect(page.locator(".title .pill")).to_have_text("running")
    hands.tab_to(page.get_by_role("button", name="Finish").first)
    hands.press("Enter")
    expect(page.get_by_role("heading", name="Finish Summer?")).to_be_visible()
    hands.tab_to(page.get_by_role("button", name="Finish it"))
    hands.press("Enter")
    expect(page.locator(".title .pill")).to_have_text("finished")
    assert "finished" in {card.state for card in campaigns.list_campaigns(seeded.database)}

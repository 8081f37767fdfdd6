"""Yes, you may: an agent gives an offer, asks above the limit, and hears the answer."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.seeded import Seeded

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser


def test_a_manager_adds_an_offer_an_agent_asks_and_a_supervisor_allows_it_by_one_click(
    seeded: Seeded, page: Page, browser: Browser, served: Served
) -> None:
    page.goto("/offers")
    page.locator("#name-0").fill("Free router")
    page.locator("#cost-0").fill("40")
    page.locator("#words-0").fill("I would like to give you a new router.")
    page.locator("#per_agent-0").fill("1")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("tbody .name-cell").first).to_contain_text("Free router")

    seeded.connect(seeded.ring(), "amira")
    page.goto("/agents/amira")
    offers = page.locator("section[aria-label=Offers]")
    expect(offers).to_contain_text("1 left today")
    expect(offers).to_contain_text("They are meant to be used.")
    page.locator("#note").fill("the old one is slow")
    offers.get_by_role("button", name="Free router").click()
    expect(offers).to_contain_text("Free router: given")
    expect(page.locator("#note")).to_have_value("the old one is slow")

    seeded.connect(seeded.ring(), "amira")
    expect(offers).to_contain_text("You have given all of yours today.")
    offers.get_by_role("button", name="Free router").click()
    expect(offers).to_contain_text("a supervisor is asked")
    floor = browser.new_page(base_url=served.url)
    floor.goto("/")
    expect(floor.locator("#request-list")).to_contain_text("Amira Kahn: Free router (40.00)")
    floor.get_by_role("button", name="Allow").click()
    expect(offers).to_contain_text("said yes")
    expect(floor.locator("#requests")).to_be_hidden()
    floor.close()

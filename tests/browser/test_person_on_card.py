"""The person in talk and the agent's own day, on the agent's page."""

import pytest
from playwright.sync_api import Page, expect

from dialer.core.agents.state import AgentState
from tests.browser.seeded import Seeded
from tests.browser.test_work import awake

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser


def test_a_line_to_remember_a_reason_in_two_keys_and_the_whole_number(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    page.goto("/agents/amira")
    awake(page)
    page.keyboard.press("m")
    page.keyboard.type("rings after six only")
    with page.expect_response(lambda answer: answer.url.endswith("/remember") and answer.status == 204):
        page.keyboard.press("Escape")  # leaving the field is enough
    awake(page)
    page.keyboard.press("w")
    expect(page.locator("[aria-label='The person'] details")).to_have_attribute("open", "")
    page.keyboard.press("2")
    expect(page.locator("[aria-label='The person']")).to_contain_text("competitor")
    expect(page.locator("[aria-label='The person'] details")).not_to_have_attribute("open", "")
    page.get_by_role("button", name="Whole number").click()
    expect(page.locator("[data-shows] output")).to_contain_text("+44")
    page.reload()
    expect(page.locator("[data-stays]")).to_have_value("rings after six only")
    expect(page.locator("[aria-label='The person']")).to_contain_text("amira,")


def test_my_day_has_the_coachs_note_and_own_figures(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    seeded.agent("amira", AgentState.READY)
    page.goto("/agents")
    page.locator("#a-amira").click()
    page.get_by_label("A note on their work").fill("You listened well.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("A note on their work")).to_have_value("")

    page.goto("/agents/amira")
    day = page.locator("#my-day")
    expect(day).to_contain_text("You listened well.")
    expect(day).to_contain_text("your first days")
    day.get_by_role("button", name="Read").click()
    expect(day).not_to_contain_text("You listened well.")
    page.goto("/reasons")
    expect(page.locator("tbody")).to_contain_text("not said")

"""An agent promises a call on their own page; a supervisor gives a promise to an agent on the promise's."""

import pytest
from playwright.sync_api import Page, expect

from dialer.core.agents.state import AgentState
from dialer.services.promises import promises
from tests.browser.seeded import Seeded

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser


def test_an_agent_promises_a_live_caller_a_call_of_their_own(seeded: Seeded, page: Page) -> None:
    seeded.live_caller("1700000000.7", "amira")
    page.goto("/agents/amira")
    page.locator("#promise-call").click()
    expect(page.get_by_role("heading", name="Promise a call")).to_be_visible()
    hour = page.get_by_label("When, on the customer").locator("option").nth(3).inner_text()
    page.get_by_label("When, on the customer").select_option(index=3)
    page.get_by_label("I myself").check()
    page.get_by_role("button", name="Promise it").click()

    expect(page.locator("#booking")).to_contain_text(f"Tell the customer: you will call on {hour}")
    card = promises.open_promises(seeded.database)[0]
    assert card.owner == "amira"
    page.get_by_role("link", name="Back to your page").first.click()
    expect(page.locator(".head h1")).to_have_text("Amira Kahn")


def test_a_supervisor_has_a_promise_called_by_one_agent_and_then_by_anyone(
    seeded: Seeded, page: Page
) -> None:
    seeded.promise(1)
    seeded.agent("dev", AgentState.READY)
    promise = promises.open_promises(seeded.database)[0].id
    page.goto(f"/promises/{promise}")
    expect(page.locator("#owner")).to_have_text("whoever is free")

    page.get_by_label("Have it called by").select_option(label="Dev Patel")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator("#owner")).to_have_text("dev")
    page.get_by_label("Have it called by").select_option(label="whoever is free")
    page.get_by_role("button", name="Assign").click()

    expect(page.locator("#owner")).to_have_text("whoever is free")

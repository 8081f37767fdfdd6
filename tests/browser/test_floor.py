"""The floor of three hundred agents: small, kept by differences, and never pulled from under a hand."""

import re

import pytest
from playwright.sync_api import Page, expect

from dialer.core.agents.state import AgentState
from tests.browser.crowd import Crowd
from tests.browser.seeded import Seeded

AGENTS = 300
PAGE_BYTES = 60_000  # what one supervisor's look at the whole floor may weigh


@pytest.fixture
def crowd(seeded: Seeded) -> Crowd:
    return Crowd(seeded, AGENTS)


def test_three_hundred_agents_fit_a_small_page_and_only_changes_follow(crowd: Crowd, page: Page) -> None:
    heard: list[int] = []
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.on("Network.eventSourceMessageReceived", lambda event: heard.append(len(event["data"])))
    answer = page.goto("/agents")
    assert answer is not None
    assert len(answer.body()) <= PAGE_BYTES
    expect(page.locator("#link")).to_have_text("engine up")
    expect(page.locator(".square")).to_have_count(AGENTS + 8)

    page.locator("#a-agent150").focus()
    page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector("#a-agent151 b"));
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    crowd.seeded.later(1)
    crowd.change(range(140, 160), AgentState.TALKING)
    expect(page.locator("#a-agent151")).to_contain_text("talking")
    expect(page.locator("#a-agent150")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "Amanda Castellano 151"
    assert max(heard) < PAGE_BYTES / 10, "the page has the floor already, and 20 of 300 changed"


def test_who_needs_somebody_comes_first_and_a_name_is_found_by_key(crowd: Crowd, page: Page) -> None:
    page.goto("/agents")
    expect(page.locator("#link")).to_have_text("engine up")
    crowd.seeded.later(200)
    crowd.change(range(AGENTS), AgentState.READY)
    crowd.change(range(7, 8), AgentState.WRAPPING_UP)
    crowd.seeded.later(100)
    crowd.seeded.show()
    first = page.locator("#needs li").first
    expect(first).to_contain_text("Amanda Castellano 007 still wraps up")
    expect(page.locator("#a-agent007")).to_have_class(re.compile("level-2"))

    page.keyboard.press("/")
    page.keyboard.type("299")
    expect(page.locator(".square:visible")).to_have_count(1)
    expect(page).to_have_url(re.compile("who=299"))
    page.keyboard.press("Enter")
    expect(page.locator("#agent-panel h2")).to_have_text("Amanda Castellano 299")
    page.get_by_label("Why, or what to tell").fill("a quick word, please")
    page.get_by_role("button", name="Tell").click()
    expect(page.get_by_label("Why, or what to tell")).to_have_value("")
    page.goto("/agents/agent299")
    expect(page.locator("#agent-card")).to_contain_text("Your team lead says: a quick word, please")

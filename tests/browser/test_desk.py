"""An agent's page under clumsy hands: Enter, stray keys, lost pages, and callers whom nobody knows."""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from dialer.core.calling.disposition import Disposition
from dialer.services.agents import agents
from dialer.services.agents.agents import CallSeen
from tests.browser.seeded import Seeded

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser


def call_of(seeded: Seeded, agent: str) -> CallSeen:
    card = agents.agent_card(seeded.database, agent)
    assert card is not None
    assert card.call is not None
    return card.call


@pytest.fixture
def sent(page: Page) -> list[str]:
    """What the page asked the server to change, in order."""
    found: list[str] = []

    def hear(request: Request) -> None:
        if request.method == "POST":
            found.append(request.url)

    page.on("request", hear)
    return found


@pytest.mark.parametrize(
    "path", ["/agents/amira", "/agents/dev", "/agents", "/promises", "/do-not-call", "/campaigns/new"]
)
def test_enter_in_a_field_sends_nothing(seeded: Seeded, page: Page, sent: list[str], path: str) -> None:
    seeded.connect(seeded.ring(), "amira")
    seeded.promise(1)
    page.goto(path)
    for summary in page.locator("details > summary").all()[:1]:
        summary.click()
    fields = page.locator("form[method=post] :is(input:not([type=hidden]), select)").all()
    shown = [field for field in fields if field.is_visible()]
    assert shown
    for field in shown:
        if field.get_attribute("required") is not None and field.input_value() == "":
            field.fill("+441632960001")
        field.press("Enter")

    assert page.url.endswith(path)
    assert sent == []


def test_enter_in_the_time_of_another_call_is_call_again(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    page.goto("/agents/amira")
    page.locator("#call-again").fill("2026-06-12T11:30")
    page.locator("#call-again").press("Enter")

    expect(page.locator(".banner.good")).to_contain_text("Written down: call again.")
    assert call_of(seeded, "amira").disposition is Disposition.CALL_AGAIN


def test_enter_in_a_note_is_a_new_line_and_control_enter_sends_what_belongs_to_it(
    seeded: Seeded, page: Page, sent: list[str]
) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    page.goto("/agents/amira")
    page.locator("#note").fill("first")
    page.locator("#note").press("End")
    page.locator("#note").press("Enter")
    page.keyboard.type("second")
    expect(page.locator("#note")).to_have_value("first\nsecond")
    assert [url for url in sent if url.endswith("/disposition")] == []

    page.locator("#call-again").fill("2026-06-12T11:30")
    page.locator("#note").press("Control+Enter")
    expect(page.locator(".banner.good")).to_contain_text(re.compile("Written down: call again"))

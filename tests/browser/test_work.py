"""An agent works by keyboard, a manager sees the count before saving."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from playwright.sync_api import Locator, Page, expect

from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.services.agents import agents, previews
from dialer.services.agents.agents import AgentCard
from dialer.services.calls import attempts
from dialer.services.campaigns import campaigns
from dialer.services.campaigns.list_figures import ListFigures
from tests.browser.conftest import DEADLINE_S, Served
from tests.browser.hands import told
from tests.browser.seeded import Seeded

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser


def card_of(seeded: Seeded, agent: str) -> AgentCard:
    card = agents.agent_card(seeded.database, agent)
    assert card is not None
    return card


def card_banner(page: Page) -> Locator:
    """The banner on the card, not the one for what could not be sent."""
    return page.locator("#agent-card .banner")


def awake(page: Page) -> None:
    """Keys rest for a moment after the page was drawn."""
    expect(page.locator("#agent-card:not([data-resting])")).to_be_visible()


def test_a_customer_appears_by_itself_and_is_dealt_with_by_keyboard(seeded: Seeded, page: Page) -> None:
    page.goto("/agents/amira")
    expect(page.locator("#agent-card")).to_contain_text("The next customer appears here by itself.")

    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    expect(page.locator(".who")).to_be_visible()
    expect(page.locator(".reason-list li").first).to_be_visible()
    awake(page)
    page.keyboard.press("n")
    page.keyboard.type("glad we rang; 1 more year")
    expect(page.locator("#note")).to_have_value("glad we rang; 1 more year")

    seeded.hang_up(attempt, "amira")
    expect(page.locator(".head .pill")).to_contain_text("wrapping up")
    expect(page.locator("#note")).to_have_value("glad we rang; 1 more year")  # typed text outlives the update
    page.keyboard.press("Escape")
    awake(page)
    page.keyboard.press("1")

    told(page, attempt, "Saved")
    call = card_of(seeded, "amira").call
    assert call is not None
    assert (call.attempt, call.disposition) == (attempt, Disposition.SAVED)


def test_an_agent_says_that_a_talk_is_about_to_end_by_one_key_and_the_note_stays(
    seeded: Seeded, page: Page
) -> None:
    seeded.dial_ahead()
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    page.goto("/agents/amira")
    page.locator("#note").fill("one more year")
    page.locator("#note").press("Escape")
    awake(page)
    page.keyboard.press("b")
    expect(page.locator("#agent-card")).to_contain_text("You said: nearly done.")
    expect(page.locator("#note")).to_have_value("one more year")
    expect(page.locator("[data-key=b]")).to_have_count(0)

    seeded.hang_up(attempt, "amira")
    expect(page.locator("[data-key=b]")).to_contain_text("Nearly done")
    awake(page)
    page.keyboard.press("b")
    expect(page.locator("#agent-card")).to_contain_text("You said: nearly done.")
    call = card_of(seeded, "amira").call
    assert call is not None
    assert None not in (call.closing_at, call.wrap_closing_at)


def test_call_again_asks_for_the_moment_and_shows_why_one_is_refused(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    page.goto("/agents/amira")
    awake(page)
    page.keyboard.press("4")
    expect(page.locator(".words [data-menu]")).to_have_attribute("open", "")
    page.keyboard.press("5")  # another time
    expect(page.locator("#call-again")).to_be_focused()

    page.locator("#call-again").fill("2026-06-12T03:00")
    page.locator("button[value=call_again]").click()
    expect(card_banner(page)).to_contain_text("hours.closed")
    expect(card_banner(page)).to_contain_text(re.compile(r"Possible again Fri 12 Jun \d\d:\d\d BST"))
    expect(page.locator("#call-again")).to_have_value("2026-06-12T03:00")
    awake(page)
    page.keyboard.press("2")  # not the word of this digit, but the second of the usual times
    told(page, attempt, "Call again")


@pytest.mark.parametrize("key", ["1", "p"])
def test_keys_typed_into_a_note_are_text(seeded: Seeded, page: Page, key: str) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    page.goto("/agents/amira")
    page.locator("#note").focus()
    page.keyboard.press(key)

    expect(page.locator("#note")).to_have_value(key)
    card = card_of(seeded, "amira")
    assert card.call is not None
    assert (card.call.disposition, card.wish) == (None, None)


def test_a_pause_is_planned_and_taken_back_by_keyboard(seeded: Seeded, page: Page) -> None:
    page.goto("/agents/dev")
    page.locator("#why-pause").select_option("lunch")
    page.locator("#why-pause").press("Escape")
    awake(page)
    page.keyboard.press("p")
    expect(page.locator(".head")).to_contain_text("Lunch as soon as no customer is there.")
    leave = card_of(seeded, "dev").leave
    assert leave is not None
    assert leave.reason == "lunch"

    awake(page)
    page.keyboard.press("s")
    expect(page.locator("#why-pause")).to_be_visible()
    assert card_of(seeded, "dev").leave is None


def test_missed_rings_are_said_on_the_agents_page_the_list_and_the_dashboard(
    seeded: Seeded, page: Page
) -> None:
    page.goto("/agents/dev")
    expect(page.locator("#link")).to_have_text("engine up")
    seeded.agent("dev", AgentState.PAUSED, reason="did_not_answer", missed=2)
    expect(page.locator(".head .pill")).to_contain_text("paused: did not answer")
    expect(page.locator("#agent-card")).to_contain_text("Your phone rang 2 times and nobody picked up")

    page.goto("/agents")
    expect(page.locator("#a-dev")).to_contain_text("paused: did not answer, missed 2")
    expect(page.locator("#needs")).to_contain_text("Dev Patel missed 2 rings")
    page.goto("/")
    said = page.locator(".tile", has_text="Dev Patel").locator(".what span")
    expect(said).to_have_text("paused: did not answer")
    assert said.evaluate("element => element.scrollWidth <= element.clientWidth || element.clientWidth === 0")
    assert said.evaluate("element => getComputedStyle(element).textOverflow") != "ellipsis"


def test_the_wrap_up_counts_down_and_can_be_made_longer(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.agent("amira", AgentState.WRAPPING_UP, attempt=attempt, until=seeded.now + timedelta(seconds=60))
    page.goto("/agents/amira")
    expect(page.locator(".head time")).to_have_text(re.compile(r"(0:5\d|1:00)"))

    awake(page)
    page.keyboard.press("g")
    expect(page.locator(".head")).to_contain_text("You asked for longer.")
    expect(page.locator("button[value=longer]")).to_be_visible()
    assert card_of(seeded, "amira").wish == "longer"


def test_an_agent_reads_about_a_customer_then_calls(seeded: Seeded, page: Page) -> None:
    page.goto("/agents/dev")
    expect(page.locator("#link")).to_have_text("engine up")
    lead = attempts.next_work(seeded.database, seeded.now, limit=1)[1][0].lead
    assert previews.show_preview(
        seeded.database, "dev", lead, seeded.now, seeded.now + timedelta(seconds=120)
    )
    expect(page.locator(".who")).to_be_visible()
    expect(page.locator("#agent-card")).to_contain_text("Call this customer?")
    expect(page.locator("button[name=disposition]")).to_have_count(0)

    awake(page)
    page.keyboard.press("c")
    expect(page.locator("#agent-card")).to_contain_text("phone rings in a moment")
    preview = card_of(seeded, "dev").preview
    assert preview is not None
    assert (preview.lead, preview.asked) == (lead, True)


def test_a_supervisor_decides_with_a_reason_and_nothing_of_it_is_lost(seeded: Seeded, page: Page) -> None:
    page.goto("/agents")
    expect(page.locator("#link")).to_have_text("engine up")
    page.keyboard.press("/")
    page.keyboard.type("dev")
    page.keyboard.press("Enter")
    panel = page.locator("#agent-panel")
    panel.get_by_label("Why").fill("the new offer, room 2")
    page.locator("#who").fill("")
    panel.get_by_label("Why").focus()
    seeded.agent("amira", AgentState.RINGING)  # a change elsewhere must not close what is being written
    seeded.later(1)
    seeded.show()
    expect(page.locator("#a-amira")).to_contain_text("ringing")
    expect(panel.get_by_label("Why")).to_have_value("the new offer, room 2")
    expect(panel.get_by_label("Why")).to_be_focused()

    panel.get_by_role("button", name="Pause", exact=True).click()
    expect(panel).to_contain_text("Break as soon as no customer is there.")
    assert "the new offer, room 2" in card_of(seeded, "dev").told


def test_a_plan_follows_its_sliders_by_keyboard_and_becomes_a_form(seeded: Seeded, page: Page) -> None:
    page.goto("/plan?top=60&agents=1&hours=1")
    reached = page.locator("#results .count b").nth(1)
    few = int(reached.inner_text())
    page.get_by_label("Agents").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")

    expect(page.locator("output[for=agents]")).to_have_text("6")
    expect(reached).not_to_have_text(str(few))
    assert int(reached.inner_text()) > few
    page.get_by_text("Make this list").click()
    expect(page.locator("#top")).to_have_value("60")
    expect(page.locator("#count-matching")).to_have_text("60")


def test_the_count_is_shown_before_a_campaign_is_saved(seeded: Seeded, page: Page) -> None:
    page.goto("/campaigns/new")
    expect(page.locator("#count-matching")).to_have_text("60")
    page.get_by_label("Risk at least").fill("0.5")
    expect(page.locator("#count-matching")).to_have_text("31")
    page.get_by_label("At most", exact=True).fill("20")
    expect(page.locator("#count-called")).to_have_text("18")
    expect(page.locator("#count-held_out")).to_have_text("2")
    page.get_by_label("Column", exact=True).fill("contract")
    page.get_by_label("Value", exact=True).fill("month-to-month")
    row = page.locator(".condition")
    expect(row.locator("output")).to_contain_text("40 left")
    expect(page.locator("#count-first")).to_contain_text("James Whitcombe")
    assert [card.name for card in campaigns.list_campaigns(seeded.database)] == ["Spring save"]

    page.get_by_label("Name", exact=True).fill("Summer")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_role("heading", name="Summer")).to_be_visible()
    page.get_by_role("button", name="Start Summer").click()
    expect(page.locator(".title .pill")).to_have_text("running")


def test_a_filter_that_is_not_understood_says_which_field(page: Page) -> None:
    page.goto("/campaigns/new")
    page.get_by_label("Column", exact=True).fill("Contrakt")
    page.get_by_label("Value", exact=True).fill("One year")
    expect(page.locator("#count-told")).to_contain_text("There are: Contract, tenure.")


def test_every_field_has_a_label_and_every_button_a_name(seeded: Seeded, page: Page) -> None:
    seeded.connect(seeded.ring(), "amira")
    seeded.promise(1)
    for path in (
        "/agents",
        "/agents/amira",
        "/agents/dev",
        "/campaigns/new",
        "/campaigns",
        "/promises",
        "/do-not-call",
        "/schedule",
        "/plan",
    ):
        page.goto(path)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
                .filter((field) => !(field.labels?.length || field.textContent.trim()))
                .map((field) => field.outerHTML)"""
        )
        assert unnamed == [], path


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page) -> None:
    page.goto("/campaigns")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")

    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_what_is_counted_of_a_long_list_comes_to_the_page_once_it_is_there(
    seeded: Seeded, served: Served, page: Page
) -> None:
    counted = Event()
    with ThreadPoolExecutor(1) as beside:
        beside.submit(counted.wait, DEADLINE_S)  # what is counted stands behind it
        figures = ListFigures(seeded.database, beside, at_once=0)
        served.app.state.deps = replace(served.app.state.deps, figures=figures)
        page.goto(f"/campaigns/{seeded.campaign}")
        for part in ("#now", "#worth", "#ranking"):
            expect(page.locator(part)).to_contain_text("being counted")

        counted.set()
        expect(page.locator("#now")).to_contain_text("may be")
        expect(page.locator("#worth .sub")).to_contain_text("in all")
        expect(page.locator("#ranking")).to_contain_text("Ranked by")
        expect(page.locator("[data-counting]")).to_have_count(0)

        seeded.now += timedelta(seconds=30)
        page.reload()
        expect(page.locator("#now")).to_contain_text("may be · counted")

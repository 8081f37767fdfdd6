"""An agent's page under clumsy hands: Enter, stray keys, lost pages, and callers whom nobody knows."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.db.queries import dispositions
from dialer.services.agents import agents
from dialer.services.agents.agents import CallSeen
from tests.browser.conftest import Served
from tests.browser.hands import told
from tests.browser.seeded import Seeded
from tests.browser.test_work import awake

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
        if request.method == "POST" and not request.url.endswith("/draft"):
            found.append(request.url)

    page.on("request", hear)
    return found


@pytest.fixture
def cut_off(browser: Browser, served: Served) -> Iterator[Page]:
    """A page whose network may be cut: to the console a refused connection is an error."""
    page = browser.new_page(base_url=served.url)
    yield page
    page.close()


@pytest.mark.parametrize(
    "path",
    ["/agents/amira", "/agents/dev", "/agents/dev/panel", "/promises", "/do-not-call", "/campaigns/new"],
)
def test_enter_in_a_field_sends_nothing(seeded: Seeded, page: Page, sent: list[str], path: str) -> None:
    seeded.connect(seeded.ring(), "amira")
    seeded.promise(1)
    page.goto(path)
    for summary in page.locator("details > summary").all()[:1]:
        summary.click()
    changing = "form[method=post]:not([action$='/search'])"
    fields = page.locator(f"{changing} :is(input:not([type=hidden], [type=file]), select)").all()
    shown = [field for field in fields if field.is_visible()]
    assert shown
    for field in shown:
        if field.get_attribute("required") is not None and field.input_value() == "":
            field.fill("+441632960001")
        field.press("Enter")

    assert page.url.endswith(path)
    assert sent == []


def test_two_tabs_of_an_agent_have_one_note_and_one_word(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    page.goto("/agents/amira")
    page.locator("#note").fill("first")
    with page.expect_popup() as opened:
        page.evaluate("window.open('/agents/amira')")
    other = opened.value
    other.locator("#note").fill("first, and more")
    expect(page.locator("#note")).to_have_value("first, and more")

    seeded.hang_up(attempt, "amira")
    expect(page.locator(".head .pill")).to_contain_text("wrapping up")
    page.locator("button[value=saved]").click()
    told(page, attempt, "Saved")
    expect(other.locator("#agent-card")).to_contain_text("Nothing to write down")
    other.get_by_role("button", name="Undo").click()
    expect(page.locator("button[value=saved]")).to_be_visible()
    call = call_of(seeded, "amira")
    assert (call.disposition, call.note) == (None, "first, and more")
    other.close()


def test_enter_in_the_time_of_another_call_is_call_again(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    page.goto("/agents/amira")
    page.locator("#call-again").fill("2026-06-12T11:30")
    page.locator("#call-again").press("Enter")

    told(page, attempt, "Call again")
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
    told(page, attempt, "Call again")


def written(seeded: Seeded, attempt: str) -> tuple[Disposition, str] | None:
    """What stands in the book of a call."""
    with seeded.database.read() as tx:
        said = dispositions.find(tx, attempt)
    return (said.disposition, said.note) if said is not None else None


def wrapped_up(seeded: Seeded, agent: str = "amira") -> str:
    """A talk of the agent's that has just ended."""
    attempt = seeded.ring()
    seeded.connect(attempt, agent)
    seeded.hang_up(attempt, agent)
    return attempt


def test_a_live_caller_is_nobody_whom_the_page_knows(seeded: Seeded, page: Page) -> None:
    attempt = wrapped_up(seeded)
    page.goto("/agents/amira")
    name = page.locator(".who").inner_text()
    page.locator("#note").fill("wants two days")
    seeded.agent("amira", AgentState.READY)  # the wrap-up's limit
    expect(page.locator(".due h2")).to_have_text("1 call still to write down")
    expect(page.locator(".due summary")).to_contain_text(f"{name} 10:00")
    expect(page.locator(".due textarea")).to_be_focused()  # whoever types goes on typing
    page.keyboard.press("Escape")
    seeded.agent("amira", AgentState.TALKING)  # with a live caller

    expect(page.locator(".waiting")).to_contain_text("You have a live caller.")
    expect(page.locator(".who")).to_have_count(0)
    expect(page.locator(".due summary")).to_contain_text(name)
    awake(page)
    page.keyboard.press("1")  # no word of a live caller's
    seeded.agent("amira", AgentState.OFFLINE)
    expect(page.locator(".head .pill")).to_contain_text("offline")
    assert written(seeded, attempt) is None

    awake(page)
    page.keyboard.press("Shift+Digit1")
    expect(page.locator(".due")).to_have_count(0)
    assert written(seeded, attempt) == (Disposition.SAVED, "wants two days")


def test_a_word_due_stands_above_the_next_customer_and_has_keys_of_its_own(
    seeded: Seeded, page: Page
) -> None:
    first = wrapped_up(seeded)
    second = seeded.ring()
    seeded.connect(second, "amira")
    seeded.hang_up(second, "amira")
    page.goto("/agents/amira")
    expect(page.locator(".due summary")).to_have_count(1)

    awake(page)
    page.keyboard.press("3")
    told(page, second, "Lost")
    awake(page)
    page.keyboard.press("Shift+Digit2")
    told(page, first, "Offer made")
    assert written(seeded, second) == (Disposition.LOST, "")
    assert written(seeded, first) == (Disposition.OFFER_MADE, "")


@pytest.mark.parametrize("text", ["26 kr off", "he said hi", "opt 6677 1"])
def test_text_typed_at_no_field_decides_nothing(
    seeded: Seeded, page: Page, sent: list[str], text: str
) -> None:
    attempt = wrapped_up(seeded)
    page.goto("/agents/amira")
    page.keyboard.type(text, delay=40)  # right after a reload
    awake(page)
    page.keyboard.type(text, delay=40)  # and in the middle of work
    awake(page)

    assert sent == []
    assert written(seeded, attempt) is None


def test_a_word_that_shuts_a_customer_out_takes_a_second_press(
    seeded: Seeded, page: Page, sent: list[str]
) -> None:
    attempt = wrapped_up(seeded)
    page.goto("/agents/amira")
    page.locator("button[value=log_out]").dblclick()
    expect(page.locator("button[value=log_out] .sure")).to_be_visible()
    assert sent == []
    awake(page)
    page.keyboard.press("6")
    expect(page.locator("button[value=opt_out] .sure")).to_be_visible()
    assert sent == []

    page.keyboard.press("6")
    told(page, attempt, "Never call")
    assert written(seeded, attempt) == (Disposition.OPT_OUT, "")


def test_a_word_can_be_undone_for_eight_seconds_and_its_note_is_there_again(
    seeded: Seeded, page: Page
) -> None:
    attempt = wrapped_up(seeded)
    page.goto("/agents/amira")
    page.locator("#note").fill("two lines\nof text")
    page.locator("#note").press("Escape")
    awake(page)
    page.keyboard.press("1")
    expect(page.locator(".banner.good")).to_contain_text("Undo")
    awake(page)
    page.keyboard.press("z")
    expect(page.locator("#note")).to_have_value("two lines\nof text")
    assert written(seeded, attempt) is None

    awake(page)
    page.keyboard.press("3")
    expect(page.locator(".banner.good")).to_be_visible()
    seeded.later(8)
    expect(page.locator(".banner.good")).to_have_count(0)
    assert written(seeded, attempt) == (Disposition.LOST, "two lines\nof text")


def test_a_word_said_today_can_be_corrected_with_its_note(seeded: Seeded, page: Page) -> None:
    attempt = wrapped_up(seeded)
    seeded.say(attempt, "amira", Disposition.OPT_OUT)
    page.goto("/agents/amira")
    said = page.locator(".said")
    said.locator("summary").click()
    said.locator("textarea").fill("it was a joke")
    said.locator("button[value=offer_made]").click()
    expect(said.locator("summary")).to_contain_text("Offer made")
    assert written(seeded, attempt) == (Disposition.OFFER_MADE, "it was a joke")


@pytest.mark.parametrize("key", ["p", "g", "reload"])
def test_a_typed_note_outlives_every_button_and_a_reload(seeded: Seeded, page: Page, key: str) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.agent("amira", AgentState.WRAPPING_UP, attempt=attempt, until=seeded.now + timedelta(seconds=60))
    page.goto("/agents/amira")
    page.locator("#note").fill("wants a cheaper plan, 2 kids")
    page.locator("#call-again").fill("2026-06-12T11:30")
    if key == "reload":
        page.reload()
    else:
        page.locator("#call-again").press("Escape")
        awake(page)
        with page.expect_response(lambda answer: answer.url.endswith(("/leave", "/wish"))):
            page.keyboard.press(key)

    expect(page.locator("#note")).to_have_value("wants a cheaper plan, 2 kids")
    expect(page.locator("#call-again")).to_have_value("2026-06-12T11:30")


def test_what_is_typed_is_in_the_book_after_a_pause_and_on_any_other_screen(
    seeded: Seeded, page: Page, browser: Browser, served: Served
) -> None:
    attempt = wrapped_up(seeded)
    page.goto("/agents/amira")
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.status == 204):
        page.locator("#note").fill("asked for Friday")
    other = browser.new_page(base_url=served.url)
    other.goto("/agents/amira")
    expect(other.locator("#note")).to_have_value("asked for Friday")
    other.close()
    assert written(seeded, attempt) is None


def test_without_a_server_nothing_is_lost_and_the_page_says_so(seeded: Seeded, cut_off: Page) -> None:
    attempt, page = wrapped_up(seeded), cut_off
    page.goto("/agents/amira")
    page.locator("#note").fill("half a note")
    page.context.set_offline(offline=True)
    page.locator("button[value=saved]").click()
    expect(page.locator("#unsent")).to_contain_text("Winback cannot be reached.")
    expect(page.locator("#note")).to_have_value("half a note")
    assert written(seeded, attempt) is None

    page.context.set_offline(offline=False)
    page.locator("button[value=saved]").click()
    told(page, attempt, "Saved")
    expect(page.locator("#unsent")).to_be_hidden()
    assert written(seeded, attempt) == (Disposition.SAVED, "half a note")


def test_a_draft_under_way_as_the_link_goes_does_not_unsay_that_the_word_was_not_sent(
    seeded: Seeded, cut_off: Page
) -> None:
    attempt, page = wrapped_up(seeded), cut_off
    page.goto("/agents/amira")
    with seeded.database.write():  # the draft's answer waits for its turn
        with page.expect_request(lambda request: request.url.endswith("/draft")):
            page.locator("#note").fill("half a note")
        page.context.set_offline(offline=True)
        page.locator("button[value=saved]").click()
        expect(page.locator("#unsent")).to_contain_text("Winback cannot be reached.")
    page.wait_for_function(
        "name => JSON.parse(sessionStorage.getItem(name)).saved", arg=f"winback /agents/amira {attempt}"
    )
    expect(page.locator("#unsent")).to_contain_text("Winback cannot be reached.", timeout=1)
    assert written(seeded, attempt) is None


def test_a_button_under_a_pressed_hand_stays_where_it_is(seeded: Seeded, page: Page) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    page.goto("/agents/amira")
    page.locator(".agent-card button[value=saved]").hover()
    page.mouse.down()
    with page.expect_response(lambda answer: answer.url.endswith("/card")) as heard:
        seeded.hang_up(attempt, "amira")
    heard.value.finished()
    page.mouse.up()
    told(page, attempt, "Saved")


def test_an_address_alone_says_nothing_was_written(seeded: Seeded, page: Page) -> None:
    wrapped_up(seeded)
    page.goto("/agents/amira?said=saved")
    expect(page.locator("#note")).to_be_visible()
    expect(page.locator(".banner")).to_have_count(1)  # the hidden one for what could not be sent
    expect(page.locator("#unsent")).to_be_hidden()

"""Call again in two keys, and a time at which nobody may ring cannot be pressed."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from dialer.core.calling.disposition import Disposition
from dialer.db.queries import dispositions
from tests.browser.hands import told
from tests.browser.seeded import Seeded
from tests.browser.test_desk import wrapped_up
from tests.browser.test_work import awake

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser


def test_two_keys_agree_on_a_call_and_the_note_goes_with_it(seeded: Seeded, page: Page) -> None:
    attempt = wrapped_up(seeded)
    page.goto("/agents/amira")
    page.locator("#note").fill("asks her husband")
    page.locator("#note").press("Escape")
    awake(page)
    page.keyboard.press("4")
    times = page.locator(".words [data-menu]")
    expect(times).to_have_attribute("open", "")
    monday = times.locator("button", has_text="Monday")
    expect(monday).to_be_disabled()
    expect(monday).to_contain_text("A public holiday at the customer's place.")
    page.keyboard.press("4")  # so its key does nothing
    expect(times).to_have_attribute("open", "")
    awake(page)
    page.keyboard.press("Escape")
    expect(times).not_to_have_attribute("open", "")
    page.keyboard.press("4")
    expect(times).to_have_attribute("open", "")
    page.keyboard.press("3")
    told(page, attempt, "Call again")

    with seeded.database.read() as tx:
        said = dispositions.find(tx, attempt)
        assert said is not None
        written = (said.disposition, said.note, said.call_again_at)
    assert written == (
        Disposition.CALL_AGAIN,
        "asks her husband",
        datetime(2026, 6, 11, 9, 0, tzinfo=UTC),  # ten on the customer's clock
    )


def test_an_open_menu_is_of_one_call_and_decides_nothing_of_the_next(seeded: Seeded, page: Page) -> None:
    wrapped_up(seeded)
    page.goto("/agents/amira")
    awake(page)
    page.keyboard.press("4")
    expect(page.locator(".words [data-menu]")).to_have_attribute("open", "")
    second = wrapped_up(seeded)  # before a time was chosen
    expect(page.locator(f".agent-card input[value='{second}']").first).to_be_attached()
    expect(page.locator(".words [data-menu]")).not_to_have_attribute("open", "")

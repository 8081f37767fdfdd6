"""People come in by a browser: the first link, a password, a second step, and each to their own pages."""

from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from dialer.services.organisation.users import invite_first_admin
from dialer.settings import Settings
from dialer.web_settings import WebSettings
from tests.browser.conftest import DEADLINE_S, Served
from tests.browser.seeded import Seeded

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser

PASSWORD = "four words are easy"  # noqa: S105 - the test's own


@pytest.fixture
def closed(seeded: Seeded) -> Iterator[Served]:
    """The pages with log-in."""
    served = Served(seeded, Settings(web=WebSettings(port=0))).start()
    yield served
    served.stop()


def person(browser: Browser, served: Served) -> Page:
    """A browser of somebody's own."""
    page = browser.new_page(base_url=served.url, viewport={"width": 1280, "height": 900})
    page.set_default_timeout(DEADLINE_S * 1000)
    return page


def choose_password(page: Page, link: str, name: str = "") -> None:
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    page.keyboard.press("Enter")


def log_in(page: Page, name: str, code: str = "") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(code)
    page.keyboard.press("Enter")


def test_an_administrator_lets_an_agent_in_who_sees_their_own_page_and_no_other(
    browser: Browser, closed: Served, seeded: Seeded
) -> None:
    admin, agent = person(browser, closed), person(browser, closed)
    choose_password(admin, f"/invitation/{invite_first_admin(seeded.database, seeded.now)}")
    expect(admin.get_by_role("link", name="Users")).to_be_visible()

    admin.get_by_role("link", name="Users").click()
    admin.get_by_label("Log-in name").fill("maria")
    admin.get_by_label("Role").first.select_option("agent")
    admin.get_by_label("Is the agent").first.select_option("amira")
    admin.get_by_role("button", name="Add").click()
    choose_password(agent, admin.locator("#link-once").inner_text(), "Maria Berg")

    expect(agent.get_by_role("heading", name="Amira Kahn")).to_be_visible()
    expect(agent.get_by_role("navigation").get_by_role("link")).to_have_text(["My page"])
    agent.get_by_role("button", name="Pause", exact=False).first.click()
    expect(agent.get_by_role("button", name="Stay")).to_be_visible()

    agent.goto("/agents/ben")
    expect(agent.get_by_role("heading", name="Your role does not include this.")).to_be_visible()

    agent.get_by_role("button", name="Log out").click()
    agent.goto("/agents/amira")
    log_in(agent, "maria")
    expect(agent.get_by_role("heading", name="Amira Kahn")).to_be_visible()


def test_a_second_step_is_set_up_and_asked_for(browser: Browser, closed: Served, seeded: Seeded) -> None:
    page = person(browser, closed)
    choose_password(page, f"/invitation/{invite_first_admin(seeded.database, seeded.now)}")
    expect(page.get_by_role("link", name="Users")).to_be_visible()
    page.goto("/account")
    totp = pyotp.TOTP(page.locator("#second-step-secret").inner_text())
    page.get_by_label("Code").fill(totp.at(seeded.now))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="a code is asked for")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    log_in(page, "admin")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    seeded.now += timedelta(seconds=30)
    log_in(page, "admin", totp.at(seeded.now))
    expect(page.get_by_role("heading", name="Log in")).to_be_hidden()

"""The dashboard follows the database without a reload, and says so when it cannot."""

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from dialer.bootstrap import pbx_fault
from dialer.core.agents.state import AgentState
from dialer.core.organisation.entries import StaffAgent, StaffTeam
from dialer.db.models import Campaign
from dialer.services.calls.set_aside_facts import set_aside_fact
from dialer.services.organisation.setup import apply_setup
from telephony.calls.events import Answered
from tests.browser.conftest import Served
from tests.browser.seeded import Seeded, busy_morning, web_settings

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser


@pytest.fixture
def reloads(page: Page) -> list[str]:
    """Every navigation of the main frame, so that a test can say there was none."""
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    return seen


def test_a_team_has_its_row_and_can_be_looked_at_alone(seeded: Seeded, page: Page) -> None:
    staff = tuple(StaffAgent(id=name, phone=f"PJSIP/{name}") for name in ("amira", "ben", "chloe"))
    north = StaffTeam(id="north", name="North", agents=("amira", "ben"))
    south = StaffTeam(id="south", name="South", agents=("chloe",))
    apply_setup(
        seeded.database,
        web_settings(),
        lambda there: there.model_copy(update={"agents": staff, "teams": (north, south)}),
        now=seeded.now,
        actor="test",
        pbx_fault=pbx_fault,
    )
    with seeded.database.write() as tx:
        tx.execute(update(Campaign).values(team_id="north"))
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")

    page.goto("/")
    expect(page.locator("#teams tr")).to_have_count(2)
    expect(page.locator("#teams tr").first).to_contain_text("North")
    expect(page.locator("#teams tr").first.locator("td").nth(2)).to_have_text("1")  # talking
    expect(page.locator("#attempts")).to_have_text("1")
    page.get_by_label("Figures of").select_option("South")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#attempts")).to_have_text("0")
    expect(page.locator("#agents .tile")).to_have_count(1)
    page.get_by_role("link", name="North", exact=True).click()
    expect(page.locator("#attempts")).to_have_text("1")
    expect(page.locator("#agents .tile")).to_have_count(2)
    expect(page.locator("#utilisation")).to_have_text("50 %")


def test_figures_follow_the_database_without_a_reload(
    seeded: Seeded, served: Served, page: Page, reloads: list[str]
) -> None:
    page.goto("/")
    expect(page.locator("#attempts")).to_have_text("0")
    expect(page.locator("#link")).to_have_text("engine up")

    attempt = seeded.ring()
    expect(page.locator("#attempts")).to_have_text("1")
    seeded.connect(attempt, "amira")
    expect(page.locator("#connected")).to_have_text("1")
    amira = page.locator('a.tile[href="/agents/amira"]')
    expect(amira).to_contain_text("talking")
    seeded.hang_up(attempt, "amira")
    expect(amira).to_contain_text("wrapping up")
    made = seeded.promise(1, joined_s_ago=65)
    expect(page.locator("#promises")).to_have_text("1 open")
    expect(page.locator("#open-promises")).to_contain_text(made.reference)
    expect(page.locator("#open-promises time")).to_contain_text("1:0")

    assert len(reloads) == 1
    assert served.app.state.deps.dashboards.watchers == 1


def test_a_busy_morning_is_shown_whole(seeded: Seeded, page: Page) -> None:
    busy_morning(seeded)
    page.goto("/")

    expect(page.locator(".tile")).to_have_count(8)
    expect(page.locator("#agent-states")).to_contain_text("3talking")
    expect(page.locator("#leads tr")).to_have_count(10)
    expect(page.locator("#abandoned-sub")).to_contain_text("1 of")
    expect(page.locator("#why")).to_contain_text("2 ringing for 2 free agents.")
    expect(page.locator("#ledger")).to_contain_text("ledger balances")
    assert page.locator("#in-air-spark path").count() == 2


def test_promises_that_are_stuck_or_overtaken_are_said_in_red(seeded: Seeded, page: Page) -> None:
    seeded.break_promises()
    page.goto("/")

    faults = page.locator("#ledger strong.is-bad")
    expect(faults).to_have_count(2)
    expect(faults.nth(0)).to_contain_text("1 promise is stuck: nothing would ever call it")
    expect(faults.nth(1)).to_contain_text("2 promises are overtaken: somebody who joined later was called")


def test_facts_that_were_set_aside_are_said_in_red(seeded: Seeded, page: Page) -> None:
    fact = Answered(at=seeded.now, attempt="wb-" + "a" * 10)
    set_aside_fact(seeded.database, "pbx", fact, ValueError(), seeded.now)
    page.goto("/")

    expect(page.locator("#ledger strong.is-bad")).to_contain_text("1 of what was heard of calls could not be")


def test_what_an_engine_of_another_version_does_not_say_is_a_dash(seeded: Seeded, page: Page) -> None:
    seeded.show(callers_waiting=None, utilisation=None)
    page.goto("/")

    expect(page.locator("#in-air-sub")).to_contain_text("– callers waiting")
    expect(page.locator("#utilisation")).to_have_text("–")


@pytest.mark.parametrize(
    ("body", "words"), [({"link": "connecting"}, "no working link"), ({"ready": False}, "until it knows")]
)
def test_a_lost_link_raises_a_banner_and_its_return_takes_it_down(
    seeded: Seeded, page: Page, body: dict[str, object], words: str
) -> None:
    page.goto("/")
    banner = page.locator("#banner")
    expect(banner).to_be_hidden()
    seeded.show(**body)
    expect(banner).to_contain_text(words)
    seeded.show()
    expect(banner).to_be_hidden()


def test_a_silent_engine_raises_a_banner(seeded: Seeded, page: Page) -> None:
    page.goto("/")
    seeded.later(60)
    expect(page.locator("#banner")).to_contain_text("has said nothing for 60 s")
    expect(page.locator("#link")).to_have_text("engine silent")


def test_a_page_that_hears_nothing_says_that_it_is_stale(served: Served, browser: Browser) -> None:
    page = browser.new_page(base_url=served.url)  # its own: a refused connection is a console error
    page.goto("/")
    expect(page.locator("#link")).to_have_text("engine up")
    served.stop()
    expect(page.locator("#link")).to_have_text("page is stale", timeout=30_000)
    expect(page.locator("#banner")).to_contain_text("What you see is old")
    page.close()


def test_a_server_stops_at_once_with_dashboards_open(served: Served, page: Page) -> None:
    page.goto("/")
    expect(page.locator("#link")).to_have_text("engine up")
    served.stop()  # asserts that the server's thread ended


def test_focus_stays_on_an_agent_while_the_page_lives(seeded: Seeded, page: Page) -> None:
    page.goto("/")
    ben = page.locator('a.tile[href="/agents/ben"]')
    ben.focus()
    seeded.agent("ben", AgentState.PAUSED, reason="lunch")
    expect(ben).to_contain_text("paused: lunch")
    expect(ben).to_be_focused()

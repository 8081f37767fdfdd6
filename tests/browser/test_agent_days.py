"""Random days of an agent's: no note is lost, no word is wrong, and no card is another customer's."""

import pytest
from playwright.sync_api import Browser

from tests.browser.agent_bot import AgentDay
from tests.browser.conftest import DEADLINE_S, Served
from tests.browser.seeded import Seeded

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser

CALLS = 6  # in the ring of tests; `bench desk` works longer days, and many


@pytest.mark.parametrize("seed", [1, 2])
def test_a_clumsy_day_ends_with_every_note_and_word_as_meant(
    seeded: Seeded, served: Served, browser: Browser, seed: int
) -> None:
    page = browser.new_context(base_url=served.url).new_page()  # its own: a cut network is a console error
    page.set_default_timeout(DEADLINE_S * 1000)
    day = AgentDay(seeded=seeded, page=page, seed=seed)
    day.work(CALLS)
    page.context.close()

    assert day.faults() == {"lost notes": [], "wrong words": [], "wrong cards": []}
    assert len(day.calls) == CALLS

"""A live caller on the agent's page: shown, written down, and refused with what was typed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.browser.seeded import Seeded


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=20)
    yield seeded
    seeded.database.close()


def test_a_live_caller_is_on_the_page_until_it_is_written_down_what_came_of_it(
    seeded: Seeded, client: TestClient
) -> None:
    seeded.live_caller("1700000000.1", "dev")
    shown = client.get("/agents/dev").text
    assert "Live caller" in shown
    assert 'value="resume"' not in shown, "a wrap-up ends by its word"
    assert 'value="wrong_number"' not in shown, "nobody was rung"

    said = client.post("/agents/dev/inbound", data={"attempt": "1700000000.1", "disposition": "served"})

    assert said.status_code == 303
    assert "Live caller" not in client.get("/agents/dev").text
    assert "Served, " in client.get("/agents/dev/panel").text


def test_a_word_that_fits_no_live_call_is_refused_and_what_was_typed_stays(
    seeded: Seeded, client: TestClient
) -> None:
    seeded.live_caller("1700000000.1", "dev")
    typed = {"attempt": "1700000000.1", "disposition": "wrong_number", "note": "a note of mine"}
    refused = client.post("/agents/dev/inbound", data=typed)

    assert refused.status_code == 409
    assert "a note of mine" in refused.text


def test_the_day_counts_whatever_the_list_says_is_still_to_be_written_down(
    seeded: Seeded, client: TestClient
) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "dev")
    seeded.hang_up(attempt, "dev")
    seeded.live_caller("1700000000.1", "dev")

    day = client.get("/agents/dev/day").text
    assert '<h3>Still to write down</h3><div class="big">2</div>' in day


def test_an_agent_reads_that_no_call_is_booked_where_the_customer_has_asked_for_another_meanwhile(
    seeded: Seeded, client: TestClient
) -> None:
    seeded.promise(1)
    attempt = seeded.ring(promise=True, agent="dev")
    seeded.connect(attempt, "dev")
    seeded.hang_up(attempt, "dev")
    seeded.promise(1, call="rang again")
    then = f"{seeded.now + timedelta(hours=2):%Y-%m-%dT%H:%M}"

    said = client.post(
        "/agents/dev/disposition",
        data={"attempt": attempt, "disposition": "call_again", "call_again_at": then},
    )

    assert said.status_code == 303
    shown = client.get("/agents/dev", headers={"accept-language": "sv"}).text
    assert shown.count("Inget samtal är bokat till den tiden") == len(("just said", "said today"))

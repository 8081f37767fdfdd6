"""The pages of one promise and of the sums by day."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.pbx_settings import SoundSettings
from dialer.services.promises import promises
from dialer.services.promises.in_the_call import note_recording
from dialer.services.promises.moves import move_promise
from dialer.services.promises.slots import open_slots
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=20)
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded, tmp_path: Path) -> Iterator[TestClient]:
    settings = web_settings().model_copy(update={"sound": SoundSettings(folder=tmp_path)})
    app = application(seeded.database, settings, seeded.clock)
    with TestClient(app, base_url=HERE, follow_redirects=False, headers=A_PAGE) as client:
        yield client


def missed(seeded: Seeded) -> int:
    """A promise whose customer did not answer."""
    seeded.promise(1)
    seeded.miss(seeded.ring(promise=True))
    return promises.open_promises(seeded.database)[0].id


def test_a_promise_has_a_page_with_every_step_and_what_comes_next(seeded: Seeded, client: TestClient) -> None:
    promise = missed(seeded)

    page = client.get(f"/promises/{promise}").text

    for step in ("made", "claim", "allow", "miss"):
        assert f"<td>{step}</td>" in page, step
    assert "now number 1 of those at home" in page
    assert "Call now" in page
    assert client.get("/promises/999999").status_code == 404


def test_call_now_makes_a_waiting_promise_due_at_its_place_and_one_that_is_over_is_refused(
    seeded: Seeded, client: TestClient
) -> None:
    promise = missed(seeded)
    before = promises.open_promises(seeded.database)[0]
    assert before.next_action_at is not None
    assert before.next_action_at > seeded.clock()

    assert client.post(f"/promises/{promise}/call-now").status_code == 303
    card = promises.open_promises(seeded.database)[0]
    assert card.next_action_at == seeded.clock()
    assert (card.virtual_join, card.attempts_made) == (before.virtual_join, before.attempts_made)

    promises.cancel_promise(seeded.database, promise, "no longer wanted", seeded.clock())
    answer = client.post(f"/api/v1/promises/{promise}/call-now")
    assert answer.status_code == 409
    assert "Call now" not in client.get(f"/promises/{promise}").text


def test_call_now_calls_before_the_chosen_hour_too(seeded: Seeded, client: TestClient) -> None:
    promise = missed(seeded)
    hour = open_slots(seeded.database, "support", None, seeded.clock())[0]
    move_promise(seeded.database, promise, hour.start, "boss", seeded.clock())

    assert client.post(f"/promises/{promise}/call-now").status_code == 303

    assert promises.open_promises(seeded.database)[0].next_action_at == seeded.clock()


def test_the_ledger_page_sums_up_by_day_and_names_what_is_at_fault(
    seeded: Seeded, client: TestClient
) -> None:
    promise = missed(seeded)
    page = client.get("/promises/ledger").text
    assert "all adds up" in page
    assert '<td class="num" data-name="open">1</td>' in page

    with seeded.database.write() as tx:
        row = promises.promises.lock_promise(tx, promise)
        assert row is not None
        row.ended_at = seeded.clock()

    page = client.get("/promises/ledger").text
    assert "0 unaccounted for, 1 at fault" in page
    assert "it is open and has a time of its end" in page
    assert "No promise was made on these days." in client.get("/promises/ledger?to=2020-01-02").text


def test_what_the_customer_said_is_played_on_the_card_of_the_agent_who_talks_with_them(
    seeded: Seeded, client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "418.wav").write_bytes(b"RIFF")
    made = seeded.promise(1)
    note_recording(seeded.database, "caller-1", "418")
    attempt = seeded.ring(promise=True)
    player = f"/agents/amira/calls/{attempt}/reason.wav"
    assert client.get(player).status_code == 409, "nobody has answered"
    seeded.connect(attempt, "amira")

    assert f'src="{player}"' in client.get("/agents/amira").text
    heard = client.get(player)
    assert (heard.content, heard.headers["content-type"]) == (b"RIFF", "audio/wav")
    assert heard.headers["cache-control"] == "no-store"
    assert "only whoever calls them hears it" in client.get(f"/promises/{made.id}").text
    assert client.get(f"/agents/ben/calls/{attempt}/reason.wav").status_code == 409

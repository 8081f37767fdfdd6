"""Recorded talks on their page: heard in pieces, silenced, deleted, by right, and none outside the folder."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.core.agents.state import AgentState
from dialer.db.queries import audit
from dialer.services.recordings.recordings import delete_old
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings
from tests.unit.dialer.test_silence import recording, samples_of

HERE = "http://127.0.0.1:8000"
HTML = {"accept": "text/html"}


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=8)
    yield seeded
    seeded.database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "monitor" / "winback"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def call(seeded: Seeded, folder: Path) -> str:
    """A recorded talk of amira's."""
    attempt = seeded.ring()
    seeded.answer(attempt)
    seeded.agent("amira", AgentState.TALKING, attempt=attempt)
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    (folder / f"{attempt}.wav").write_bytes(recording(b"\x01\x00" * 200))
    return attempt


@pytest.fixture
def client(seeded: Seeded, folder: Path) -> Iterator[TestClient]:
    settings = web_settings()
    sound = settings.sound.model_copy(update={"recordings": folder.parent})
    settings = settings.model_copy(update={"sound": sound})
    app = application(seeded.database, settings, seeded.clock)
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


def acts(seeded: Seeded, kind: str) -> list[str]:
    with seeded.database.read() as tx:
        return [
            act.subject for act in audit.of_action(tx, f"recording.{kind}", seeded.now - timedelta(hours=1))
        ]


def test_a_talk_is_listed_and_heard_in_the_pieces_a_player_asks_for_as_one_hearing(
    client: TestClient, seeded: Seeded, call: str
) -> None:
    page = client.get("/recordings", headers=HTML).text
    whole = client.get(f"/recordings/{call}.wav")
    piece = client.get(f"/recordings/{call}.wav", headers={"range": "bytes=0-3"})
    (listed,) = client.get("/api/v1/recordings").json()

    assert f'src="/recordings/{call}.wav"' in page
    assert "heard the consent prompt" in page
    assert (200, "audio/wav") == (whole.status_code, whole.headers["content-type"])
    assert (206, b"RIFF") == (piece.status_code, piece.content)
    assert ("amira", call) == (listed["agent"], listed["call"])
    assert [] == client.get("/api/v1/recordings?agent=ben").json()
    assert [call] == acts(seeded, "heard")


def test_a_part_is_silenced_for_good_and_the_recording_still_goes_when_its_time_is_over(
    client: TestClient, seeded: Seeded, call: str, folder: Path
) -> None:
    path = folder / f"{call}.wav"
    long_ago = seeded.now.timestamp() - 91 * 86_400
    os.utime(path, (long_ago, long_ago))

    done = client.post(f"/recordings/{call}/silence", data={"first_s": 1, "last_s": 2, "reason": "a card"})
    beyond = client.post(
        f"/api/v1/recordings/{call}/silence", json={"first_s": 5, "last_s": 6, "reason": "a card"}
    )

    assert 303 == done.status_code
    assert bytes(200) == samples_of(path.read_bytes())[200:]
    assert (409, "recording.not-silenced") == (beyond.status_code, beyond.json()["error"]["code"])
    assert [call] == acts(seeded, "silenced")
    assert [0, 0, 1] == [delete_old(seeded.database, folder, days, seeded.now) for days in (0, 92, 90)]
    assert not path.exists()


def test_a_part_that_cannot_be_silenced_is_shown_again_among_the_days_that_were_chosen(
    client: TestClient, call: str
) -> None:
    here = "/recordings?from=2026-06-10&agent=amira"
    wrong = {"first_s": "2", "last_s": "1", "reason": "a card"}

    page = client.post(
        f"/recordings/{call}/silence",
        data=wrong,
        headers={**HTML, "referer": f"{HERE}{here}"},
        follow_redirects=True,
    )

    assert str(page.url).startswith(f"{HERE}{here}&told=")
    assert "A part ends after it begins; the recording lasts 2 s. <code>recording.not-silenced" in page.text
    assert ["2.0", "1.0"] == re.findall(r'name="(?:first|last)_s" value="([^"]*)"', page.text)
    assert 'value="a card"' in page.text


def test_a_recording_is_deleted_with_a_reason(
    client: TestClient, seeded: Seeded, call: str, folder: Path
) -> None:
    assert 422 == client.post(f"/recordings/{call}/delete", data={"reason": ""}).status_code
    assert 303 == client.post(f"/recordings/{call}/delete", data={"reason": "asked for it"}).status_code

    assert [] == list(folder.iterdir())
    assert 404 == client.get(f"/recordings/{call}.wav").status_code
    assert [call] == acts(seeded, "deleted")


def test_nothing_but_a_known_call_in_the_folder_itself_is_ever_opened(
    client: TestClient, seeded: Seeded, call: str, folder: Path
) -> None:
    secret = folder.parent / "secret.wav"
    secret.write_bytes(b"RIFF of somebody else")
    (folder / "1700000000.9.wav").write_bytes(b"RIFF of a call that nobody knows")
    (folder / f"{call}.wav").unlink()
    (folder / f"{call}.wav").symlink_to(secret)

    tried = [
        client.get(f"/recordings/{name}.wav").status_code
        for name in ("..%2Fsecret", "%2E%2E%2Fsecret", "../secret", "1700000000.9", "secret", call)
    ]

    assert all(status in {404, 422} for status in tried), tried
    assert [] == client.get("/api/v1/recordings").json()


def test_without_the_folder_the_page_says_what_to_set(seeded: Seeded) -> None:
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE) as client:
        assert "sound.recordings" in client.get("/recordings", headers=HTML).text
        assert 409 == client.get("/api/v1/recordings").status_code

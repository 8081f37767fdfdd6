"""The page of numbers that nobody may ring: one at a time, and a register as a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    seeded = Seeded(tmp_path / "winback.db", people=1)
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE, follow_redirects=False, headers={"accept": "text/html"}) as client:
        yield client
    seeded.database.close()


def test_numbers_go_on_the_do_not_call_list_and_off_it(client: TestClient) -> None:
    assert client.post("/do-not-call", data={"number": "020 7946 0958", "reason": "asked"}).status_code == 303
    assert "+442079460958" in client.get("/do-not-call").text
    assert client.post("/do-not-call/remove", data={"number": "+442079460958"}).status_code == 303
    assert "+442079460958" not in client.get("/do-not-call").text
    refused = client.post("/do-not-call", data={"number": "12345", "reason": "asked"})
    assert refused.status_code == 409
    assert 'value="12345"' in refused.text


def test_a_register_is_uploaded_and_every_line_is_accounted_for(client: TestClient) -> None:
    lines = b"020 7946 0958\n<b>nobody</b>\n" + b"0161 496 0000\n" * 7_000  # more than a form may carry

    file = {"file": ("a<i>.txt", lines)}
    page = client.post("/do-not-call/import", files=file, data={"source": "tps"}, follow_redirects=True)

    assert page.status_code == 200
    assert "7,002 lines, 7,001 good, 1 bad" in page.text
    assert "2 numbers added, 0 removed" in page.text
    assert "&lt;b&gt;nobody" in page.text
    assert "number.letters" in page.text
    assert "a&lt;i&gt;.txt" in client.get("/do-not-call").text
    refused = client.post(
        "/do-not-call/import", files={"file": ("no.txt", b"%PDF-1.7")}, data={"source": "nix", "dated": ""}
    )
    assert refused.status_code == 422
    assert "no.txt is a PDF document" in refused.text


def test_a_register_is_halved_only_with_a_tick(client: TestClient) -> None:
    def bring(*numbers: bytes, **said: str) -> tuple[int, str]:
        file = {"file": ("tps.txt", b"\n".join(numbers))}
        form = {"source": "tps", **said}
        page = client.post("/do-not-call/import", files=file, data=form, follow_redirects=True)
        return page.status_code, page.text

    bring(b"020 7946 0958", b"0161 496 0000")
    code, said = bring(b"020 7946 0958")
    assert (code, "1 of the 2 numbers of tps (50.0%)" in said) == (422, True)
    code, said = bring(b"020 7946 0958", shorter="true")
    assert (code, "The register had 2 before: it lost 50.0 %." in said) == (200, True)

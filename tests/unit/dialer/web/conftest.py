"""A centre with its customers and campaign, and a browser on its pages; a file with its own says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db")
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded) -> Iterator[TestClient]:
    app = application(seeded.database, web_settings(), seeded.clock)
    here, a_page = "http://127.0.0.1:8000", {"accept": "text/html"}
    with TestClient(app, base_url=here, follow_redirects=False, headers=a_page) as client:
        yield client

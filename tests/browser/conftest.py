"""A real server over a real database, and a real browser that fails the test on any console error."""

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from dialer.settings import Settings
from dialer.web.app import create_app
from dialer.web.page_server import PageServer
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

# The browser must reach for nothing but the page: no updates, no sync, no QUIC, no first-run pages.
FLAGS = (
    "--headless",
    "--no-sandbox",  # tests run as root in CI; the only page is ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DEADLINE_S = 30.0
# on a busy machine the first drawing of a page alone can outlast the five seconds that are the default
expect.set_options(timeout=DEADLINE_S * 1000)


class Served:
    """The pages on a free loopback port, in a thread of their own."""

    def __init__(
        self, seeded: Seeded, settings: Settings | None = None, *, beside_others: bool = False
    ) -> None:
        self.seeded = seeded
        beside = Path(seeded.database.url.removeprefix("sqlite:///")).parent  # what is handed in lies there
        settings = (settings or web_settings()).model_copy(update={"data_dir": beside})
        make = create_app if beside_others else application  # which is there for one at a time
        self.app = make(seeded.database, settings, seeded.clock)
        self.server = PageServer(self.app, settings)
        self.thread = threading.Thread(target=self.server.run, name="pages")

    def start(self) -> "Served":
        self.thread.start()
        waiter = threading.Event()
        for _ in range(int(DEADLINE_S / 0.02)):
            if self.server.started:
                return self
            waiter.wait(0.02)
        raise TimeoutError("the pages did not start")

    @property
    def url(self) -> str:
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(DEADLINE_S)
        assert not self.thread.is_alive(), "the server did not stop with a dashboard open"


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    """A database with a running campaign, agents, a call and promises, made through the services."""
    seeded = Seeded(tmp_path / "winback.db")
    yield seeded
    seeded.database.close()


@pytest.fixture
def served(seeded: Seeded) -> Iterator[Served]:
    """The pages over that database."""
    served = Served(seeded).start()
    yield served
    served.stop()


# The same engine without the browser around it comes first: the whole one draws its own windows too, which
# nobody sees, and takes more than twice the processor time for the same pages.
WHOLE = ("chromium", "google-chrome")
BROWSERS = ("chromium-headless-shell", *WHOLE)


def chromium_path(browsers: Sequence[str] = BROWSERS) -> str | None:
    """The one a variable names, or the machine's own."""
    named = os.environ.get("WINBACK_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, browsers)), None)


def a_browser(browsers: Sequence[str] = BROWSERS) -> str:
    """Its path; where the machine has none, CI fails and a laptop is told why."""
    path = chromium_path(browsers)
    if path is not None:
        return path
    reason = f"no browser on this machine (apt-get install {browsers[0]}); its tests are left out"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")  # its event loop would else run under whatever the process tests next
def browser() -> Iterator[Browser]:
    """One browser for a module's tests."""
    path = a_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A page that must not complain: any console error or uncaught exception fails the test."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # a refusal is an answer with status 409, and a browser writes every such answer to its console
        refusal = "status of 409" in message.text
        if message.type in {"error", "warning"} and not refusal:
            complaints.append(message.text)

    page = browser.new_page(base_url=served.url, viewport={"width": 1280, "height": 900})
    page.set_default_timeout(DEADLINE_S * 1000)
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []

"""Takes the README's picture of the dashboard.

`PYTHONPATH=tests python -m tests.browser.picture docs/dashboard.png`: from a seeded morning, or with a second
argument, `http://127.0.0.1:8000`, from pages that already run.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, Served, chromium_path
from tests.browser.seeded import Seeded, busy_morning

SIZE = {"width": 1180, "height": 730}  # the page whole and readable, the file below 200 KB
WATCHED_MS = 60_000  # of pages that run: long enough for the curves to show something


class Told(Seeded):
    """A morning that notifies of every change, so that the page's curves see all of it."""

    served: Served | None = None

    def show(self, **body: object) -> None:
        super().show(**body)
        if self.served is not None:
            self.served.app.state.deps.dashboards.ring()


def photograph(page: Page, to: Path) -> None:
    """The page as it stands."""
    expect(page.locator("#leads tr").first).to_be_visible()
    page.wait_for_timeout(1500)  # one more view
    page.screenshot(path=to)


def main(to: Path, url: str | None) -> None:
    """Write the picture."""
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        if url is not None:
            page.goto(url)
            page.wait_for_timeout(WATCHED_MS)
            photograph(page, to)
        else:
            seeded = Told(Path(folder) / "winback.db")
            seeded.served = Served(seeded).start()
            page.goto(seeded.served.url)
            expect(page.locator("#link")).to_have_text("engine up")
            busy_morning(seeded)
            photograph(page, to)
            seeded.served.stop()
            seeded.database.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)

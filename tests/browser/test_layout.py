"""Every page fits its window, from a phone to a wall, in both colour schemes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.seeded import Seeded, busy_morning

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser

WIDTHS = (390, 768, 1280, 1920)
PATHS = (
    "/",
    "/agents",
    "/agents/elena",
    "/campaigns",
    "/campaigns/1",
    "/campaigns/new",
    "/promises",
    "/do-not-call",
    "/schedule",
    "/plan",
    "/plan/staffing",
    "/promises/ledger",
)
# WCAG 2.2, 1.4.3: text against what is behind it
CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const colour = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const found = colour(getComputedStyle(each).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    if (element.closest("[disabled], .unseen, noscript, option")) continue;
    const pair = [light(colour(getComputedStyle(element).color).slice(0, 3)), light(behind(element))].sort();
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    const text = element.textContent.trim().slice(0, 30);
    if (ratio < 4.5) poor.push(`${element.className} ${text} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One busy morning for all of these: they only look."""
    seeded = Seeded(tmp_path_factory.mktemp("busy") / "winback.db")
    busy_morning(seeded)
    served = Served(seeded).start()
    yield served
    served.stop()
    seeded.database.close()


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    if path == "/":
        expect(page.locator("#leads tr")).to_have_count(10)


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_wider_than_its_window(busy: Served, browser: Browser, path: str) -> None:
    page = browser.new_page(base_url=busy.url)
    open_page(page, path)
    too_wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            too_wide.append(width)
    page.close()

    assert too_wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(busy: Served, browser: Browser, scheme: str) -> None:
    page = browser.new_page(base_url=busy.url, color_scheme="dark" if scheme == "dark" else "light")
    page.emulate_media(reduced_motion="reduce")
    poor = {}
    for path in PATHS:
        open_page(page, path)
        if found := page.evaluate(CONTRAST):
            poor[path] = found
    page.close()

    assert poor == {}

"""Every page fits its window, from a phone to a wall, in both colour schemes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from tests.browser.conftest import Served
from tests.browser.scenes import talks
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
# what stands right after a name from right to left, on the same line of the same block, and left of its end
MOVED = r"""() => {
  const fromRight = /[\p{Script=Hebrew}\p{Script=Arabic}]/u, moved = [], letters = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.parentElement.checkVisibility() || text.parentElement.closest(".unseen, option")) continue;
    for (const { index } of text.data.matchAll(/[^\s\u2068\u2069]/g)) letters.push([text, index]);
  }
  const box = ([text, index]) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + 1);
    return range.getBoundingClientRect();
  };
  const block = ([text]) => text.parentElement.closest("td, dd, li, p, h1, h2, summary, div");
  let names = 0;
  letters.forEach((letter, at) => {
    const next = letters[at + 1];
    if (!next || !fromRight.test(letter[0].data[letter[1]]) || fromRight.test(next[0].data[next[1]])) return;
    names += 1;
    const last = box(letter), beside = box(next);
    const oneLine = block(letter) === block(next) && Math.abs(last.top - beside.top) < 12;
    if (oneLine && beside.left < last.left) moved.push(letter[0].data);
  });
  return { names, moved };
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


def test_a_name_from_right_to_left_moves_nothing_that_stands_beside_it(
    tmp_path: Path, browser: Browser
) -> None:
    seeded = Seeded(tmp_path / "winback.db")
    busy_morning(seeded)
    with seeded.database.write() as tx:
        for renamed in (
            "customer SET name = 'محمد بن علي'",
            "campaign SET name = 'חזרה'",
            "agent SET name = 'أميرة'",
        ):
            tx.execute(text(f"UPDATE {renamed}"))
    talks(seeded)
    served = Served(seeded).start()
    page, found = browser.new_page(base_url=served.url), {}
    for path in (
        "/",
        "/campaigns",
        "/campaigns/1",
        "/agents/ben",
        "/agents/ben/panel",
        "/customers/2",
        "/offers",
    ):
        open_page(page, path)
        found[path] = page.evaluate(MOVED)
    page.close()
    served.stop()
    seeded.database.close()

    assert {} == {path: each["moved"] for path, each in found.items() if each["moved"]}
    assert sum(each["names"] for each in found.values()) > len(found), "there was something to see"

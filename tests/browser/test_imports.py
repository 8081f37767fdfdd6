"""A CRM's export from the page, by hand: looked at, corrected, counted, stored; and a person's requests."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dialer.services.customers.import_sources import find_source
from dialer.services.customers.persons import find_persons
from tests.browser.seeded import Seeded

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser

LOOKED_WITHIN_MS = (
    120_000  # a process of its own reads the file, which takes seconds to start on a busy machine
)
#: semicolons, cp1252, days as a spreadsheet's numbers, decimal commas, a do-not-call column, a formula
EXPORT = (
    "Kundennummer;Name;Telefon;Vertragsende;Monatsbeitrag;Werbesperre;Notiz\r\n"
    + "".join(
        f"K{each:03};Jürgen Müller {each};+44 20 7946 {each:04};{46000 + each};{each + 20},50;"
        f"{'ja' if each == 3 else ''};\r\n"
        for each in range(1, 31)
    )
    + "K001;Doppelt;+44 20 7946 0099;46100;20,50;;=1+1\r\n"
).encode("cp1252")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "Kunden März.csv"
    path.write_bytes(EXPORT)
    return path


def test_a_manager_brings_a_file_in_by_hand(seeded: Seeded, page: Page, export: Path, tmp_path: Path) -> None:
    page.goto("/imports")
    page.get_by_label("File").set_input_files(export)
    page.get_by_label("Source").fill("crm")
    page.get_by_role("button", name="Look at it").click()

    check = page.get_by_role("button", name="Check every row")
    expect(check).to_be_visible(timeout=LOOKED_WITHIN_MS)
    expect(page.get_by_text("text in cp1252 with ';' between the cells")).to_be_visible()
    expect(page.get_by_label("Werbesperre")).to_have_value("do not call")
    ends = page.get_by_role("row").filter(has_text="Vertragsende")
    expect(ends).to_contain_text("days as a spreadsheet counts them")
    page.get_by_label("Notiz").select_option("ignored")
    check.click()

    yes = page.get_by_role("button", name="Import 30 customers")
    expect(yes).to_be_visible(timeout=LOOKED_WITHIN_MS)
    expect(page.locator("#counts")).to_contain_text("31 rows: 30 good, 1 bad")
    expect(page.locator("#counts")).to_contain_text("1 person is put off")
    assert find_persons(seeded.database, "K001", "GB") == ()
    yes.click()

    expect(page.get_by_text("30 customers added")).to_be_visible(timeout=LOOKED_WITHIN_MS)
    with page.expect_download() as download:
        page.get_by_role("link", name="Bad rows (CSV)").click()
    download.value.save_as(tmp_path / "bad.csv")
    assert "'=1+1" in (tmp_path / "bad.csv").read_text()
    assert len(find_persons(seeded.database, "K001", "GB")) == 1
    known = find_source(seeded.database, "crm")
    assert known is not None
    assert known.given.ignored == ("Notiz",)


def test_staff_restrict_and_erase_a_person_from_their_page(seeded: Seeded, page: Page) -> None:
    page.goto("/customers/1")
    page.get_by_role("link", name="what they may ask for").click()
    page.locator("#reason-restrict").fill("asked by letter")
    page.get_by_role("button", name="Restrict").click()
    expect(page.get_by_text("Restricted: nobody rings them for any purpose. asked by letter")).to_be_visible()
    asked = page.locator("#confirm + small").text_content()
    assert asked is not None
    page.get_by_label("The customer’s id, once more").fill(asked)
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("backups of the database")).to_be_visible()

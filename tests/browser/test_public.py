"""A customer's own browser: the form inside the company's site, the code, the link from the text."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from dialer.core.outbox.signed_links import proof_code
from dialer.db.models import CallbackWish, Promise
from dialer.settings import Settings
from dialer.web.app import make_dependencies
from tests.browser.conftest import Served
from tests.browser.seeded import Seeded, web_settings

pytestmark = pytest.mark.xdist_group("browser")  # one worker starts one browser

KEY = "a key that nobody guesses, ever"
MOBILE = "+447700900123"


def open_doors(served: Served, *sites: str) -> None:
    settings = Settings(
        **{
            **web_settings().model_dump(),
            "public": {"address": served.url, "key": KEY, "form": True, "embed": list(sites)},
            "texts": {"way": "file", "name": "Acme"},
        }
    )
    seeded = served.seeded
    served.app.state.deps = make_dependencies(seeded.database, settings, seeded.clock)


@pytest.fixture
def site(served: Served) -> Iterator[str]:
    """The company's own site, on another origin, with the form in it."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("content-type", "text/html")
            self.end_headers()
            if self.path == "/":
                self.wfile.write(f'<iframe src="{served.url}/callback?lang=sv" title="form">'.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def code_of(seeded: Seeded) -> str:
    with seeded.database.read() as tx:
        wish = tx.scalar(select(CallbackWish.id).order_by(CallbackWish.id.desc()))
    assert wish is not None
    return proof_code(wish, MOBILE, KEY.encode())


def state_of(seeded: Seeded) -> str:
    with seeded.database.read() as tx:
        return str(tx.scalar(select(Promise.state).where(Promise.e164 == MOBILE)))


def test_a_customer_asks_inside_the_companys_site_proves_the_number_moves_and_cancels(
    served: Served, site: str, page: Page
) -> None:
    open_doors(served, site)
    page.goto(site)
    form = page.frame_locator("iframe")
    form.get_by_label("Ditt mobilnummer").fill(MOBILE)
    form.get_by_label("När").select_option(index=2)
    form.get_by_role("button", name="Skicka en kod till mig").click()
    expect(form.get_by_role("status")).to_contain_text("Om vi kan ringa det numret")

    form.get_by_label("Kod").fill(code_of(served.seeded))
    form.get_by_role("button", name="Bekräfta").click()
    expect(form.get_by_text("Vi ringer dig")).to_contain_text("mellan")
    assert state_of(served.seeded) == "waiting"

    form.get_by_label("När").select_option(index=5)
    form.get_by_role("button", name="Flytta samtalet").click()
    expect(form.get_by_role("status")).to_have_text("Samtalet har flyttats.")
    form.get_by_role("button", name="Avboka samtalet").click()
    expect(form.get_by_text("Ditt samtal har avbokats.")).to_be_visible()
    assert state_of(served.seeded) == "cancelled"


def test_a_strangers_site_cannot_show_the_form(served: Served, site: str, browser: Browser) -> None:
    open_doors(served, "https://www.example.com")
    page = browser.new_page()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(site)

    expect(page.frame_locator("iframe").get_by_label("Ditt mobilnummer")).to_have_count(0)
    page.close()

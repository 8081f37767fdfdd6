"""Every page in every language: said to be in it, and nothing left in English that the catalogue has."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from dialer.core.agents.state import AgentState
from dialer.core.dashboard.view import Dashboard
from dialer.db.queries import audit
from dialer.web.app import create_app
from dialer.web.dashboard_words import DashboardTexts
from dialer.web.languages import NAMES, SOURCE, read_catalogue, speaking
from tests.browser.scenes import gives_offers, keeps_list, records_talks, seen_settings, sends_messages
from tests.browser.seeded import Seeded, busy_morning

HERE = "http://127.0.0.1:8000"
OTHERS = [language for language in NAMES if language != SOURCE]
PAGES = [
    "/",
    "/agents",
    "/agents/amira",
    "/agents/amira/card",
    "/agents/amira/panel",
    "/agents/amira/day",
    "/account",
    "/audit",
    "/callers",
    "/campaigns",
    "/campaigns/1",
    "/campaigns/1/edit",
    "/campaigns/1/recycle",
    "/campaigns/1/results",
    "/campaigns/new",
    "/customers",
    "/customers/1",
    "/customers/1/requests",
    "/do-not-call",
    "/imports",
    "/lists",
    "/log-in",
    "/nothing",
    "/offers",
    "/outbox",
    "/plan",
    "/plan/staffing",
    "/promises",
    "/promises/1",
    "/promises/ledger",
    "/reasons",
    "/recordings",
    "/reports",
    "/reports/contacts",
    "/schedule",
    "/setup",
]
#: what people wrote themselves, or a name that is the same word
NOT_OURS = {"Contract"}


class _Words(HTMLParser):
    """What is read on a page, piece by piece, and the page's language."""

    READ = ("placeholder", "aria-label", "title", "alt", "data-name")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.language: str | None = None
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within.append(tag)
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang")
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not set(self.within) & {"code", "script", "style", "kbd", "textarea", "pre"}:
            self.found.append(re.sub(r"\s+", " ", data).strip())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    seeded = Seeded(tmp_path_factory.mktemp("busy") / "winback.db")
    busy_morning(seeded)
    for happens in (keeps_list, gives_offers, records_talks, sends_messages):
        happens(seeded)
    with seeded.database.write() as tx:
        changed = {"ring_s": [30, 20], "starts_on": [None, "2026-06-12"]}
        audit.add(tx, seeded.now, "mia", "campaign.changed", "Spring save", changed)
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.agent("amira", AgentState.TALKING, attempt=attempt)
    with TestClient(
        create_app(seeded.database, seen_settings(seeded), seeded.clock), base_url=HERE
    ) as client:
        yield client
    seeded.database.close()


@pytest.mark.parametrize("language", OTHERS)
def test_every_page_is_whole_in_a_language(client: TestClient, language: str) -> None:
    words = read_catalogue(language)
    left = {}
    for path in PAGES:
        answer = client.get(path, headers={"accept": "text/html", "accept-language": language})
        reader = _Words()
        reader.feed(answer.text)
        assert answer.status_code == (404 if path == "/nothing" else 200), path
        assert reader.language in ({None} if path.endswith(("/card", "/day")) else {language}), path
        english = {
            said for said in reader.found if said and words.gettext(said) != said and said not in NOT_OURS
        }
        # what one language writes as another word's English: a title of a column, "Status", "Plan"
        same = {words.gettext(said) for said in reader.found} | set(words._catalog.values())  # type: ignore[attr-defined]
        if english - same:
            left[path] = english - same

    assert {} == left


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/lists", "Risiko mindestens 0,3"),
        ("/offers", "1 je Kunde und Jahr"),
        ("/offers", "bis 31.12.2026"),
        ("/outbox", "Gegenstelle antwortete 503"),
        ("/campaigns/1/results", "erster Tag: –, 12.06.2026"),
    ],
)
def test_what_is_put_together_of_facts_is_in_the_language_with_its_numbers(
    client: TestClient, path: str, said: str
) -> None:
    assert said in client.get(path, headers={"accept": "text/html", "accept-language": "de"}).text


def test_the_dashboard_is_sent_in_the_language_of_whoever_looks(client: TestClient) -> None:
    dashboard = client.app.state.deps.read_dashboard()  # type: ignore[attr-defined]
    texts = DashboardTexts()
    told = {}
    for language in NAMES:
        with speaking(language):
            told[language] = Dashboard.model_validate_json(texts.text(dashboard))

    assert len({each.engine.reason for each in told.values()}) == len(NAMES)
    assert len({tuple(lead.reasons for lead in each.list.next) for each in told.values()}) == len(NAMES)
    assert told[SOURCE].engine == dashboard.engine  # and programs have it in English


def test_programs_are_answered_in_english_whatever_they_accept(client: TestClient) -> None:
    answer = client.get("/api/v1/agents/nobody", headers={"accept-language": "de"})

    assert "There is no such agent." == answer.json()["error"]["message"]


def test_the_hours_of_a_promised_call_are_in_the_agents_language(client: TestClient) -> None:
    card = client.get("/agents/amira/card", headers={"accept": "text/html"}).text
    booking = re.findall(r'href="(/agents/amira/booking[^"]+)"', card)[0]

    hours = re.findall(
        "<option[^>]*>([^<]+)",
        client.get(booking, headers={"accept": "text/html", "accept-language": "fi"}).text,
    )

    assert hours
    assert [] == [hour for hour in hours if re.match("Mon|Tue|Wed|Thu|Fri|Sat|Sun", hour)]

"""What other rooms say in English is read on pages in their language: findings, jobs, changes, refusals."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dialer.core.importing.received_file import FileEvent
from dialer.core.organisation.rendering import RenderingSeen, outcome_of
from dialer.core.schedule import ScheduledJob
from dialer.core.sentence import Sentence
from dialer.db.queries import learning
from dialer.services.customers.file_reading import read_received
from dialer.services.customers.received_files import ask_file, receive_file
from dialer.services.organisation.rendering import note_look, note_rendering
from dialer.services.schedule.jobs import do_work
from dialer.services.schedule.schedule import end_job, take_job
from dialer.web.app import create_app
from dialer.web.languages import NAMES, SOURCE, speaking, translate, translate_plain
from dialer.web.read_back import FACT, read_back
from tests.browser.seeded import OFFER, SCRIPT, Seeded, busy_morning, web_settings

sys.path.insert(0, str(Path(__file__).parents[4] / "docs"))
from plain_texts import plain_texts

OTHERS = [language for language in NAMES if language != SOURCE]
GERMAN = {"accept": "text/html", "accept-language": "de"}
#: words that English sentences have and German ones do not
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|were|to|for|by|with|who|has|have|it|its|until|from|they|that|cannot|been|this|at)\b"
)
#: what people wrote themselves
THEIRS = {" ".join(SCRIPT.split()), OFFER}
JOBS = (
    ScheduledJob.LEDGER,
    ScheduledJob.CONTACT,
    ScheduledJob.EFFECT,
    ScheduledJob.RETENTION,
    ScheduledJob.REPORTS,
)
KUNDEN = (
    "id;phone;zone;tarif\n1;+442079460011;Europe/London;a\n2;12;Europe/Nowhere;b\n"
    "3;2079460013 ext 5;Europe/London;b\n4;call me never;Europe/London;a\n"
)
FILES: dict[str, bytes] = {
    "leer.csv": b"",
    "brief.csv": b"%PDF-1.7 letter",
    "ohne.csv": b"tarif;preis\na;1\na;1\na;2\nb;1\n",
    "doppelt.csv": b"id;tarif;tarif\n1;a;b\n",
    "tage.csv": b"id;ende\n1;01/02/2026\n2;03/04/2026\n3;05/06/2026\n",
    "kunden.csv": KUNDEN.encode(),
}


class _Texts(HTMLParser):
    """What is read on a page, text by text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not set(self.within) & {"code", "script", "style", "kbd", "textarea", "pre"}:
            self.found.append(" ".join(data.split()))


def english(page: str) -> list[str]:
    """Texts on a page in which English words of ours stand."""
    reader = _Texts()
    reader.feed(page)
    return [
        text
        for text in reader.found
        if ENGLISH.search(re.sub("month-to-month", "", text, flags=re.IGNORECASE)) and text not in THEIRS
    ]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path_factory.mktemp("busy") / "winback.db")
    busy_morning(seeded)
    yield seeded
    seeded.database.close()


@pytest.fixture(scope="module")
def client(seeded: Seeded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = web_settings().model_copy(update={"data_dir": tmp_path_factory.mktemp("data")})
    app = create_app(seeded.database, settings, seeded.clock)
    with TestClient(
        app, base_url="http://127.0.0.1:8000", headers=GERMAN | {"origin": "http://127.0.0.1:8000"}
    ) as client:
        yield client


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_of_those_rooms_is_found_again_in_its_text(language: str) -> None:
    with speaking(language):
        unknown = [
            text
            for message in dict.fromkeys(plain_texts())
            if translate_plain(text := FACT.sub("7", message).replace("%%", "%")) == text
        ]

    assert [] == [text for text in unknown if re.search("[a-z]{2} [a-z]{2}", text)]


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20))
def test_a_fact_stays_as_it_is_whatever_it_looks_like(name: str) -> None:
    found = read_back(f"{name} has no line that names columns", ["%(path)s has no line that names columns"])

    assert found is not None
    assert {"path": name} == found.facts


def test_sentences_one_after_the_other_are_each_found_and_their_figures_written_as_the_reader_does() -> None:
    said = (
        "A call is taken to keep 11.2% of leavers: 12.0% were assumed (model.save_rate), 9.0% (95 %: 5.0% to "
        "13.0%) were measured by intention to treat of 1,234 customers, 200 of them held out, which weighs "
        "40%. The measurement is too wide to outweigh the assumption."
    )
    with speaking("de"):
        german = translate_plain(said)

    assert not ENGLISH.search(german)
    assert "11,2 %" in german
    assert "1.234 Kunden" in german
    assert translate_plain(said) == said


def test_what_people_wrote_is_nobodys_message() -> None:
    with speaking("de"):
        assert "He wants the invoice by mail." == translate_plain("He wants the invoice by mail.")


@pytest.mark.parametrize("name", FILES)
def test_what_is_found_in_a_file_is_said_in_german(name: str, seeded: Seeded, client: TestClient) -> None:
    folder = client.app.state.deps.settings.data_dir  # type: ignore[attr-defined]
    file = receive_file(seeded.database, folder, BytesIO(FILES[name]), name, seeded.now, origin="page")
    read_received(seeded.database, file, seeded.clock, region="GB")
    assert [] == english(client.get(f"/imports/{file}").text)
    if ask_file(seeded.database, file, FileEvent.CHECK, seeded.now):
        read_received(seeded.database, file, seeded.clock, region="GB")

    page = client.get(f"/imports/{file}").text
    assert [] == english(page)
    assert [] == english(client.get("/imports").text)
    assert ('role="alert"' in page) is (name not in {"doppelt.csv", "kunden.csv"})


def test_a_columns_choice_that_cannot_be_is_refused_in_german(seeded: Seeded, client: TestClient) -> None:
    folder = client.app.state.deps.settings.data_dir  # type: ignore[attr-defined]
    file = receive_file(
        seeded.database, folder, BytesIO(KUNDEN.encode()), "spalten.csv", seeded.now, origin="page"
    )
    read_received(seeded.database, file, seeded.clock, region="GB")

    answer = client.post(f"/imports/{file}/check", data={"role-0": "ignored"})
    assert 422 == answer.status_code
    assert [] == english(answer.text)


@pytest.mark.parametrize("job", JOBS)
def test_what_came_of_a_job_is_said_in_german(job: ScheduledJob, seeded: Seeded, client: TestClient) -> None:
    settings = client.app.state.deps.settings  # type: ignore[attr-defined]
    came = do_work(seeded.database, settings, job, seeded.clock, lambda _part, _share: None)
    assert 200 == client.get("/schedule").status_code  # which writes the jobs down
    assert take_job(seeded.database, settings, job, "worker", seeded.now, due_only=False)
    end_job(seeded.database, settings, job, "worker", seeded.now, came.end, came.said, came.figures)

    page = client.get("/schedule").text
    assert came.said not in page
    assert [] == english(page)


def test_what_a_change_of_a_campaign_means_is_said_in_german(client: TestClient) -> None:
    form = {
        "name": "Im Herbst",
        "trunk": "main",
        "script": "Guten Tag",
        "offer": "Zwei Monate",
        "mode": "predictive",
        "abandon_target": "0.02",
        "max_attempts": "1",
        "ring_s": "40",
        "hours": "Sat 10:00-11:00",
        "starts_on": "2026-07-01",
        "ends_on": "2026-08-01",
        "call_order": "oldest_contact",
        "share": "3",
        "caller_ids": "+442079460001\n+442079460002",
        "local_presence": "true",
        "sure": "false",
    }
    for changed in ({}, {"mode": "preview", "max_attempts": "9", "call_order": "random", "caller_ids": ""}):
        page = client.post("/campaigns/1/edit", data=form | changed).text
        assert 'id="consequences"' in page
        assert [] == english(page)


def test_what_was_erased_and_is_left_to_do_is_said_in_german(client: TestClient) -> None:
    wrong = client.post("/customers/60/erase", data={"confirm": "C-1", "ground": "asked"})
    assert [] == english(wrong.text)
    page = client.post("/customers/60/erase", data={"confirm": "C-1059", "ground": "asked"})
    assert 200 == page.status_code
    assert [] == english(page.text)
    assert "Noch von Ihnen zu tun" in page.text


def test_what_a_setup_would_change_or_why_it_cannot_is_said_in_german(client: TestClient) -> None:
    for text in (
        '[[teams]]\nid = "north"\nagents = ["amira", "ben"]\n',
        '[[teams]]\nid = "north"\nagents = ["nemo"]\n',
        '[[inbound_queues]]\nid = "sales"\n[[pause_reasons]]\nid = "lunch"\n',
        "trunks = []\n",
    ):
        assert [] == english(client.post("/setup", data={"text": text, "act": "plan"}).text), text


def test_what_asterisks_files_are_and_came_to_is_said_in_german(seeded: Seeded, client: TestClient) -> None:
    seen = RenderingSeen(
        folder="/etc/asterisk",
        obstacle="the user winback may not write into /etc/asterisk",
        faults=("What Asterisk runs could not be looked at: 127.0.0.1:5038",),
        commands=("queue reload all",),
    )
    note_look(seeded.database, "pbx", seen, seeded.now)
    outcome = outcome_of(
        ["winback_queues.conf"], ["queue reload all"], folder="/etc/asterisk", left=["winback-desk"]
    )
    note_rendering(seeded.database, "pbx", outcome, seeded.now, well=False)

    assert [] == english(client.get("/setup").text)


def test_what_gains_rest_on_and_what_uplift_needs_is_said_in_german(
    seeded: Seeded, client: TestClient
) -> None:
    rate = {"rate": 0.09, "error": 0.02, "customers": 1234, "uncalled": 200, "left_uncalled": 40}
    body = {"assumed": 0.12, "measured": rate, "by_purpose": {"marketing": rate, "service": rate}}
    for measured in (None, body):
        if measured is not None:
            with seeded.database.write() as tx:
                learning.add_save_rate(tx, settled_at=seeded.now, body=measured)
        for path in ("/campaigns/1", "/plan", "/campaigns/1/effect", "/campaigns/1/results"):
            assert [] == english(client.get(path).text), path


def test_a_promise_that_does_not_add_up_is_said_in_german(tmp_path: Path) -> None:
    seeded = Seeded(tmp_path / "winback.db")
    seeded.break_promises()
    app = create_app(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=GERMAN) as client:
        page = client.get("/promises/ledger").text
    seeded.database.close()

    assert "nichts würde sie je voranbringen" in page
    assert [] == english(page)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/campaigns/new", {"name": "", "max_attempts": "99", "starts_on": "bald", "purpose": "spam"}),
        ("/campaigns/new", {"name": "Herbst", "where": "tenure lots"}),
        ("/campaigns/new", {"name": "Herbst", "where": "tarrif = a"}),
        ("/campaigns/1/edit", {"name": "Herbst", "trunk": "main", "hours": "Mo-Fr 9-17"}),
        ("/customers/2/erase", {"confirm": "falsch", "ground": "asked"}),
        ("/customers/2/rectify", {"zone": "Oslo", "reason": "Brief"}),
        ("/offers", {"name": "Rabatt", "cost": "billig", "per_day": "-1"}),
        ("/reports/mailings", {"report": "keiner", "address": "a", "rhythm": "nie"}),
        ("/audit", {"who": "nobody-known"}),
        ("/users", {"name": "Größe!", "role": "boss"}),
    ],
)
def test_why_a_form_was_not_taken_is_said_in_german(
    client: TestClient, path: str, form: dict[str, str]
) -> None:
    answer = client.post(path, data=form)

    assert answer.status_code >= 400
    assert [] == english(answer.text)


def test_what_the_page_of_a_list_counts_and_refuses_is_in_german(client: TestClient) -> None:
    asked = {"accept": "*/*"}  # as a script asks
    seen = client.get("/campaigns/new/preview", headers=asked).json()
    assert seen["first"][0]["reasons"]
    assert not ENGLISH.search(" ".join(seen["first"][0]["reasons"]))
    refused = client.get("/campaigns/new/count", params={"where": "tarrif = a"}, headers=asked)
    assert refused.json()["error"]["message"].startswith("Kein Kunde hat eine Spalte 'tarrif'")
    bad = client.get("/campaigns/new/count", params={"min_risk": "2"}, headers=asked)
    assert "Ein Anteil von 0 bis 1, oder nichts." == bad.json()["error"]["fields"][0]["message"]


@pytest.mark.parametrize("language", NAMES)
def test_a_right_to_left_name_is_set_apart_in_whatever_sentence_it_stands(language: str) -> None:
    inner = Sentence("There are: %(names)s.", names="חזרה")
    with speaking(language):
        said = translate(Sentence("%(where)s: %(why)s", where="דוד", why=inner))

    assert said.startswith("\u2068דוד\u2069: ")
    assert "\u2068חזרה\u2069" in said

"""The pages over a real database: what they show, what they let people do, and how they refuse."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import CampaignState
from dialer.core.calling.disposition import Disposition
from dialer.core.organisation.entries import DispositionWord
from dialer.core.organisation.house_words import USUAL_WORDS
from dialer.db.queries import audit
from dialer.pbx_settings import AgentSettings
from dialer.services.agents import agents
from dialer.services.agents.said_by_agents import said_by_agents
from dialer.services.calls.call_events import record_fact
from dialer.services.campaigns import campaigns
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.schedule.process_restarts import note_end
from dialer.web.app import create_app
from telephony.calls.events import MachineSuspected
from tests.browser.seeded import TEN_O_CLOCK, Seeded, busy_morning, web_settings

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seeded, TestClient]]:
    """A busy morning to read; the tests that use it change nothing."""
    seeded = Seeded(tmp_path_factory.mktemp("busy") / "winback.db")
    busy_morning(seeded)
    with TestClient(create_app(seeded.database, web_settings(), seeded.clock), base_url=HERE) as client:
        yield seeded, client
    seeded.database.close()


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=20)
    yield seeded
    seeded.database.close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/agents",
        "/agents/amira",
        "/agents/amira/card",
        "/campaigns",
        "/campaigns/new",
        "/campaigns/1",
        "/campaigns/1?page=2",
        "/promises",
        "/do-not-call",
        "/schedule",
        "/plan",
        "/plan?min_gain=5&agents=2",
    ],
)
def test_every_page_is_there_and_nothing_on_it_is_inline(busy: tuple[Seeded, TestClient], path: str) -> None:
    answer = busy[1].get(path, headers=A_PAGE)

    assert answer.status_code == 200
    assert re.findall(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=|javascript:", answer.text) == []
    assert re.findall(r"(?:src|href)=\"https?:", answer.text) == []


@pytest.mark.parametrize("path", ["/agents/nobody", "/campaigns/99", "/nothing"])
def test_what_is_not_there_is_a_page_that_says_so(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "not-found" in answer.text


@pytest.mark.parametrize(
    ("agent", "status"),
    [("Zo\u00eb", 404), ("O\u2019Brien", 404), ("\u0141ukasz", 404), ("a|b", 422), ("a*", 422)],
)
def test_an_agents_id_is_of_any_script_and_of_ascii_only_what_ids_hold(
    client: TestClient, agent: str, status: int
) -> None:
    assert client.get(f"/api/v1/agents/{quote(agent)}").status_code == status


def test_an_agents_page_shows_customer_reasons_script_and_offer(seeded: Seeded, client: TestClient) -> None:
    seeded.connect(seeded.ring(), "amira")
    text = client.get("/agents/amira").text

    assert "Maria Oliveira" in text or "James Whitcombe" in text
    assert "Yes, you may:" in text
    assert "Ask what changed." in text
    assert "Europe/London" in text
    assert "due</span>" in text


def test_an_agent_is_told_what_sounds_like_a_machine_and_the_page_learns_of_it(
    seeded: Seeded, client: TestClient
) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    marks = re.compile(r'data-mark="([^"]*)"')
    before = client.get("/agents/amira/card").text
    assert "answering machine" not in before

    record_fact(seeded.database, MachineSuspected(attempt=attempt, at=seeded.clock()), seeded.clock())
    after = client.get("/agents/amira/card").text
    assert "sounds like an answering machine" in after
    assert marks.findall(before) != marks.findall(after)
    assert client.get("/api/v1/dashboard").json()["agents"][0]["machine_suspected"] is True


def test_a_full_number_is_on_no_page(busy: tuple[Seeded, TestClient]) -> None:
    pages, api = ("", "agents/amira", "campaigns/1", "promises"), ("dashboard", "agents/amira")
    for path in (*(f"/{page}" for page in pages), *(f"/api/v1/{name}" for name in api)):
        assert re.findall(r"\+44\d{6,}", busy[1].get(path).text) == []


def test_before_a_customer_answers_there_is_nothing_to_write_down(seeded: Seeded, client: TestClient) -> None:
    attempt = seeded.ring(agent="amira")
    seeded.agent("amira", AgentState.RESERVED, attempt=attempt)
    text = client.get("/agents/amira").text
    assert "No customer" in text
    assert 'name="disposition"' not in text

    answer = client.post("/agents/amira/disposition", data={"attempt": attempt, "disposition": "saved"})

    assert answer.status_code == 409
    assert "attempt.not-connected" in answer.text


def test_a_disposition_is_written_down_and_the_page_is_free_for_the_next_customer(
    seeded: Seeded, client: TestClient
) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")

    answer = client.post(
        "/agents/amira/disposition",
        data={"attempt": attempt, "disposition": "saved", "note": "<b>glad</b>", "call_again_at": ""},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/agents/amira")
    card = agents.agent_card(seeded.database, "amira")
    assert card is not None
    assert card.call is not None
    assert card.call.disposition is Disposition.SAVED
    assert "No customer" in client.get("/agents/amira").text


def test_the_houses_own_words_are_on_the_buttons_and_on_what_was_written_down(
    seeded: Seeded, client: TestClient
) -> None:
    own = DispositionWord(id="discount", label="Stays, with the discount", meaning=Disposition.SAVED)
    words = [word.model_dump(mode="json") for word in (own, *USUAL_WORDS)]
    assert 200 == client.patch("/api/v1/organisation", json={"dispositions": words}).status_code
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")

    buttons = client.get("/agents/amira/card").text
    client.post("/agents/amira/disposition", data={"attempt": attempt, "disposition": "discount"})
    unknown = client.post("/agents/amira/correction", data={"attempt": attempt, "disposition": "none-such"})

    assert '<button name="disposition" value="discount" data-means="saved" data-key="1">' in buttons
    assert "Written down: Stays, with the discount." in client.get("/agents/amira").text
    assert 409 == unknown.status_code
    assert "disposition.unknown" in unknown.text
    assert [("saved", "discount")] == [
        (word["disposition"], word["said_as"])
        for word in client.get("/api/v1/campaigns/1/results").json()["words"]
    ]


def test_call_again_is_on_the_customers_clock(seeded: Seeded, client: TestClient) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")

    client.post(
        "/agents/amira/disposition",
        data={"attempt": attempt, "disposition": "call_again", "call_again_at": "2026-06-12T11:30"},
    )

    asked = [row for row in campaigns.campaign_list(seeded.database, seeded.campaign) if row.attempts_made]
    assert [row.next_at.isoformat() for row in asked] == ["2026-06-12T10:30:00+00:00"]  # BST is UTC+1


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("2026-06-12T03:00", "hours.closed"),
        ("2026-06-09T11:00", "call-again.past"),
        ("", "call-again.no-time"),
        ("2027-03-28T01:30", "time.not-on-the-clock"),
    ],
)
def test_a_moment_that_is_no_moment_is_refused_with_its_rule_and_nothing_is_lost(
    seeded: Seeded, client: TestClient, at: str, rule: str
) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")

    answer = client.post(
        "/agents/amira/disposition",
        data={"attempt": attempt, "disposition": "call_again", "note": "after work", "call_again_at": at},
    )

    assert answer.status_code == 409
    assert f"<code>{rule}</code>" in answer.text
    assert "after work</textarea>" in answer.text
    assert f'value="{at}"' in answer.text
    card = agents.agent_card(seeded.database, "amira")
    assert card is not None
    assert card.call is not None
    assert card.call.disposition is None


def test_hours_refused_come_with_the_first_moment_that_is_allowed(seeded: Seeded, client: TestClient) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")

    text = client.post(
        "/agents/amira/disposition",
        data={"attempt": attempt, "disposition": "call_again", "call_again_at": "2026-06-12T03:00"},
    ).text

    assert re.search(r"Possible again Fri 12 Jun \d\d:\d\d BST", text)


def test_another_agents_call_is_not_mine_to_write_down(seeded: Seeded, client: TestClient) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")

    answer = client.post("/agents/ben/disposition", data={"attempt": attempt, "disposition": "saved"})

    assert (answer.status_code, "attempt.other-agent" in answer.text) == (409, True)


def test_the_button_for_nearly_done_is_there_while_it_means_something(
    seeded: Seeded, client: TestClient
) -> None:
    def shown() -> str:
        return client.get("/agents/amira").text

    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    assert "/agents/amira/closing" not in shown()  # no campaign would make use of it
    seeded.dial_ahead()
    before = agents.agent_card(seeded.database, "amira")
    assert "Closing <kbd>B</kbd>" in shown()
    answer = client.post("/agents/amira/closing", data={"attempt": attempt})
    assert (answer.status_code, answer.headers["location"]) == (303, "/agents/amira")
    after = agents.agent_card(seeded.database, "amira")
    assert before is not None
    assert after is not None
    assert before.mark != after.mark
    assert "You said: nearly done." in shown()
    assert "<kbd>B</kbd>" not in shown()
    seeded.hang_up(attempt, "amira")
    assert "Nearly done <kbd>B</kbd>" in shown()
    seeded.say(attempt, "amira", Disposition.SAVED)
    assert "/agents/amira/closing" not in shown()
    late = client.post("/agents/amira/closing", data={"attempt": attempt})
    assert (late.status_code, "attempt.over" in late.text) == (409, True)


def test_a_pause_is_a_leave_that_the_engine_carries_out(seeded: Seeded, client: TestClient) -> None:
    client.post("/agents/dev/leave", data={"kind": "pause", "reason": "lunch", "at": ""})

    assert "Lunch as soon as no customer is there." in client.get("/agents/dev").text
    expected = Leave(at=seeded.now, kind=LeaveKind.PAUSE, reason="lunch")
    assert said_by_agents(seeded.database, "pbx").leaves == {"dev": expected}

    client.post("/agents/dev/leave", data={"kind": "stay"})
    assert said_by_agents(seeded.database, "pbx").leaves == {}


def test_an_hour_is_the_next_one_on_the_centres_clock(seeded: Seeded, client: TestClient) -> None:
    client.post("/agents/dev/leave", data={"kind": "log_out", "at": "09:30"})

    assert "End of work at 09:30." in client.get("/agents/dev").text
    leave = said_by_agents(seeded.database, "pbx").leaves["dev"]
    assert leave.at == TEN_O_CLOCK.replace(hour=9, minute=30) + timedelta(days=1)


def test_a_supervisor_gives_a_reason_that_the_agent_reads_and_the_audit_keeps(
    seeded: Seeded, client: TestClient
) -> None:
    form = {"act": "pause", "reason": "meeting", "why": "the new offer, room 2"}
    assert client.post("/agents/dev/direction", data={**form, "why": ""}).status_code == 422
    client.post("/agents/dev/direction", data=form)

    assert "Your team lead paused you: the new offer, room 2" in client.get("/agents/dev").text
    assert "Meeting as soon as no customer is there." in client.get("/agents/dev/panel").text
    with seeded.database.read() as tx:
        line = audit.latest(tx, 1)[0]
    assert (line.action, line.subject, line.details["why"]) == ("agent.pause", "dev", form["why"])

    client.post("/agents/dev/wish", data={"wish": "resume"})  # read, and back at work
    assert "Your team lead" not in client.get("/agents/dev").text


def test_a_pause_nobody_set_up_is_refused_with_the_ones_there_are(client: TestClient) -> None:
    answer = client.post("/agents/dev/leave", data={"kind": "pause", "reason": "did_not_answer"})

    assert (answer.status_code, "break, lunch" in answer.text) == (409, True)


def test_the_floor_says_state_reason_missed_rings_and_the_last_word(
    seeded: Seeded, client: TestClient
) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    seeded.say(attempt, "amira", Disposition.LOST)
    seeded.agent("dev", AgentState.PAUSED, reason="did_not_answer", missed=2)

    assert "paused: did not answer, missed 2" in client.get("/agents").text
    assert "paused: did not answer, missed 2 rings" in client.get("/agents/dev/panel").text
    assert "Lost, " in client.get("/agents/amira/panel").text


def test_after_a_live_caller_an_agent_goes_on_without_a_disposition(
    seeded: Seeded, client: TestClient
) -> None:
    seeded.agent("dev", AgentState.WRAPPING_UP)
    assert 'name="wish" value="resume"' in client.get("/agents/dev").text

    client.post("/agents/dev/wish", data={"wish": "resume"})

    assert [wish.wish for wish in said_by_agents(seeded.database, "pbx").wishes] == ["resume"]


def test_a_campaign_is_saved_started_and_paused(seeded: Seeded, client: TestClient) -> None:
    form = {
        "name": "Summer",
        "top": "10",
        "holdout_share": "0.2",
        "min_risk": "0.5",
        "attribute": "",
        "equals": "",
    }
    saved = client.post("/campaigns/new", data=form)
    place = saved.headers["location"]

    assert saved.status_code == 303
    assert "Summer" in client.get(place).text
    for event, state in (("start", CampaignState.RUNNING), ("pause", CampaignState.PAUSED)):
        assert client.post(f"{place}/event", data={"event": event}).status_code == 303
        card = campaigns.campaign_card(seeded.database, "Summer")
        assert card is not None
        assert card.state is state
    refused = client.post(f"{place}/event", data={"event": "pause"}, follow_redirects=True)
    assert refused.url.path == place
    assert "Somebody was faster: the campaign is paused. <code>campaign.paused" in refused.text


def test_a_plan_says_how_far_the_hours_reach_and_hands_the_list_on(client: TestClient) -> None:
    plan = client.get("/plan", params={"top": 40, "min_risk": 0.2, "agents": 2, "hours": 3})
    assumed = "A call is assumed to keep 12.0% of leavers"
    link = re.search(r'id="make" href="([^"]+)"', plan.text)

    assert "reached by 6 hours" in plan.text
    assert "outcomes are in yet" in plan.text
    assert assumed in plan.text
    assert assumed in client.get("/campaigns/1").text, "gains on a list rest on it"
    assert link is not None
    form = client.get(link[1].replace("&amp;", "&")).text
    assert re.search(r'name="top" value="40"', form)
    assert re.search(r'name="min_risk" value="0.2"', form)
    assert client.get("/plan", params={"agents": -1}).status_code == 422


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"name": "Spring save"}, "campaign.name-taken"),
        ({"attribute": "Contract"}, "filter.half"),
        ({"trunk": "moon"}, "trunk.unknown"),
        ({"queue": "nowhere"}, "queue.unknown"),
        ({"caller_id": "+999123456789"}, "caller-id.invalid"),
    ],
)
def test_a_refused_draft_comes_back_as_it_was_typed(
    client: TestClient, changes: dict[str, str], rule: str
) -> None:
    answer = client.post(
        "/campaigns/new", data={"name": "Summer", "script": "Hello <there>", "top": "7"} | changes
    )

    assert answer.status_code == 409
    assert f"<code>{rule}</code>" in answer.text
    assert "Hello &lt;there&gt;" in answer.text


def test_whatever_a_file_says_is_escaped(seeded: Seeded, client: TestClient) -> None:
    attack = "\"><script>alert('x')</script>"
    store_customers(
        seeded.database,
        [
            CustomerRow(
                external_id="X-1", name=attack, numbers=("+442079460123",), attributes={attack: attack}
            )
        ],
        seeded.now,
    )
    campaign = campaigns.create_campaign(
        seeded.database,
        campaigns.CampaignDraft(
            name=attack, queue="outbound", trunk="main", script=attack, holdout_share=0.0
        ),
        seeded.now,
    )
    seeded.agent("amira", AgentState.PAUSED, reason=attack[:60])

    for path in (f"/campaigns/{campaign.id}", "/campaigns", "/agents", "/agents/amira"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_a_form_that_is_not_understood_names_its_fields(client: TestClient) -> None:
    answer = client.post("/campaigns/new", data={"name": "x" * 121, "top": "many"})

    assert answer.status_code == 422
    assert "<code>name</code>" in answer.text
    assert "<code>top</code>" in answer.text


def test_ages_are_counted_on_the_databases_clock(seeded: Seeded, client: TestClient) -> None:
    seeded.promise(1, joined_s_ago=0)
    seeded.now += timedelta(minutes=12)

    assert "12 min ago" in client.get("/promises").text


def test_an_agent_reads_the_reasons_in_their_own_language(seeded: Seeded, client: TestClient) -> None:
    seeded.connect(seeded.ring(), "amira")
    deps = client.app.state.deps  # type: ignore[attr-defined]
    english = client.get("/agents/amira").text
    deps.settings.agents = [AgentSettings(id="amira", language="sv")]  # type: ignore[call-arg]
    swedish, list_ = client.get("/agents/amira").text, client.get("/campaigns/1").text
    deps.settings.agents = []

    assert "contract ends in 12 days" in english
    assert "avtalet går ut om 12 dagar" in swedish
    assert "contract ends in 12 days" in list_


def test_a_worker_that_ended_by_itself_is_told_on_the_page_of_its_jobs(
    client: TestClient, seeded: Seeded
) -> None:
    assert "ended" not in client.get("/schedule").text
    at = seeded.clock()
    note_end(seeded.database, at - timedelta(hours=30), "here", "worker", code=1, again_in_s=1.0)
    note_end(seeded.database, at - timedelta(minutes=9), "here", "worker", code=1, again_in_s=1.0)
    note_end(seeded.database, at - timedelta(minutes=5), "here", "worker", code=-9, again_in_s=2.0)

    page = client.get("/schedule").text
    assert "worker ended" in page
    assert re.search(r"in the last day: 2, last [^(]+\(signal 9\)", page)


def test_a_job_asked_for_on_its_page_is_due_now(client: TestClient) -> None:
    before = client.get("/schedule").text
    client.post("/schedule/score/now", headers=A_PAGE)

    assert "due now" not in before
    assert client.get("/schedule").text.count("due now") == 1
    assert client.post("/schedule/laundry/now", headers=A_PAGE).status_code == 422

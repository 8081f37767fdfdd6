"""The floor's acts: a supervisor on a call, by their own phone, audited and said to the agent."""

from starlette.testclient import TestClient

from dialer.core.agents.state import AgentState
from dialer.db.queries import audit
from dialer.pbx_settings import AgentSettings
from dialer.services.agents.said_by_agents import said_by_agents
from dialer.settings import Settings
from dialer.web_settings import FloorSettings
from tests.browser.application import application
from tests.browser.seeded import PBX, Seeded, web_settings

HERE = "http://127.0.0.1:8000"


def settings(**floor: object) -> Settings:
    web = web_settings().web.model_copy(update={"floor": FloorSettings.model_validate(floor)})
    agents = [
        AgentSettings(id="amira", phone="PJSIP/101"),
        AgentSettings(id="ben", phone="Local/102@phones/n"),
        AgentSettings(id="dev", phone="PJSIP/104"),
        AgentSettings(id="elena"),
    ]
    return Settings(web=web, agents=agents)


def client_of(seeded: Seeded, given: Settings) -> TestClient:
    app = application(seeded.database, given, seeded.clock)
    return TestClient(app, base_url=HERE, headers={"accept": "application/json"})


def listen(client: TestClient, agent: str = "amira", phone: str | None = "dev") -> str:
    said = {"mode": "whisper", "phone": phone}
    answer = client.post(f"/api/v1/agents/{agent}/listen", json=said)
    return "" if answer.status_code == 200 else str(answer.json()["error"]["code"])


def test_a_supervisors_phone_is_asked_for_audited_and_said_to_the_agent(seeded: Seeded) -> None:
    seeded.connect(seeded.ring(), "amira")
    with client_of(seeded, settings()) as client:
        assert listen(client) == ""
        told = client.get("/agents/amira", headers={"accept": "text/html"}).text
    assert "Your team lead is on this call; only you hear them." in told
    with seeded.database.read() as tx:
        line = audit.latest(tx, 1)[0]
    assert (line.action, line.subject, line.details["phone of"]) == ("agent.whisper", "amira", "dev")
    taken = said_by_agents(seeded.database, PBX).listening
    assert [(each.agent, each.listener, each.mode) for each in taken] == [("amira", "dev", "whisper")]
    assert said_by_agents(seeded.database, PBX).listening == (), "taken once"


def test_nobody_is_put_on_a_call_that_cannot_or_must_not_be_heard(seeded: Seeded) -> None:
    seeded.connect(seeded.ring(), "amira")
    seeded.connect(seeded.ring(), "ben")
    with client_of(seeded, settings()) as client:
        assert listen(client, "dev", "amira") == "listen.no-call"
        assert listen(client, phone="elena") == "listen.no-phone"
        assert listen(client, phone=None) == "listen.no-phone"
        assert listen(client, phone="amira") == "listen.own-call"
        assert listen(client, "ben") == "listen.phone-unknown"
    with client_of(seeded, settings(listening="off")) as client:
        assert listen(client) == "listen.off"
    with client_of(seeded, settings(listening="untold")) as client:
        assert listen(client) == ""
        assert "Your team lead" not in client.get("/agents/amira", headers={"accept": "text/html"}).text


def test_a_form_that_is_not_understood_keeps_what_was_typed(seeded: Seeded) -> None:
    seeded.agent("dev", AgentState.READY)
    with client_of(seeded, settings()) as client:
        typed = {"act": "pause", "why": "x"}
        answer = client.post("/agents/dev/direction", data=typed, headers={"accept": "text/html"})
    assert (answer.status_code, 'value="x"' in answer.text) == (422, True)

"""One question after a call: asked once, of who agreed, through the outbox; answered behind the link."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from databases.centre import MONDAY, Centre
from starlette.testclient import TestClient

from dialer.bootstrap import App
from dialer.core.calling.disposition import Disposition
from dialer.jobs.couriers import courier_for
from dialer.messaging_settings import PublicSettings, SurveySettings, TextSettings
from dialer.services.agents.dispositions import record_disposition
from dialer.services.customers.person_rights import erase_person, export_person
from dialer.services.customers.suppression import add_do_not_call
from dialer.services.reporting.reports import ReportAsked, read_report
from dialer.services.surveys.surveys import answer_survey, ask_after_calls, ask_by_key
from dialer.settings import Settings
from dialer.web.app import create_app

HERE = "https://call.example.com"
MOBILE = "+44770090012"  # without its last digit; Ofcom keeps these for stories


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        texts=TextSettings(way="file", name="Acme"),
        public=PublicSettings(address=HERE, key="k" * 32),  # type: ignore[arg-type]
        survey=SurveySettings(ask=True, consent="ask me"),
        web={"login": {"mode": "off"}},  # type: ignore[arg-type]
    )


def talk(centre: Centre, word: Disposition = Disposition.SERVED) -> None:
    order = centre.dial()
    centre.talk(order)
    record_disposition(centre.database, "anna", order.attempt, word, "", None, centre.now)


@pytest.fixture
def agreed(centre: Centre) -> Centre:
    """Three customers who agreed to be asked, on a running campaign."""
    for index in range(3):
        mobile = (f"{MOBILE}{index}",)
        centre.customers(1, start=index, attributes={"ask me": "yes"}, numbers=mobile)
    centre.campaign()
    return centre


def test_who_agreed_is_asked_once_after_a_while_and_the_answer_belongs_to_the_talk(
    agreed: Centre, settings: Settings
) -> None:
    talk(agreed)
    at_once = ask_after_calls(agreed.database, settings, agreed.now)
    agreed.later(minutes=11)
    asked = [ask_after_calls(agreed.database, settings, agreed.now) for _ in range(2)]
    courier_for(App(settings=settings, database=agreed.database, clock=lambda: agreed.now)).round()
    (line,) = (settings.data_dir / "texts.jsonl").read_text().splitlines()
    (link,) = re.findall(rf"{HERE}(/s/\S+)", json.loads(line)["text"])
    with TestClient(create_app(agreed.database, settings, lambda: agreed.now), base_url=HERE) as client:
        looked = client.get(link)
        wrong = client.post(link, data={"score": "11"})
        thanked = client.post(link, data={"score": "9"}).text
        changed = client.post(f"{link}?lang=nb", data={"score": "6"}).text
        forged = client.get(link[:-2] + "xx")

    assert (0, [1, 0]) == (at_once, asked)
    assert (200, True) == (looked.status_code, "recommend Acme" in looked.text)
    assert (422, 404) == (wrong.status_code, forged.status_code)
    assert "Your answer is 9" in thanked
    assert "Svaret ditt er 6" in changed
    (row,) = read_report(
        agreed.database,
        ReportAsked(name="promoters", first=MONDAY.date(), last=MONDAY.date()),
        "Europe/London",
        agreed.now,
    ).as_dicts()
    assert ("outbound", 1, 1, 0, 1, -100.0, None) == tuple(
        row[name] for name in ("queue", "asked", "answers", "promoters", "detractors", "score", "reach")
    )


def test_nobody_is_asked_without_consent_after_an_objection_or_twice_within_the_rest(
    agreed: Centre, settings: Settings
) -> None:
    agreed.customers(1, start=7, attributes={"plan": "gold"})
    add_do_not_call(agreed.database, f"{MOBILE}1", "asked", "test", agreed.now)
    talk(agreed)
    talk(agreed, Disposition.LOST)
    agreed.later(minutes=11)

    assert ask_after_calls(agreed.database, settings, agreed.now) == 1
    agreed.later(days=3)
    assert ask_after_calls(agreed.database, settings, agreed.now) == 0, "the talk is long over"
    off = settings.model_copy(update={"survey": SurveySettings()})
    assert ask_after_calls(agreed.database, off, agreed.now) == 0


def test_a_question_belongs_to_the_person_and_goes_with_them(agreed: Centre, settings: Settings) -> None:
    talk(agreed)
    agreed.later(minutes=11)
    ask_after_calls(agreed.database, settings, agreed.now)

    assert 1 == len(export_person(agreed.database, "c0")["survey"])
    erase_person(agreed.database, settings.data_dir, "c0", "test", agreed.now + timedelta(hours=1))
    with agreed.database.read() as tx:
        from dialer.db.models import Survey  # noqa: PLC0415 - this test's alone

        assert [] == tx.query(Survey).all()


def test_asking_without_saying_who_agreed_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="consent"):
        SurveySettings(ask=True)


def test_by_key_only_who_agreed_is_asked_once_and_nobody_is_texted_as_well(
    agreed: Centre, settings: Settings
) -> None:
    by_key = settings.model_copy(update={"survey": settings.survey.model_copy(update={"by_key": True})})
    order = agreed.dial()
    too_early = ask_by_key(agreed.database, by_key, order.attempt, agreed.now)
    agreed.talk(order)

    without = ask_by_key(agreed.database, settings, order.attempt, agreed.now)
    asked = [ask_by_key(agreed.database, by_key, order.attempt, agreed.now) for _ in range(2)]
    record_disposition(agreed.database, "anna", order.attempt, Disposition.SAVED, "", None, agreed.now)
    agreed.later(minutes=11)

    assert (too_early, without) == (None, None)
    assert isinstance(asked[0], int)
    assert asked[1] is None
    assert answer_survey(agreed.database, asked[0], 10, agreed.now)
    assert 0 == ask_after_calls(agreed.database, by_key, agreed.now)


def test_by_key_nobody_is_asked_whose_agent_said_that_they_shall_be_left_alone(
    agreed: Centre, settings: Settings
) -> None:
    by_key = settings.model_copy(update={"survey": settings.survey.model_copy(update={"by_key": True})})
    order = agreed.dial()
    agreed.talk(order)
    record_disposition(agreed.database, "anna", order.attempt, Disposition.OPT_OUT, "", None, agreed.now)

    assert ask_by_key(agreed.database, by_key, order.attempt, agreed.now) is None

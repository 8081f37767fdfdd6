"""Reports from the tables of both engines: what is counted, what is kept, and that both are the same."""

from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pytest
from databases.centre import MONDAY, PBX, Centre
from python_calamine import load_workbook

from dialer.bootstrap import App
from dialer.core.calling.caller_story import report_inbound
from dialer.core.calling.disposition import Disposition
from dialer.core.compliance.windows import zone_of
from dialer.core.reporting.day_report import Grouping
from dialer.db.queries import arrivals, report_days
from dialer.jobs.couriers import courier_for
from dialer.messaging_settings import MailSettings
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.outbox.outbox import latest_messages
from dialer.services.reporting.kept_days import keep_days
from dialer.services.reporting.mailings import MailingDraft, add_mailing, remove_mailing, send_due
from dialer.services.reporting.reports import REPORTS, ReportAsked, ReportRefused, read_report
from dialer.settings import Settings
from telephony.calls.events import CallerConnected, CallerFinished, CallerGone, CallerJoined, CallerLeft

ZONE = "Europe/London"
TODAY = MONDAY.date()


def read(centre: Centre, name: str, day: date = TODAY, **asked: object) -> list[dict[str, object]]:
    wanted = ReportAsked(name=name, first=day, last=day, **asked)  # type: ignore[arg-type]
    return read_report(centre.database, wanted, ZONE, centre.now).as_dicts()  # type: ignore[return-value]


def ring_in(centre: Centre, caller: str, waited_s: float, agent: str | None) -> None:
    began = centre.now - timedelta(minutes=10)
    over = began + timedelta(seconds=waited_s)
    facts: list[object] = [
        CallerJoined(at=began, queue="support", caller=caller, number="07700900123", position=1),
        CallerLeft(at=over, queue="support", caller=caller, abandoned=agent is None),
        CallerGone(at=over + timedelta(seconds=60), caller=caller),
    ]
    if agent is not None:
        talk = CallerFinished(at=over + timedelta(seconds=60), caller=caller, agent=agent, talk_s=60.0)
        facts[1:1] = [CallerConnected(at=over, queue="support", caller=caller, agent=agent)]
        facts.insert(3, talk)
    for fact in facts:
        record_caller(centre.database, PBX, "GB", fact, fact.at)  # type: ignore[attr-defined,arg-type]


def test_calls_and_what_came_of_them_are_counted_by_campaign_agent_and_reason(ready: Centre) -> None:
    order = ready.dial()
    ready.talk(order)
    saved = Disposition.SAVED
    record_disposition(ready.database, "anna", order.attempt, saved, "", None, ready.now, said_as="stays")

    (contacts,) = read(ready, "contacts")
    (agent,) = read(ready, "agents")

    assert (1, 1, 1, 0, 1) == tuple(
        contacts[name] for name in ("attempts", "answered", "connected", "abandoned", "saved")
    )
    assert ("anna", 1, 1, 1, 1.0) == tuple(
        agent[name] for name in ("agent", "talks", "words", "saved", "words_share")
    )
    assert [] == read(ready, "agents", agents=frozenset({"ben"}))
    assert [("(not said)", 1, 1)] == [
        (row["reason"], row["we_rang"], row["saved"]) for row in read(ready, "reasons")
    ]
    assert [("Saved", "saved", 1, 0)] == [  # nobody has such a word any more: its meaning's stands for it
        (row["word"], row["meaning"], row["talks"], row["they_rang"]) for row in read(ready, "words")
    ]
    assert {"within"} == {row["standing"] for row in read(ready, "abandonment")}


def test_callers_are_counted_as_the_report_on_live_callers_counts_them(centre: Centre) -> None:
    for number, (waited_s, agent) in enumerate(
        ((12.0, "amira"), (20.0, "amira"), (20.5, "ben"), (90.0, None), (5.0, None), (4.9, None))
    ):
        ring_in(centre, f"1700000000.{number}", waited_s, agent)

    (row,) = read(centre, "service-level")
    with centre.database.read() as tx:
        stories = list(arrivals.stories(tx, centre.now - timedelta(days=1), centre.now, None))
    (line,) = report_inbound(stories, zone_of(ZONE))

    assert (line.callers, line.served, line.gave_up) == (row["callers"], row["served"], row["gave_up"])
    assert (line.service_level, 2, 5) == (row["service_level"], row["soon"], row["counted"])
    assert line.wait_mean_s is not None
    assert abs(line.wait_mean_s - float(row["wait_mean_s"])) < 0.001  # type: ignore[arg-type]


def test_a_talk_is_resolved_at_first_where_no_other_follows_within_a_week(centre: Centre) -> None:
    ring_in(centre, "1700000000.1", 10.0, "amira")
    centre.now += timedelta(days=6)
    ring_in(centre, "1700000000.2", 10.0, "ben")
    centre.now += timedelta(days=8)

    assert [("they rang", 1, 0)] == [
        (row["way"], row["talks"], row["resolved"]) for row in read(centre, "resolution")
    ]
    later = read(centre, "resolution", TODAY + timedelta(days=6))
    assert [(1, 1.0)] == [(row["talks"], row["resolved_share"]) for row in later]
    assert [] == read(centre, "resolution", centre.now.date() - timedelta(days=7)), "nobody knows yet"


def test_figures_of_a_day_that_is_over_are_kept_and_outlive_its_calls(ready: Centre) -> None:
    ready.promise()
    made = read(ready, "promises")
    ready.now += timedelta(days=1)
    counted = keep_days(ready.database, ZONE, ready.now)
    again = keep_days(ready.database, ZONE, ready.now)
    with ready.database.write() as tx:
        (kept,) = report_days.kept(tx, "promises", TODAY, TODAY).values()

    assert [1] == [row["made"] for row in made]
    assert made == read(ready, "promises")
    assert kept[0].counts[0] == 1.0
    assert again < counted, "days that settled are not counted again"


def test_every_report_can_be_read_of_an_empty_centre_and_by_every_stretch(centre: Centre) -> None:
    for name in REPORTS:
        for grouping in Grouping:
            assert [] == read(centre, name, grouping=grouping)


def test_a_report_is_sent_once_of_each_week_that_is_over_to_the_house_alone(
    ready: Centre, tmp_path: Path
) -> None:
    way = MailSettings(way="file", sender="winback@example.com", domains=["example.com"])
    settings = Settings(mail=way, data_dir=tmp_path)
    draft = MailingDraft(report="contacts", address="leder@Example.com")
    order = ready.dial()
    ready.talk(order)

    card = add_mailing(ready.database, way, draft, "maria", ready.now)
    with pytest.raises(ReportRefused, match=r"mail\.domains"):
        add_mailing(ready.database, way, replace(draft, address="x@elsewhere.org"), "maria", ready.now)
    ready.now += timedelta(days=7)
    sent = [send_due(ready.database, ZONE, ready.now) for _ in range(2)]
    app = App(settings=settings, database=ready.database, clock=lambda: ready.now)
    courier_for(app).round()
    (mail,) = (tmp_path / "mails").glob("*.eml")
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    (file,) = message.iter_attachments()  # type: ignore[attr-defined]
    sheet = load_workbook(BytesIO(file.get_content())).get_sheet_by_index(0)

    assert [1, 0] == sent
    assert "Contacts, 2026-11-23 to 2026-11-29" == message["subject"]
    assert "winter" in sheet.to_python()[1]
    assert ["leder@Example.com"] == [each.receiver for each in latest_messages(ready.database)]
    assert remove_mailing(ready.database, card.id, "maria", ready.now)
    assert not remove_mailing(ready.database, card.id, "maria", ready.now)

"""Lists by what files tell as text, by days and changes, and by what Winback knows; told row by row."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from databases.centre import Centre, number

from callbacks.refusals import Refusal
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_condition import Narrowed, read_condition
from dialer.core.calling.list_filter import ListFilter
from dialer.services.agents.dispositions import record_disposition
from dialer.services.analytics.models import ScoreRow, save_model, save_scores
from dialer.services.campaigns import lists
from dialer.services.campaigns.campaigns import campaign_list
from dialer.services.campaigns.lists import count_list, preview_list
from dialer.services.customers.customers import Batch, CustomerRow, customer_frame_rows, store_customers

#: by the days from today; every cell is a text, as the import writes it
PEOPLE: tuple[dict[str, str | int], ...] = (
    {"charge": "90", "ends": 20, "complaint": -3, "May call": "yes"},
    {"charge": "60.5", "ends": 90, "May call": "no"},
    {"charge": "about 70", "ends": -5, "May call": "2999-01-01"},
    {"charge": "7", "complaint": -40},
    {"charge": "007", "May call": "ja"},
)
ALL = {f"c{index}" for index in range(len(PEOPLE))}


class Files:
    folder = Path("/models/one")
    sha256 = "0" * 64


def store(centre: Centre, name: str, today: date, **charges: str) -> None:
    """The file of that name: `charges` are those that are another in it, by customer."""
    rows = []
    for index, columns in enumerate(PEOPLE):
        key = f"c{index}"
        told = {
            column: value if isinstance(value, str) else (today + timedelta(days=value)).isoformat()
            for column, value in columns.items()
        }
        rows.append(
            CustomerRow(
                external_id=key,
                name="A",
                numbers=(number(index),),
                language="sv" if index == 1 else "en",
                attributes=told | ({"charge": charges[key]} if key in charges else {}),
            )
        )
    batch = Batch(file_name=name, sha256="0" * 64, mapping={})
    store_customers(centre.database, rows, centre.now, batch=batch)


@pytest.fixture
def people(centre: Centre) -> Centre:
    """All of them, the first of whom was talked with and offered something."""
    store(centre, "june.csv", centre.now.date())
    centre.campaign("talk", filters=narrowed("charge = 90"), holdout_share=0.0)
    order = centre.dial()
    centre.talk(order)
    said = record_disposition(
        centre.database, "anna", order.attempt, Disposition.OFFER_MADE, "", None, centre.now
    )
    assert not isinstance(said, Refusal)
    return centre


def narrowed(*lines: str, any_of: bool = False) -> ListFilter:
    return ListFilter(narrowed=Narrowed(where=tuple(read_condition(line) for line in lines), any_of=any_of))


def test_a_list_reads_texts_days_and_what_winback_knows(people: Centre) -> None:
    today = people.now.date()
    people.later(hours=1)
    store(people, "july.csv", today, c3="8")
    day = (people.now + timedelta(days=30)).date().isoformat()
    expected = {
        "charge >= 60": {"c0", "c1"},
        "charge < 10": {"c3"},
        "ends in next 60 days": {"c0"},
        f"ends > {day}": {"c1"},
        "ends in last 30 days": {"c2"},
        "ends not in last 30 days": ALL - {"c2"},
        "complaint in last 7 days": {"c0"},
        "charge changed in last 7 days": {"c3"},
        "@last_contact in last 30 days": {"c0"},
        "@last_contact not in last 30 days": ALL - {"c0"},
        "@last_word = offer_made | lost": {"c0"},
        "@last_word = none": ALL - {"c0"},
        "@last_word != none": {"c0"},
        "@consent = yes": {"c0", "c4"},
        "@consent = no": {"c1", "c2", "c3"},
        "@import = june.csv": ALL - {"c3"},
        "@import = 2": {"c3"},
        "@language = SV": {"c1"},
    }
    held = {
        line: preview_list(people.database, narrowed(line), people.now).count.matching for line in expected
    }
    assert held == {line: len(found) for line, found in expected.items()}
    assert held == {
        line: count_list(people.database, narrowed(line), people.now).matching for line in expected
    }
    card = people.campaign("charge", filters=narrowed("charge >= 60", "@consent = no"), started=False)
    assert [row.external_id for row in campaign_list(people.database, card.id)] == ["c1"]
    assert ListFilter.read(card.filters) == narrowed("charge >= 60", "@consent = no")


def score(centre: Centre) -> None:
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(centre.database)}
    model = save_model(centre.database, Files(), {"auc": 0.85}, "boosted", centre.now)
    gains = {"c0": 9.0, "c1": 3.0, "c2": 5.0, "c4": -2.0}
    rows = [
        ScoreRow(customer=ids[name], risk=0.5, value=50.0, expected_gain=gain) for name, gain in gains.items()
    ]
    save_scores(centre.database, model, rows, centre.now)


def test_each_row_says_who_is_left_and_what_their_calls_bring(people: Centre) -> None:
    score(people)
    filters = narrowed("charge != 7", "ends in next 400 days")
    found = preview_list(people.database, filters, people.now, 1)

    assert [(step.kind, step.words, step.customers, step.gain) for step in found.steps] == [
        ("everybody", "", 5, 15.0),
        ("condition", "charge != 7", 4, 15.0),
        ("condition", "ends in next 400 days", 2, 12.0),
        ("top", "1", 1, 9.0),
    ]
    assert (found.exact, found.customers, [each.external_id for each in found.first]) == (True, 5, ["c0"])
    assert found.count == count_list(people.database, filters, people.now, 1)
    either = narrowed("ends in last 30 days", "complaint in last 7 days", any_of=True)
    assert [step.customers for step in preview_list(people.database, either, people.now).steps] == [5, 1, 2]


def test_of_a_large_book_a_sample_is_looked_at_and_said_to_be_one(
    people: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LOOKED_AT", 2)
    monkeypatch.setattr(lists, "SIDE_BY_SIDE", 1)
    found = preview_list(people.database, narrowed("charge != nothing"), people.now)

    assert (found.exact, found.looked_at, found.customers) == (False, 2, 5)
    assert [step.customers for step in found.steps] == [5, 5]
    assert len(found.first) == 2

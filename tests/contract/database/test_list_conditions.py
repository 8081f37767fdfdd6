"""Lists by conditions on the customers' own columns, without those of other lists, counted before."""

import pytest
from databases.centre import Centre, number

from dialer.core.calling.campaign import LeadState
from dialer.core.calling.list_condition import Narrowed, read_condition
from dialer.core.calling.list_filter import ListFilter
from dialer.services.analytics.models import ScoreRow, save_model, save_scores
from dialer.services.campaigns.campaigns import campaign_list
from dialer.services.campaigns.list_reading import known_columns
from dialer.services.campaigns.lists import count_list
from dialer.services.customers.customers import CustomerRow, customer_frame_rows, store_customers

PEOPLE = (
    {"charge": 90, "plan": "XL", "city": "Bergen"},
    {"charge": 60.0, "plan": "xl"},
    {"charge": "unknown", "plan": "S"},
    {"plan": "M", "city": "7"},
    {"charge": 12, "city": 7},
)


class Files:
    folder = "/models/one"
    sha256 = "0" * 64


@pytest.fixture
def people(centre: Centre) -> Centre:
    rows = [
        CustomerRow(external_id=f"c{index}", name="A", numbers=(number(index),), attributes=attributes)
        for index, attributes in enumerate(PEOPLE)
    ]
    store_customers(centre.database, rows, centre.now)
    return centre


def narrowed(*lines: str, any_of: bool = False, not_on: tuple[int, ...] = ()) -> ListFilter:
    where = tuple(read_condition(line) for line in lines)
    return ListFilter(narrowed=Narrowed(where=where, any_of=any_of, not_on=not_on))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (narrowed("charge >= 60"), {"c0", "c1"}),
        (narrowed("charge < 60"), {"c4"}),
        (narrowed("charge > 12", "charge <= 60"), {"c1"}),
        (narrowed("plan = XL"), {"c0", "c1"}),
        (narrowed("plan = s | M"), {"c2", "c3"}),
        (narrowed("plan != XL"), {"c2", "c3", "c4"}),
        (narrowed("city = 7"), {"c3", "c4"}),
        (narrowed("charge >= 60", "city = bergen"), {"c0"}),
        (narrowed("charge < 60", "city = Bergen", any_of=True), {"c0", "c4"}),
        (narrowed("nothing = 1"), set()),
        (narrowed("plan = '; DROP TABLE customer; --"), set()),
    ],
)
def test_a_list_holds_those_who_meet_its_conditions(
    people: Centre, filters: ListFilter, found: set[str]
) -> None:
    counted = count_list(people.database, filters, people.now, holdout_share=0.0, explore_share=0.0)
    card = people.campaign(filters=filters)
    listed = campaign_list(people.database, card.id)

    assert {row.external_id for row in listed} == found
    assert counted.listed == len(found) == sum(card.leads.values())


def test_who_is_on_another_list_is_left_out_and_an_overlap_is_said(people: Centre) -> None:
    first = people.campaign("first", filters=narrowed("plan = XL"))

    assert count_list(people.database, narrowed("charge >= 12"), people.now).listed_already == 2
    apart = narrowed("charge >= 12", not_on=(first.id,))
    assert count_list(people.database, apart, people.now).listed_already == 0
    card = people.campaign("second", filters=apart)
    assert card.leads == {LeadState.LISTED: 1}
    assert (card.filters["where"], card.filters["not_on"]) == (["charge >= 12"], [first.id])


def test_what_the_calls_are_expected_to_bring_is_said_before_and_so_is_a_loss(people: Centre) -> None:
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(people.database)}
    model = save_model(people.database, Files(), {"auc": 0.85}, "boosted", people.now)
    gains = {"c0": 9.0, "c1": 3.0, "c4": -2.0}
    rows = [
        ScoreRow(customer=ids[name], risk=0.5, value=50.0, expected_gain=gain) for name, gain in gains.items()
    ]
    save_scores(people.database, model, rows, people.now)

    counted = count_list(people.database, narrowed("charge >= 12"), people.now)
    assert (counted.gain, counted.losing) == (10.0, 1)
    assert count_list(people.database, narrowed("charge >= 12"), people.now, 2).gain == 12.0


def test_columns_are_known_with_their_most_frequent_values(people: Centre) -> None:
    columns = {column.name: column for column in known_columns(people.database)}

    assert list(columns) == ["charge", "city", "plan"]
    assert columns["city"].values[0] == ("7", 2)
    assert columns["plan"].known == 4

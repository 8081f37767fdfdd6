"""A list in another order, a share beside other campaigns, and lists that are kept by name."""

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from databases.centre import Centre, number
from sqlalchemy import select

from dialer.core.calling.call_order import CalledFirst
from dialer.core.calling.list_condition import Narrowed, read_condition
from dialer.core.calling.list_filter import ListFilter
from dialer.db.models import Audit, Lead
from dialer.services.analytics.models import ScoreRow, save_model, save_scores
from dialer.services.campaigns.campaign_changes import CampaignTerms, change_campaign, consequences
from dialer.services.campaigns.campaigns import CampaignCard, campaign_list, running_campaigns
from dialer.services.campaigns.saved_lists import (
    ListNameTaken,
    UnknownList,
    find_list,
    remove_list,
    save_list,
    saved_lists_by_name,
)
from dialer.services.customers.customers import CustomerRow, customer_frame_rows, store_customers

GAINS = (3.0, 1.0, 4.0, 2.0)
ENDS = ("2026-09-01", "no day", "2026-07-01", "2026-08-01")


class Files:
    folder = Path("/models/one")
    sha256 = "0" * 64


@pytest.fixture
def people(centre: Centre) -> Centre:
    """Four customers, the last of whom was talked with."""
    rows = [
        CustomerRow(external_id=f"c{index}", name="A", numbers=(number(index),), attributes={"ends": ends})
        for index, ends in enumerate(ENDS)
    ]
    store_customers(centre.database, rows, centre.now)
    centre.campaign("talk", filters=listed("ends = 2026-08-01"), holdout_share=0.0)
    centre.talk(centre.dial())
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(centre.database)}
    model = save_model(centre.database, Files(), {"auc": 0.85}, "boosted", centre.now)
    scores = [
        ScoreRow(customer=ids[f"c{index}"], risk=0.5, value=50.0, expected_gain=gain)
        for index, gain in enumerate(GAINS)
    ]
    save_scores(centre.database, model, scores, centre.now)
    return centre


def listed(*lines: str) -> ListFilter:
    return ListFilter(narrowed=Narrowed(where=tuple(map(read_condition, lines))))


def in_order(centre: Centre, card: CampaignCard) -> list[str]:
    return [row.external_id for row in campaign_list(centre.database, card.id)]


def terms(card: CampaignCard) -> CampaignTerms:
    return CampaignTerms(**{each.name: getattr(card, each.name) for each in fields(CampaignTerms)})


def test_a_list_is_called_in_the_order_its_campaign_has(people: Centre) -> None:
    card = people.campaign("all", holdout_share=0.0)
    assert in_order(people, card) == ["c2", "c0", "c3", "c1"]

    by_day = replace(terms(card), call_order=CalledFirst.BY_DAY, order_column="ends")
    said = consequences(people.database, card.id, by_day, people.now)
    assert len(said) == 1
    assert "Called first: the earliest ends." in said[0]
    assert "The next 4 calls are expected to bring 10 in all, 10 as the list stands." in said[0]
    assert in_order(people, card) == ["c2", "c0", "c3", "c1"], "nothing is changed by asking"

    change_campaign(people.database, card.id, by_day, people.now, "mia")
    assert in_order(people, card) == ["c2", "c3", "c0", "c1"]
    with people.database.read() as tx:
        ranks = tx.scalars(select(Lead.rank).where(Lead.campaign_id == card.id).order_by(Lead.rank)).all()
        assert list(ranks) == [1, 2, 3, 4]

    oldest = replace(by_day, call_order=CalledFirst.OLDEST_CONTACT, order_column="")
    change_campaign(people.database, card.id, oldest, people.now, "mia")
    assert in_order(people, card) == ["c2", "c0", "c1", "c3"]
    change_campaign(people.database, card.id, terms(card), people.now, "mia")
    assert in_order(people, card) == ["c2", "c0", "c3", "c1"]
    chance = replace(oldest, call_order=CalledFirst.RANDOM)
    change_campaign(people.database, card.id, chance, people.now, "mia")
    drawn = in_order(people, card)
    assert sorted(drawn) == ["c0", "c1", "c2", "c3"]


def test_a_new_campaign_calls_in_its_order_from_the_beginning(people: Centre) -> None:
    card = people.campaign("by day", holdout_share=0.0, call_order=CalledFirst.BY_DAY, order_column="ends")
    assert in_order(people, card) == ["c2", "c3", "c0", "c1"]


def test_a_share_is_said_beside_the_other_campaigns_and_reaches_the_engine(people: Centre) -> None:
    card = people.campaign("all")
    shared = replace(terms(card), share=3.0)
    assert consequences(people.database, card.id, shared, people.now) == (
        "Of the customers reached beside the team's other campaigns it has 75%, 50% until now.",
        "talk has 25%, 50% until now.",
    )
    change_campaign(people.database, card.id, shared, people.now, "mia")
    running = {each.name: each.share for each in running_campaigns(people.database, people.now)}
    assert running == {"talk": None, "all": 3.0}


def test_a_list_is_kept_by_name_changed_only_if_that_was_meant_and_audited(people: Centre) -> None:
    filters = listed("ends in next 60 days", "@last_word != lost")
    card = save_list(people.database, "June", people.now, "mia", filters=filters, top=10)
    assert find_list(people.database, card.id) == find_list(people.database, "June") == card
    assert (card.filters, card.top) == (filters, 10)

    save_list(people.database, "June", people.now, "mia", filters=filters, top=10)
    with pytest.raises(ListNameTaken):
        save_list(people.database, "June", people.now, "mia", filters=filters, top=11)
    later = people.now + timedelta(hours=1)
    save_list(people.database, "June", later, "tom", filters=filters, top=11, replace=True)
    assert [(each.name, each.top) for each in saved_lists_by_name(people.database)] == [("June", 11)]

    remove_list(people.database, card.id, people.now, "mia")
    with pytest.raises(UnknownList):
        find_list(people.database, "June")
    with people.database.read() as tx:
        acts = tx.scalars(select(Audit.action).where(Audit.subject == "June").order_by(Audit.id)).all()
        assert list(acts) == ["list.saved", "list.changed", "list.removed"]

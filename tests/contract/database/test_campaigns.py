"""Customers in, a list out: by filter and gain, with a part held out by chance."""

from datetime import timedelta

import pytest
from databases.centre import MONDAY, Centre, number

from churnmodel.holdout import Arm, Experiment, arm_of
from churnmodel.reasons.phrases import Reason
from dialer.cli.campaign import counted
from dialer.core.calling.campaign import CampaignEvent, CampaignState, LeadState
from dialer.core.calling.list_filter import ListFilter
from dialer.core.compliance.rulebook import Purpose
from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.db.queries import assignments, customers
from dialer.services.analytics.models import ScoreRow, champion, list_models, save_model, save_scores
from dialer.services.campaigns.campaigns import (
    CampaignNameTaken,
    UnknownCampaign,
    campaign_card,
    campaign_list,
    campaign_results,
    list_campaigns,
    list_worth,
    move_campaign,
    running_campaigns,
)
from dialer.services.campaigns.lists import count_list
from dialer.services.customers.customers import (
    Batch,
    CustomerRow,
    Stored,
    count_customers,
    customer_frame_rows,
    end_batch,
    known_numbers,
    last_label,
    list_batches,
    store_customers,
)
from dialer.services.customers.suppression import (
    add_do_not_call,
    allow_person,
    list_do_not_call,
    remove_do_not_call,
)
from telephony.calls.events import Outcome
from telephony.state_machine import IllegalTransition


class Files:
    folder = "/models/one"
    sha256 = "0" * 64


def row(index: int, **values: object) -> CustomerRow:
    plain = {"external_id": f"c{index}", "name": "A", "numbers": (number(index),), "attributes": {"n": index}}
    return CustomerRow(**{**plain, **values})


def scored(centre: Centre, gains: dict[str, float]) -> int:
    """Customers with these gains; the model that says so."""
    store_customers(
        centre.database,
        [row(index, attributes={"n": index, "plan": "gold" if index % 2 else "tin", "vip": index == 1})
         for index in range(len(gains))],
        centre.now,
    )  # fmt: skip
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(centre.database)}
    model = save_model(centre.database, Files(), {"auc": 0.85}, "boosted", centre.now)
    rows = [
        ScoreRow(
            customer=ids[key],
            risk=gain / 100,
            value=50.0,
            expected_gain=gain,
            reasons=[Reason(column="complaints_60d", value=gain)],
        )
        for key, gain in gains.items()
    ]
    save_scores(centre.database, model, rows, centre.now)
    return model


def test_the_same_file_twice_changes_nothing(centre: Centre) -> None:
    rows = [row(index) for index in range(1100)]

    assert Stored(added=1100) == store_customers(centre.database, rows, centre.now)
    assert Stored(unchanged=1100) == store_customers(centre.database, rows, centre.later(days=1))
    assert 1100 == count_customers(centre.database)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "B"},
        {"zone": "Europe/Oslo"},
        {"numbers": (number(900),)},
        {"numbers": (number(0), number(900))},
        {"numbers": ()},
        {"attributes": {"n": 1}},
        {"household": "h1"},
    ],
)
def test_whatever_changed_is_stored_and_counted_once(centre: Centre, change: dict[str, object]) -> None:
    store_customers(centre.database, [row(0), row(1)], centre.now)

    assert Stored(changed=1, unchanged=1) == store_customers(
        centre.database, [row(0, **change), row(1)], centre.now
    )
    assert Stored(unchanged=2) == store_customers(centre.database, [row(0, **change), row(1)], centre.now)


def test_of_two_rows_with_one_id_the_later_holds(centre: Centre) -> None:
    stored = store_customers(centre.database, [row(0, name="old"), row(0, name="new")], centre.now)

    assert 1 == stored.added
    assert Stored(unchanged=1) == store_customers(centre.database, [row(0, name="new")], centre.now)


def test_customers_come_back_as_rows_to_learn_from(centre: Centre) -> None:
    store_customers(centre.database, [row(index) for index in range(1100)], centre.now)
    lines = list(customer_frame_rows(centre.database))

    assert 1100 == len(lines)
    assert {"customer_id", "external_id", "household", "n"} == set(lines[0])
    assert list(range(1100)) == [line["n"] for line in lines]


def test_a_file_that_was_read_is_written_down(centre: Centre) -> None:
    batch = Batch(file_name="telco.csv", sha256="f" * 64, mapping={"label": "churned"})
    store_customers(centre.database, [row(place) for place in range(3)], centre.now, batch=batch)
    (going,) = list_batches(centre.database)
    end_batch(centre.database, batch, bad=1, now=centre.later(seconds=5))
    (record,) = list_batches(centre.database)

    assert (Stored(added=3), None) == (going.stored, going.ended_at)
    assert ("telco.csv", Stored(added=3), 1) == (record.file_name, record.stored, record.bad)
    assert centre.now == record.ended_at
    assert "churned" == last_label(centre.database)


def test_first_numbers_are_known_by_external_id(centre: Centre) -> None:
    store_customers(centre.database, [row(0, numbers=(number(5), number(6))), row(1, numbers=())], centre.now)

    assert {"c0": number(5)} == known_numbers(centre.database)


def test_a_new_number_reaches_the_lists_that_wait(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    store_customers(centre.database, [row(0, numbers=(number(77),), zone="Europe/Oslo")], centre.now)

    assert number(77) == centre.open().e164


def test_the_newest_model_is_in_use_and_the_one_before_retired(centre: Centre) -> None:
    assert champion(centre.database) is None
    first = save_model(centre.database, Files(), {"auc": 0.8}, "logistic", centre.now)
    second = save_model(centre.database, Files(), {"auc": 0.9}, "boosted", centre.later(days=1))

    card = champion(centre.database)
    assert card is not None
    assert (second, "boosted", {"auc": 0.9}) == (card.id, card.kind, card.metrics)
    assert [(second, "champion"), (first, "retired")] == [
        (one.id, one.role) for one in list_models(centre.database)
    ]


def test_scoring_again_replaces(centre: Centre) -> None:
    model = scored(centre, {"c0": 10.0, "c1": 20.0})
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(centre.database)}
    again = [ScoreRow(customer=ids["c0"], risk=0.9, value=1.0, expected_gain=99.0)]

    assert 1 == save_scores(centre.database, model, again, centre.now)
    card = centre.campaign(started=False)
    assert [99.0, 20.0] == [lead.gain for lead in campaign_list(centre.database, card.id)]


def test_the_list_stands_in_the_order_of_expected_gain(centre: Centre) -> None:
    scored(centre, {"c0": 10.0, "c1": 40.0, "c2": -5.0, "c3": 20.0})
    card = centre.campaign(started=False, top=3)
    lines = campaign_list(centre.database, card.id)

    assert [("c1", 1, 40.0), ("c3", 2, 20.0), ("c0", 3, 10.0)] == [
        (lead.external_id, lead.rank, lead.gain) for lead in lines
    ]
    assert ("40 complaints in 60 days",) == lines[0].reasons
    in_finnish = campaign_list(centre.database, card.id, language="fi")
    assert ("40 valitusta 60 päivän aikana",) == in_finnish[0].reasons
    assert lines[0].number.startswith("+44…")


@pytest.mark.parametrize(
    ("filters", "who"),
    [
        (ListFilter(), {"c0", "c1", "c2", "c3"}),
        (ListFilter(min_risk=0.15), {"c1", "c3"}),
        (ListFilter(min_gain=0.0), {"c0", "c1", "c3"}),
        (ListFilter(equals={"plan": "gold"}), {"c1", "c3"}),
        (ListFilter(equals={"plan": "gold", "n": 3}), {"c3"}),
        (ListFilter(equals={"vip": True}), {"c1"}),
        (ListFilter(equals={"plan": "'; DROP TABLE customer; --"}), set()),
        (ListFilter(equals={"no such column": "x"}), set()),
    ],
)
def test_filters_are_counted_before_anything_is_saved(
    centre: Centre, filters: ListFilter, who: set[str]
) -> None:
    scored(centre, {"c0": 10.0, "c1": 40.0, "c2": -5.0, "c3": 20.0})
    found = count_list(centre.database, filters, centre.now, 3, holdout_share=0.5, explore_share=0.0)
    card = centre.campaign(started=False, filters=filters)

    assert (len(who), min(3, len(who))) == (found.matching, found.listed)
    assert who == {lead.external_id for lead in campaign_list(centre.database, card.id)}


@pytest.mark.parametrize(
    ("top", "min_gain", "losing"), [(None, None, 2), (3, None, 1), (2, None, 0), (None, 0.0, 0)]
)
def test_calls_that_are_expected_to_lose_money_are_counted_and_said(
    centre: Centre, top: int | None, min_gain: float | None, losing: int
) -> None:
    scored(centre, {"c0": 10.0, "c1": 40.0, "c2": -5.0, "c3": -1.0})

    found = count_list(centre.database, ListFilter(min_gain=min_gain), centre.now, top)

    assert losing == found.losing
    assert (losing > 0) is any("cost more than it brings" in sentence for sentence in counted(found))


def test_customers_without_a_number_are_on_no_list(centre: Centre) -> None:
    store_customers(centre.database, [row(0), row(1, numbers=())], centre.now)

    assert 1 == count_list(centre.database, ListFilter(), centre.now).matching
    assert {LeadState.LISTED: 1} == centre.campaign().leads


def held_out(centre: Centre, campaign: int) -> set[str]:
    lines = campaign_list(centre.database, campaign, size=1000)
    return {line.external_id for line in lines if line.state is LeadState.HELD_OUT}


def test_a_part_is_held_out_by_every_campaign_alike_and_never_called(centre: Centre) -> None:
    centre.customers(200)
    card = centre.campaign(holdout_share=0.25)
    again = centre.campaign("spring", holdout_share=0.25, started=False)
    next_year = centre.campaign("autumn", holdout_share=0.25, salt="2", started=False)
    held = held_out(centre, card.id)

    ours = Experiment(name="winter", salt="1", control=0.25, explore=0.0)
    assert {f"c{index}" for index in range(200) if arm_of(f"c{index}", ours) is Arm.CONTROL} == held
    assert 30 < len(held) < 70
    assert held_out(centre, again.id) == held
    assert held_out(centre, next_year.id) != held
    called = {work.lead for work in centre.work(limit=500)[1]}
    lines = campaign_list(centre.database, card.id, size=500)
    assert not called & {lead.lead for lead in lines if lead.state is LeadState.HELD_OUT}
    assert 200 - len(held) == card.to_call == len(called)


def test_everyone_considered_is_logged_with_the_chance_of_a_call(centre: Centre) -> None:
    scored(centre, {f"c{index}": float(index) for index in range(300)})
    card = centre.campaign(holdout_share=0.2, explore_share=0.5, top=100)
    with centre.database.read() as tx:
        log = assignments.log_of(tx, card.id)

    assert 300 == len(log)
    assert 100 == sum(row.listed for row in log)
    assert {True: {0.6}, False: {0.1}} == {
        side: {round(row.propensity, 9) for row in log if row.listed is side} for side in (True, False)
    }
    assert [row.gain for row in log] == [float(index) for index in range(300)]
    assert {row.customer_id for row in log if row.call} == {
        lead.customer
        for lead in campaign_list(centre.database, card.id, size=500)
        if lead.state is LeadState.LISTED
    }
    assert not any(row.call for row in log if row.arm == Arm.CONTROL)


def test_whom_the_coin_adds_is_spread_over_the_list_and_not_called_last(centre: Centre) -> None:
    scored(centre, {f"c{index}": float(index) for index in range(400)})
    card = centre.campaign(holdout_share=0.0, explore_share=1.0, top=100)
    added = [
        lead.rank for lead in campaign_list(centre.database, card.id, size=500) if (lead.gain or 0) < 300
    ]

    assert 5 < len(added)
    assert min(added) < 60


def test_a_tiny_list_stays_as_short_as_it_was_asked_for_and_says_what_it_cannot_tell(centre: Centre) -> None:
    scored(centre, {f"c{place}": float(place) for place in range(1000)})
    found = count_list(centre.database, ListFilter(), centre.now, 30)
    card = centre.campaign(holdout_share=0.1, explore_share=0.1, top=30)

    assert (30, 27, 3, 5) == (found.listed, found.called, found.held_out, found.explored)
    assert not found.measurable
    assert count_list(centre.database, ListFilter(), centre.now, 1000).measurable
    assert 20 <= card.to_call <= 34
    assert sum(card.leads.values()) <= 36


def test_whom_a_call_does_no_good_is_left_out_logged_and_counted(centre: Centre) -> None:
    model = scored(centre, {f"c{index}": float(index) for index in range(10)})
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(centre.database)}
    rows = [
        ScoreRow(
            customer=ids[f"c{index}"], risk=0.5, value=50.0, expected_gain=float(index),
            uplift=index / 16, gain_low=index - 2.0, gain_high=index + 3.0, left_out=index > 6,
        )
        for index in range(10)
    ]  # fmt: skip
    save_scores(centre.database, model, rows, centre.now)

    found = count_list(centre.database, ListFilter(min_gain=1.0), centre.now, 4, explore_share=0.0)
    card = centre.campaign(started=False, filters=ListFilter(min_gain=1.0), top=4)

    assert (9, 3, 4) == (found.matching, found.left_out, found.listed)
    lines = campaign_list(centre.database, card.id)
    assert ["c6", "c5", "c4", "c3"] == [lead.external_id for lead in lines]
    assert (6.0, 4.0, 9.0) == (lines[0].gain, lines[0].gain_low, lines[0].gain_high)
    worth = list_worth(centre.database, card.id)
    assert (4, 18.0, 10.0, 30.0) == (worth.calls, worth.gain, worth.low, worth.high)
    assert (0.75, 10 / 24, 1.25) == worth.a_minute(6.0)
    with centre.database.read() as tx:
        log = {row.customer_id: row for row in assignments.log_of(tx, card.id)}
    assert 10 == len(log)
    assert (False, 9.0, 9 / 16) == (log[ids["c9"]].listed, log[ids["c9"]].gain, log[ids["c9"]].uplift)


def test_the_database_keeps_how_customers_were_when_a_list_was_made(centre: Centre) -> None:
    store_customers(centre.database, [row(index) for index in range(3)], centre.now)
    store_customers(centre.database, [row(1, attributes={"n": 5})], centre.later(days=1))
    card = centre.campaign(started=False)
    made = centre.later(days=1)
    for n in (6, 7):
        store_customers(
            centre.database, [row(1, attributes={"n": n}), row(2, name="B")], centre.later(days=1)
        )

    with centre.database.read() as tx:
        was = customers.attributes_at(tx, card.id, card.created_at)
        none_since = customers.attributes_at(tx, card.id, centre.now)
    assert made > card.created_at
    by_n = sorted(found["n"] for found in was.values())
    assert [2, 5] == by_n, "as on the day of the list, not before and not after"
    assert {} == none_since


def test_who_asked_for_a_call_is_never_held_out(centre: Centre) -> None:
    centre.customers(50)
    card = centre.campaign(purpose=Purpose.REQUESTED, holdout_share=0.5, explore_share=0.5)

    assert {LeadState.LISTED: 50} == card.leads


def test_two_campaigns_cannot_have_one_name(centre: Centre) -> None:
    centre.campaign()
    with pytest.raises(CampaignNameTaken):
        centre.campaign()


def test_a_campaign_starts_pauses_and_finishes_and_says_so(centre: Centre) -> None:
    centre.customers(1)
    card = centre.campaign(started=False, purpose=Purpose.SERVICE)
    assert (CampaignState.DRAFT, None, Purpose.SERVICE) == (card.state, card.started_at, card.purpose)
    assert () == running_campaigns(centre.database, centre.now)

    started = move_campaign(centre.database, card.id, CampaignEvent.START, centre.now, "eve")
    paused = move_campaign(centre.database, "winter", CampaignEvent.PAUSE, centre.later(hours=1), "eve")
    again = move_campaign(centre.database, str(card.id), CampaignEvent.START, centre.later(hours=1), "eve")
    assert (MONDAY, MONDAY, MONDAY) == (started.started_at, paused.started_at, again.started_at)
    move_campaign(centre.database, "winter", CampaignEvent.FINISH, centre.now, "eve")

    with pytest.raises(IllegalTransition):
        move_campaign(centre.database, "winter", CampaignEvent.START, centre.now, "eve")
    assert [CampaignState.FINISHED] == [card.state for card in list_campaigns(centre.database)]


@pytest.mark.parametrize("name", ["summer", 99, "99"])
def test_a_campaign_nobody_made_is_unknown(centre: Centre, name: str | int) -> None:
    assert campaign_card(centre.database, name) is None
    with pytest.raises(UnknownCampaign):
        move_campaign(centre.database, name, CampaignEvent.START, centre.now, "eve")


def test_running_campaigns_carry_their_abandonment_of_a_day_and_of_today(centre: Centre) -> None:
    centre.customers(4)
    centre.campaign()
    for outcome in (Outcome.ABANDONED, Outcome.HUNG_UP_WAITING, Outcome.MACHINE, Outcome.BUSY):
        order = centre.dial(centre.work()[1][0])
        if outcome is not Outcome.BUSY:
            centre.answer(order)
        centre.finish(order, outcome)

    campaign = running_campaigns(centre.database, centre.now)[0]
    assert (2, 1, 2, 1) == (
        campaign.answered, campaign.abandoned, campaign.answered_today, campaign.abandoned_today,
    )  # fmt: skip
    yesterday = running_campaigns(centre.database, MONDAY + timedelta(hours=20))[0]
    assert (2, 0) == (yesterday.answered, yesterday.answered_today)
    long_ago = running_campaigns(centre.database, MONDAY + timedelta(days=2))[0]
    assert (0, 0) == (long_ago.answered, long_ago.answered_today)
    results = campaign_results(centre.database, campaign.id)
    assert (4, 4, 2, 0, 1) == (
        results.attempts, results.rung, results.answered, results.connected, results.abandoned,
    )  # fmt: skip


def test_numbers_on_the_do_not_call_list_are_passed_over(centre: Centre) -> None:
    centre.customers(3)
    centre.campaign()

    assert add_do_not_call(centre.database, number(1), "asked not to", "letter", centre.now)
    assert not add_do_not_call(centre.database, number(1), "again", "phone", centre.now)
    assert 2 == len(centre.work()[1])
    assert [(number(1), "asked not to")] == [
        (one.e164, one.reason) for one in list_do_not_call(centre.database)
    ]
    assert remove_do_not_call(centre.database, number(1), "eve", centre.now)
    assert not remove_do_not_call(centre.database, number(1), "eve", centre.now)
    assert 3 == len(centre.work()[1])


def test_a_person_who_is_put_off_is_passed_over_with_every_number(centre: Centre) -> None:
    centre.customers(3)
    centre.campaign()
    said = Prohibited(ProhibitionKind.OBJECTION, "Reservert", "Ja")
    store_customers(centre.database, [row(1, prohibition=said)], centre.now)
    store_customers(centre.database, [row(1, numbers=(number(70),))], centre.now)

    assert 2 == len(centre.work()[1])
    assert allow_person(centre.database, "c1", "eve", "asked us to", centre.now)
    assert 3 == len(centre.work()[1])


def test_the_next_work_of_two_campaigns_is_dealt_out_in_turn(centre: Centre) -> None:
    centre.customers(4)
    one = centre.campaign("one", filters=ListFilter(equals={"plan": "gold"}))
    store_customers(
        centre.database, [row(index, attributes={"plan": "tin"}) for index in range(10, 14)], centre.now
    )
    two = centre.campaign("two", filters=ListFilter(equals={"plan": "tin"}))

    assert [one.id, two.id] * 4 == [work.campaign for work in centre.work()[1]]

"""Customers in, a list out: by filter and gain, with a part held out by chance."""

from datetime import timedelta

import pytest
from books.world import MONDAY, World, number

from churnmodel.holdout import Arm, Experiment, arm_of
from churnmodel.reasons.phrases import Reason
from dialer.core.campaign import CampaignEvent, CampaignState, LeadState
from dialer.core.compliance.rulebook import Purpose
from dialer.db.queries import assignments, customers
from dialer.services.campaigns import (
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
from dialer.services.customers import (
    CustomerRow,
    Stored,
    count_customers,
    customer_frame_rows,
    known_numbers,
    last_label,
    list_batches,
    save_batch,
    store_customers,
)
from dialer.services.lists import ListFilter, count_list
from dialer.services.models import ScoreRow, champion, list_models, save_model, save_scores
from dialer.services.suppression import (
    add_do_not_call,
    is_listed,
    list_do_not_call,
    remove_do_not_call,
)
from telephony.calls.events import Outcome
from telephony.machine import IllegalTransition


class Files:
    folder = "/models/one"
    sha256 = "0" * 64


def row(place: int, **values: object) -> CustomerRow:
    plain = {"external_id": f"c{place}", "name": "A", "numbers": (number(place),), "attributes": {"n": place}}
    return CustomerRow(**{**plain, **values})


def scored(world: World, gains: dict[str, float]) -> int:
    """Customers with these gains; the model that says so."""
    store_customers(
        world.book,
        [row(place, attributes={"n": place, "plan": "gold" if place % 2 else "tin", "vip": place == 1})
         for place in range(len(gains))],
        world.now,
    )  # fmt: skip
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(world.book)}
    model = save_model(world.book, Files(), {"auc": 0.85}, "boosted", world.now)
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
    save_scores(world.book, model, rows, world.now)
    return model


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    rows = [row(place) for place in range(1100)]

    assert Stored(added=1100) == store_customers(world.book, rows, world.now)
    assert Stored(unchanged=1100) == store_customers(world.book, rows, world.later(days=1))
    assert 1100 == count_customers(world.book)


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
def test_whatever_changed_is_stored_and_counted_once(world: World, change: dict[str, object]) -> None:
    store_customers(world.book, [row(0), row(1)], world.now)

    assert Stored(changed=1, unchanged=1) == store_customers(
        world.book, [row(0, **change), row(1)], world.now
    )
    assert Stored(unchanged=2) == store_customers(world.book, [row(0, **change), row(1)], world.now)


def test_of_two_rows_with_one_id_the_later_holds(world: World) -> None:
    stored = store_customers(world.book, [row(0, name="old"), row(0, name="new")], world.now)

    assert 1 == stored.added
    assert Stored(unchanged=1) == store_customers(world.book, [row(0, name="new")], world.now)


def test_customers_come_back_as_rows_to_learn_from(world: World) -> None:
    store_customers(world.book, [row(place) for place in range(1100)], world.now)
    lines = list(customer_frame_rows(world.book))

    assert 1100 == len(lines)
    assert {"customer_id", "external_id", "household", "n"} == set(lines[0])
    assert list(range(1100)) == [line["n"] for line in lines]


def test_a_file_that_was_read_is_written_down(world: World) -> None:
    save_batch(
        world.book, file_name="telco.csv", sha256="f" * 64, stored=Stored(added=3), bad=1,
        mapping={"label": "churned"}, now=world.now,
    )  # fmt: skip
    record = list_batches(world.book)[0]

    assert ("telco.csv", Stored(added=3), 1) == (record.file_name, record.stored, record.bad)
    assert "churned" == last_label(world.book)


def test_first_numbers_are_known_by_external_id(world: World) -> None:
    store_customers(world.book, [row(0, numbers=(number(5), number(6))), row(1, numbers=())], world.now)

    assert {"c0": number(5)} == known_numbers(world.book)


def test_a_new_number_reaches_the_lists_that_wait(world: World) -> None:
    world.customers(1)
    world.campaign()
    store_customers(world.book, [row(0, numbers=(number(77),), zone="Europe/Oslo")], world.now)

    assert number(77) == world.open().e164


def test_the_newest_model_is_in_use_and_the_one_before_retired(world: World) -> None:
    assert champion(world.book) is None
    first = save_model(world.book, Files(), {"auc": 0.8}, "logistic", world.now)
    second = save_model(world.book, Files(), {"auc": 0.9}, "boosted", world.later(days=1))

    card = champion(world.book)
    assert card is not None
    assert (second, "boosted", {"auc": 0.9}) == (card.id, card.kind, card.metrics)
    assert [(second, "champion"), (first, "retired")] == [
        (one.id, one.role) for one in list_models(world.book)
    ]


def test_scoring_again_replaces(world: World) -> None:
    model = scored(world, {"c0": 10.0, "c1": 20.0})
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(world.book)}
    again = [ScoreRow(customer=ids["c0"], risk=0.9, value=1.0, expected_gain=99.0)]

    assert 1 == save_scores(world.book, model, again, world.now)
    card = world.campaign(started=False)
    assert [99.0, 20.0] == [lead.gain for lead in campaign_list(world.book, card.id)]


def test_the_list_stands_in_the_order_of_expected_gain(world: World) -> None:
    scored(world, {"c0": 10.0, "c1": 40.0, "c2": -5.0, "c3": 20.0})
    card = world.campaign(started=False, top=3)
    lines = campaign_list(world.book, card.id)

    assert [("c1", 1, 40.0), ("c3", 2, 20.0), ("c0", 3, 10.0)] == [
        (lead.external_id, lead.rank, lead.gain) for lead in lines
    ]
    assert ("40 complaints in 60 days",) == lines[0].reasons
    in_finnish = campaign_list(world.book, card.id, language="fi")
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
    world: World, filters: ListFilter, who: set[str]
) -> None:
    scored(world, {"c0": 10.0, "c1": 40.0, "c2": -5.0, "c3": 20.0})
    counted = count_list(world.book, filters, 3, holdout_share=0.5, explore_share=0.0)
    card = world.campaign(started=False, filters=filters)

    assert (len(who), min(3, len(who))) == (counted.matching, counted.listed)
    assert who == {lead.external_id for lead in campaign_list(world.book, card.id)}


def test_customers_without_a_number_are_on_no_list(world: World) -> None:
    store_customers(world.book, [row(0), row(1, numbers=())], world.now)

    assert 1 == count_list(world.book, ListFilter()).matching
    assert {LeadState.LISTED: 1} == world.campaign().leads


def held_out(world: World, campaign: int) -> set[str]:
    lines = campaign_list(world.book, campaign, size=1000)
    return {line.external_id for line in lines if line.state is LeadState.HELD_OUT}


def test_a_part_is_held_out_by_every_campaign_alike_and_never_called(world: World) -> None:
    world.customers(200)
    card = world.campaign(holdout_share=0.25)
    again = world.campaign("spring", holdout_share=0.25, started=False)
    next_year = world.campaign("autumn", holdout_share=0.25, salt="2", started=False)
    held = held_out(world, card.id)

    ours = Experiment(name="winter", salt="1", control=0.25, explore=0.0)
    assert {f"c{place}" for place in range(200) if arm_of(f"c{place}", ours) is Arm.CONTROL} == held
    assert 30 < len(held) < 70
    assert held_out(world, again.id) == held
    assert held_out(world, next_year.id) != held
    called = {work.lead for work in world.work(limit=500)[1]}
    lines = campaign_list(world.book, card.id, size=500)
    assert not called & {lead.lead for lead in lines if lead.state is LeadState.HELD_OUT}
    assert 200 - len(held) == card.to_call == len(called)


def test_everyone_considered_is_logged_with_the_chance_of_a_call(world: World) -> None:
    scored(world, {f"c{place}": float(place) for place in range(300)})
    card = world.campaign(holdout_share=0.2, explore_share=0.5, top=100)
    with world.book.read() as tx:
        log = assignments.log_of(tx, card.id)

    assert 300 == len(log)
    assert 100 == sum(row.listed for row in log)
    assert {True: {0.6}, False: {0.1}} == {
        side: {round(row.propensity, 9) for row in log if row.listed is side} for side in (True, False)
    }
    assert [row.gain for row in log] == [float(place) for place in range(300)]
    assert {row.customer_id for row in log if row.call} == {
        lead.customer
        for lead in campaign_list(world.book, card.id, size=500)
        if lead.state is LeadState.LISTED
    }
    assert not any(row.call for row in log if row.arm == Arm.CONTROL)


def test_whom_the_coin_adds_is_spread_over_the_list_and_not_called_last(world: World) -> None:
    scored(world, {f"c{place}": float(place) for place in range(400)})
    card = world.campaign(holdout_share=0.0, explore_share=1.0, top=100)
    added = [lead.rank for lead in campaign_list(world.book, card.id, size=500) if (lead.gain or 0) < 300]

    assert 5 < len(added)
    assert min(added) < 60


def test_a_tiny_list_stays_as_short_as_it_was_asked_for_and_says_what_it_cannot_tell(world: World) -> None:
    scored(world, {f"c{place}": float(place) for place in range(1000)})
    counted = count_list(world.book, ListFilter(), 30)
    card = world.campaign(holdout_share=0.1, explore_share=0.1, top=30)

    assert (30, 27, 3, 5) == (counted.listed, counted.called, counted.held_out, counted.explored)
    assert not counted.measurable
    assert count_list(world.book, ListFilter(), 1000).measurable
    assert 20 <= card.to_call <= 34
    assert sum(card.leads.values()) <= 36


def test_whom_a_call_does_no_good_is_left_out_logged_and_counted(world: World) -> None:
    model = scored(world, {f"c{place}": float(place) for place in range(10)})
    ids = {line["external_id"]: line["customer_id"] for line in customer_frame_rows(world.book)}
    rows = [
        ScoreRow(
            customer=ids[f"c{place}"], risk=0.5, value=50.0, expected_gain=float(place),
            uplift=place / 16, gain_low=place - 2.0, gain_high=place + 3.0, left_out=place > 6,
        )
        for place in range(10)
    ]  # fmt: skip
    save_scores(world.book, model, rows, world.now)

    counted = count_list(world.book, ListFilter(min_gain=1.0), 4, explore_share=0.0)
    card = world.campaign(started=False, filters=ListFilter(min_gain=1.0), top=4)

    assert (9, 3, 4) == (counted.matching, counted.left_out, counted.listed)
    lines = campaign_list(world.book, card.id)
    assert ["c6", "c5", "c4", "c3"] == [lead.external_id for lead in lines]
    assert (6.0, 4.0, 9.0) == (lines[0].gain, lines[0].gain_low, lines[0].gain_high)
    worth = list_worth(world.book, card.id)
    assert (4, 18.0, 10.0, 30.0) == (worth.calls, worth.gain, worth.low, worth.high)
    assert (0.75, 10 / 24, 1.25) == worth.a_minute(6.0)
    with world.book.read() as tx:
        log = {row.customer_id: row for row in assignments.log_of(tx, card.id)}
    assert 10 == len(log)
    assert (False, 9.0, 9 / 16) == (log[ids["c9"]].listed, log[ids["c9"]].gain, log[ids["c9"]].uplift)


def test_the_book_keeps_how_customers_were_when_a_list_was_made(world: World) -> None:
    store_customers(world.book, [row(place) for place in range(3)], world.now)
    store_customers(world.book, [row(1, attributes={"n": 5})], world.later(days=1))
    card = world.campaign(started=False)
    made = world.later(days=1)
    for n in (6, 7):
        store_customers(world.book, [row(1, attributes={"n": n}), row(2, name="B")], world.later(days=1))

    with world.book.read() as tx:
        was = customers.attributes_at(tx, card.id, card.created_at)
        none_since = customers.attributes_at(tx, card.id, world.now)
    assert made > card.created_at
    by_n = sorted(found["n"] for found in was.values())
    assert [2, 5] == by_n, "as on the day of the list, not before and not after"
    assert {} == none_since


def test_who_asked_for_a_call_is_never_held_out(world: World) -> None:
    world.customers(50)
    card = world.campaign(purpose=Purpose.REQUESTED, holdout_share=0.5, explore_share=0.5)

    assert {LeadState.LISTED: 50} == card.leads


def test_two_campaigns_cannot_have_one_name(world: World) -> None:
    world.campaign()
    with pytest.raises(CampaignNameTaken):
        world.campaign()


def test_a_campaign_starts_pauses_and_finishes_and_says_so(world: World) -> None:
    world.customers(1)
    card = world.campaign(started=False, purpose=Purpose.SERVICE)
    assert (CampaignState.DRAFT, None, Purpose.SERVICE) == (card.state, card.started_at, card.purpose)
    assert () == running_campaigns(world.book, world.now)

    started = move_campaign(world.book, card.id, CampaignEvent.START, world.now, "eve")
    paused = move_campaign(world.book, "winter", CampaignEvent.PAUSE, world.later(hours=1), "eve")
    again = move_campaign(world.book, str(card.id), CampaignEvent.START, world.later(hours=1), "eve")
    assert (MONDAY, MONDAY, MONDAY) == (started.started_at, paused.started_at, again.started_at)
    move_campaign(world.book, "winter", CampaignEvent.FINISH, world.now, "eve")

    with pytest.raises(IllegalTransition):
        move_campaign(world.book, "winter", CampaignEvent.START, world.now, "eve")
    assert [CampaignState.FINISHED] == [card.state for card in list_campaigns(world.book)]


@pytest.mark.parametrize("name", ["summer", 99, "99"])
def test_a_campaign_nobody_made_is_unknown(world: World, name: str | int) -> None:
    assert campaign_card(world.book, name) is None
    with pytest.raises(UnknownCampaign):
        move_campaign(world.book, name, CampaignEvent.START, world.now, "eve")


def test_running_campaigns_carry_their_abandonment_of_a_day_and_of_today(world: World) -> None:
    world.customers(4)
    world.campaign()
    for outcome in (Outcome.ABANDONED, Outcome.HUNG_UP_WAITING, Outcome.MACHINE, Outcome.BUSY):
        order = world.dial(world.work()[1][0])
        if outcome is not Outcome.BUSY:
            world.answer(order)
        world.finish(order, outcome)

    campaign = running_campaigns(world.book, world.now)[0]
    assert (2, 1, 2, 1) == (
        campaign.answered, campaign.abandoned, campaign.answered_today, campaign.abandoned_today,
    )  # fmt: skip
    yesterday = running_campaigns(world.book, MONDAY + timedelta(hours=20))[0]
    assert (2, 0) == (yesterday.answered, yesterday.answered_today)
    long_ago = running_campaigns(world.book, MONDAY + timedelta(days=2))[0]
    assert (0, 0) == (long_ago.answered, long_ago.answered_today)
    results = campaign_results(world.book, campaign.id)
    assert (4, 4, 2, 0, 1) == (
        results.attempts, results.rung, results.answered, results.connected, results.abandoned,
    )  # fmt: skip


def test_numbers_on_the_do_not_call_list_are_passed_over(world: World) -> None:
    world.customers(3)
    world.campaign()

    assert add_do_not_call(world.book, number(1), "asked not to", "letter", world.now)
    assert not add_do_not_call(world.book, number(1), "again", "phone", world.now)
    assert is_listed(world.book, number(1))
    assert 2 == len(world.work()[1])
    assert [(number(1), "asked not to")] == [(one.e164, one.reason) for one in list_do_not_call(world.book)]
    assert remove_do_not_call(world.book, number(1), "eve", world.now)
    assert not remove_do_not_call(world.book, number(1), "eve", world.now)
    assert 3 == len(world.work()[1])


def test_the_next_work_of_two_campaigns_is_dealt_out_in_turn(world: World) -> None:
    world.customers(4)
    one = world.campaign("one", filters=ListFilter(equals={"plan": "gold"}))
    store_customers(
        world.book, [row(place, attributes={"plan": "tin"}) for place in range(10, 14)], world.now
    )
    two = world.campaign("two", filters=ListFilter(equals={"plan": "tin"}))

    assert [one.id, two.id] * 4 == [work.campaign for work in world.work()[1]]

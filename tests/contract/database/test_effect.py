"""What calling changed, from the database: who was assigned by chance, what was told of them, the stop."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from databases.centre import Centre

from churnmodel.holdout import Arm, Experiment, arm_of, unit_of
from churnmodel.value import Price, cost_of
from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_filter import ListFilter
from dialer.db.queries import audit, learning
from dialer.model_settings import ModelSettings
from dialer.services.agents.dispositions import record_disposition
from dialer.services.analytics.churn_labels import (
    ChurnLabel,
    reads_as_left,
    record_churn_labels,
    record_rest_stayed,
)
from dialer.services.analytics.effect import CampaignEffect, measure_campaign
from dialer.services.analytics.effect_words import in_words
from dialer.services.analytics.prices import price_from
from dialer.services.analytics.ranking_policy import ranking
from dialer.services.analytics.save_rate_settling import settle_save_rate
from dialer.services.campaigns.campaigns import UnknownCampaign, campaign_card, campaign_list
from dialer.services.campaigns.lists import count_list
from dialer.services.campaigns.off_policy_evaluation import look_back
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.settings import Settings
from telephony.calls.events import Outcome

DAYS = timedelta(days=1)


def tell(centre: Centre, *, kept: float, base: float = 0.4) -> None:
    """Tell outcomes 60 days on: of the called, `kept` fewer leave."""
    rng = np.random.default_rng(1)
    rows = campaign_list(centre.database, 1, size=5000)
    centre.later(days=61)
    told = [
        ChurnLabel(external_id=row.external_id, left=left, at=centre.now - 30 * DAYS if left else centre.now)
        for row in rows
        for left in [bool(rng.random() < base - kept * (row.state is not LeadState.HELD_OUT))]
    ]
    record_churn_labels(centre.database, told, centre.now, source="told.csv")


def look(centre: Centre, **values: object) -> CampaignEffect:
    return measure_campaign(centre.database, "winter", centre.now, price=Price(), **values)  # type: ignore[arg-type] # keywords of the call under test


def test_before_the_horizon_is_over_nothing_is_said_but_when(centre: Centre) -> None:
    centre.customers(200)
    centre.campaign(holdout_share=0.5)

    found = look(centre)

    assert found.effect is None
    assert any("nothing to say yet" in sentence for sentence in in_words(found))


def test_too_few_outcomes_are_said_to_be_too_few(centre: Centre) -> None:
    centre.customers(20)
    centre.campaign(holdout_share=0.5)
    tell(centre, kept=0.0)

    found = look(centre)

    assert found.effect is not None
    assert "effect.too-few" == found.effect.refused
    assert any("not enough yet" in sentence for sentence in in_words(found))


def test_a_real_effect_is_found_with_its_segments_and_money(centre: Centre) -> None:
    centre.customers(1500)
    centre.customers(500, start=1500, attributes={"plan": "basic"})
    centre.campaign(holdout_share=0.5)
    tell(centre, kept=0.3)

    found = look(centre, by=("plan",))

    assert found.effect is not None
    assert found.effect.kept.low > 0
    assert 0.3 == pytest.approx(found.effect.kept.estimate, abs=0.07)
    assert found.effect.money.estimate > 0
    assert {"plan gold", "plan basic"} <= {segment.name for segment in found.effect.segments}
    assert not found.paused


def test_a_campaign_that_drives_customers_away_is_paused_and_the_audit_says_why(centre: Centre) -> None:
    centre.customers(1500)
    centre.campaign(holdout_share=0.5)
    centre.dial()
    tell(centre, kept=-0.35, base=0.2)

    only_looked = look(centre, stop=False)
    found = look(centre, actor="mia")

    assert only_looked.state is CampaignState.RUNNING
    assert found.paused
    card = campaign_card(centre.database, "winter")
    assert card is not None
    assert CampaignState.PAUSED is card.state
    with centre.database.read() as tx:
        line = audit.latest(tx, 1)[0]
    assert ("mia", "campaign.stopped", "effect.harm") == (line.actor, line.action, line.details["rule"])
    assert any("HARM" in sentence for sentence in in_words(found))
    assert not look(centre).paused, "what is paused is not paused again"


def test_who_had_left_before_is_of_no_use(centre: Centre) -> None:
    centre.customers(100)
    record_churn_labels(
        centre.database,
        [ChurnLabel(external_id="c3", left=True, at=centre.now - DAYS)],
        centre.now,
        source="early",
    )
    centre.campaign(holdout_share=0.5, filters=ListFilter(with_left=True))
    tell(centre, kept=0.0)

    found = look(centre)

    assert 1 == found.left_before
    assert 99 == found.known_called + found.known_held_out


def test_leavers_without_a_date_told_after_the_horizon_ask_for_dates_and_give_no_number(
    centre: Centre,
) -> None:
    """Thirty points are kept; told undated a day too late, all leavers would count as stayers."""
    centre.customers(1000)
    centre.campaign(holdout_share=0.5)
    rows = campaign_list(centre.database, 1, size=5000)
    rng = np.random.default_rng(1)
    gone = [row.external_id for row in rows if rng.random() < 0.1 + 0.3 * (row.state is LeadState.HELD_OUT)]
    began = centre.now
    centre.later(days=61)
    record_churn_labels(
        centre.database, [ChurnLabel(external_id=who, left=True) for who in gone], centre.now, source="told"
    )
    record_rest_stayed(centre.database, centre.now, centre.now, source="told")

    undated = look(centre)

    assert undated.effect is not None
    assert ("effect.undated", len(gone)) == (undated.effect.refused, undated.undated)
    said = " ".join(in_words(undated))
    assert "Dates are needed" in said
    assert "Calling kept" not in said
    assert settle_save_rate(centre.database, Price(), centre.now).measured is None
    assert (
        "what-if.undated"
        == look_back(centre.database, ListFilter(), centre.now, top=10, price=Price())[0].refused
    )

    dates = [ChurnLabel(external_id=who, left=True, at=began + 30 * DAYS) for who in gone]
    record_churn_labels(centre.database, dates, centre.later(days=1), source="dates")

    dated = look(centre)

    assert dated.effect is not None
    assert 0 == dated.undated
    assert 0.3 == pytest.approx(dated.effect.kept.estimate, abs=0.06)


def test_outcomes_are_added_once_and_the_rest_stayed(centre: Centre) -> None:
    centre.customers(10)
    told = [
        ChurnLabel(external_id="c1", left=True, at=centre.now),
        ChurnLabel(external_id="x", left=True, at=centre.now),
    ]

    first = record_churn_labels(centre.database, told, centre.now, source="a")
    again = record_churn_labels(centre.database, told, centre.now, source="a")
    rest = record_rest_stayed(centre.database, centre.now, centre.now, source="a")

    assert (1, 0, 0, 1) == (first.left, first.stayed, first.known, first.unknown_customers)
    assert (0, 1) == (again.left, again.known)
    assert 9 == rest.stayed


def test_households_are_held_out_whole(centre: Centre) -> None:
    rows = [
        CustomerRow(
            external_id=f"h{index}", household=f"home {index // 2}", numbers=(f"+44207946{index:04d}",)
        )
        for index in range(200, 400)
    ]
    store_customers(centre.database, rows, centre.now)
    centre.campaign(holdout_share=0.5)

    held = {
        row.external_id: row.state is LeadState.HELD_OUT
        for row in campaign_list(centre.database, 1, size=500)
    }

    ours = Experiment(name="winter", salt="1", control=0.5)
    assert held == {
        f"h{index}": arm_of(unit_of(f"h{index}", f"home {index // 2}"), ours) is Arm.CONTROL
        for index in range(200, 400)
    }


def two_campaigns(centre: Centre, *, each_keeps: float, base: float = 0.5) -> None:
    """Two lists of everybody with one control; each call, of either, keeps so many; told 60 days on."""
    rng = np.random.default_rng(5)
    called: Counter[str] = Counter()
    for name in ("winter", "spring"):
        card = centre.campaign(name, holdout_share=0.3, explore_share=0.5)
        rows = campaign_list(centre.database, card.id, size=5000)
        called.update(row.external_id for row in rows if row.state is not LeadState.HELD_OUT)
    centre.dial()
    centre.later(days=61)
    everybody = sorted({row.external_id for row in rows})
    told = [
        ChurnLabel(external_id=who, left=left, at=centre.now - 30 * DAYS if left else centre.now)
        for who in everybody
        for left in [bool(rng.random() < base - each_keeps * called[who])]
    ]
    record_churn_labels(centre.database, told, centre.now, source="told.csv")


def test_each_of_two_campaigns_is_told_what_it_changed_beyond_the_other(centre: Centre) -> None:
    """Each keeps 15 points; against the control they share, either seems to keep 22."""
    centre.customers(3000)
    two_campaigns(centre, each_keeps=0.15)

    found = look(centre)

    assert found.effect is not None
    assert found.by_all is not None
    assert 3000 == found.shared
    assert 0.15 == pytest.approx(found.effect.kept.estimate, abs=0.05)
    assert 0.25 == pytest.approx(found.by_all.kept.estimate, abs=0.05), "of one call or two"
    said = " ".join(in_words(found))
    assert "beyond what the other campaigns changed" in said
    assert "All calling together kept" in said
    rate = settle_save_rate(centre.database, Price(), centre.now).measured
    assert rate is not None
    assert 0.3 == pytest.approx(rate.rate, abs=0.07), "of one call: 15 of 50 points"


def test_harm_that_another_campaign_does_is_not_laid_on_this_one(centre: Centre) -> None:
    centre.customers(3000)
    rng = np.random.default_rng(6)
    cards = [centre.campaign(name, holdout_share=0.3, explore_share=0.5) for name in ("winter", "spring")]
    centre.dial()
    rows = campaign_list(centre.database, cards[1].id, size=5000)
    centre.later(days=61)
    told = [
        ChurnLabel(external_id=row.external_id, left=left, at=centre.now - 30 * DAYS if left else centre.now)
        for row in rows
        for left in [bool(rng.random() < 0.1 + 0.3 * (row.state is not LeadState.HELD_OUT))]
    ]
    record_churn_labels(centre.database, told, centre.now, source="told.csv")

    innocent = look(centre)

    assert innocent.effect is not None
    assert innocent.effect.stop is None
    assert innocent.by_all is not None
    assert innocent.by_all.kept.high < 0, "which all calling together did"


def test_leavers_of_a_campaign_that_called_nobody_yet_never_pause_it(centre: Centre) -> None:
    centre.customers(500)
    centre.campaign(holdout_share=0.5)
    rows = campaign_list(centre.database, 1, size=5000)
    gone = [row.external_id for row in rows if row.state is not LeadState.HELD_OUT][:60]
    centre.later(days=1)
    record_churn_labels(
        centre.database, [ChurnLabel(external_id=who, left=True) for who in gone], centre.now, source="told"
    )

    before = look(centre, horizon=timedelta(0))
    centre.dial()
    after = look(centre, horizon=timedelta(0))

    assert not before.paused
    assert after.paused, "sixty leavers, all of them to be called, where thirty were to be expected"


def test_calls_in_vain_and_what_saved_a_customer_cost_money_too(centre: Centre) -> None:
    centre.customers(4)
    centre.campaign(offer="a month for free")
    said = {}
    for word in (Disposition.SAVED, Disposition.OFFER_MADE, Disposition.LOST, None):
        order = centre.dial()
        if word is None:
            centre.finish(order, Outcome.NO_ANSWER)
        else:
            centre.talk(order)
            record_disposition(centre.database, "anna", order.attempt, word, "", None, centre.now)
        said[word] = order.lead

    with centre.database.read() as tx:
        spent = learning.spent_by_lead(tx, 1)

    model = ModelSettings(call_cost=4, try_cost=0.5, offer_cost=15, margin=0.3, offer_acceptance=0.1)
    price = price_from(Settings(model=model))
    assert (0.3, 0.1) == (price.margin, price.offer_acceptance)
    assert {Disposition.SAVED: 19.0, Disposition.OFFER_MADE: 19.0, Disposition.LOST: 4.0, None: 0.5} == {
        word: cost_of(price, **spent[lead]._asdict()) for word, lead in said.items() if lead is not None
    }


def test_an_unknown_campaign_is_refused(centre: Centre) -> None:
    with pytest.raises(UnknownCampaign):
        look(centre)


@pytest.mark.parametrize(
    ("cell", "left"),
    [("Yes", True), ("churned", True), (1.0, True), ("0", False), ("No", False), ("3", None)],
)
def test_cells_are_read_as_left_or_stayed_or_not_at_all(cell: object, *, left: bool | None) -> None:
    assert left is reads_as_left(cell)


def test_the_ranking_policy_counts_the_outcomes_that_chance_made_and_says_what_is_missing(
    centre: Centre,
) -> None:
    centre.customers(300)
    centre.campaign(holdout_share=0.5)
    assert 0 == ranking(centre.database).outcomes
    tell(centre, kept=0.1)

    found = ranking(centre.database)

    assert 300 == found.outcomes
    assert found.decision is None
    assert f"{40_000 - 300:,} more" in found.in_words()


def test_who_is_known_to_have_left_is_not_on_a_list_unless_asked_for(centre: Centre) -> None:
    centre.customers(4)
    names = [row.external_id for row in campaign_list(centre.database, centre.campaign("before").id)]
    gone, back, *there = names
    for left in (True, False):
        told = [ChurnLabel(external_id=back, left=left, at=centre.now)]
        told += [ChurnLabel(external_id=gone, left=True, at=centre.now)] if left else []
        record_churn_labels(centre.database, told, centre.later(hours=1), source="told.csv")

    kept = centre.campaign("keep", holdout_share=0.0)
    won = centre.campaign("win back", holdout_share=0.0, filters=ListFilter(with_left=True))

    assert {back, *there} == {row.external_id for row in campaign_list(centre.database, kept.id)}
    assert set(names) == {row.external_id for row in campaign_list(centre.database, won.id)}
    assert (3, 4) == tuple(
        count_list(centre.database, ListFilter(with_left=with_left), centre.now).matching
        for with_left in (False, True)
    )

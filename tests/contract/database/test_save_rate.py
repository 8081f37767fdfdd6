"""The save rate from the database: which campaigns say something of it, what scores were made with."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from databases.centre import Centre

from churnmodel.value import Price
from dialer.core.calling.campaign import LeadState
from dialer.core.compliance.rulebook import Purpose
from dialer.services.analytics.churn_labels import ChurnLabel, record_churn_labels
from dialer.services.analytics.save_rate import keep_save_rate, save_rate_in_use
from dialer.services.analytics.save_rate_settling import settle_save_rate
from dialer.services.campaigns.campaigns import campaign_list

ASSUMED = Price(save_rate=0.12)


def call(centre: Centre, name: str, keeps: float, purpose: Purpose = Purpose.MARKETING) -> None:
    """A campaign that keeps this share of those who would leave; 61 days on it is told who did."""
    rng = np.random.default_rng(len(name))
    card = centre.campaign(name, holdout_share=0.4, purpose=purpose)
    centre.later(days=61)
    told = []
    for row in campaign_list(centre.database, card.id, size=5000):
        called = row.state is not LeadState.HELD_OUT
        left = bool(rng.random() < 0.4 * (1 - keeps * called))
        told.append(
            ChurnLabel(external_id=row.external_id, left=left, at=centre.now - timedelta(days=30) * left)
        )
    record_churn_labels(centre.database, told, centre.now, source="told.csv")


def test_finished_campaigns_draw_the_save_rate_towards_what_they_measured(centre: Centre) -> None:
    centre.customers(1200)
    assert settle_save_rate(centre.database, ASSUMED, centre.now).measured is None
    call(centre, "spring", keeps=0.5)

    rate = settle_save_rate(centre.database, ASSUMED, centre.now)

    assert rate.measured is not None
    assert 1200 == rate.measured.customers
    assert 0.5 == pytest.approx(rate.measured.rate, abs=3 * rate.measured.error)
    assert 0.12 < rate.used < rate.measured.rate
    early = settle_save_rate(centre.database, ASSUMED, centre.now - timedelta(days=5))
    late = settle_save_rate(centre.database, ASSUMED, centre.now + timedelta(days=730))
    assert early.measured is None, "the horizon was not over"
    assert late.measured is None, "two years on it says nothing any more"


def test_calls_that_were_asked_for_are_no_evidence_and_purposes_are_told_apart(centre: Centre) -> None:
    centre.customers(1000)
    call(centre, "as asked", keeps=0.9, purpose=Purpose.REQUESTED)
    assert settle_save_rate(centre.database, ASSUMED, centre.now).measured is None
    centre.customers(1000, start=1000)
    call(centre, "offers", keeps=0.6)
    centre.customers(1000, start=2000)
    call(centre, "letters", keeps=0.0, purpose=Purpose.SERVICE)

    rate = settle_save_rate(centre.database, ASSUMED, centre.now)

    assert {"marketing", "service"} == set(rate.by_purpose)
    assert rate.by_purpose["marketing"].rate > rate.by_purpose["service"].rate + 0.3
    assert rate.measured is not None
    assert "By purpose" in rate.in_words()


def test_the_rate_of_the_last_scoring_is_the_one_in_use(centre: Centre) -> None:
    assert 0.12 == save_rate_in_use(centre.database, ASSUMED).used
    for assumed in (0.2, 0.3):
        rate = settle_save_rate(centre.database, replace(ASSUMED, save_rate=assumed), centre.now)
        keep_save_rate(centre.database, rate, centre.now)

    assert rate == save_rate_in_use(centre.database, ASSUMED)

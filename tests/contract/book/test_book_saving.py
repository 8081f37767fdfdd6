"""The save rate from the book: which campaigns say something of it, and what the scores were made with."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from books.world import World

from churnmodel.value import Price
from dialer.core.campaign import LeadState
from dialer.core.compliance.rulebook import Purpose
from dialer.services.campaigns import campaign_list
from dialer.services.churn import Told, record_outcomes
from dialer.services.saving import keep_save_rate, save_rate_in_use, settle_save_rate

ASSUMED = Price(save_rate=0.12)


def call(world: World, name: str, keeps: float, purpose: Purpose = Purpose.MARKETING) -> None:
    """A campaign that keeps this share of those who would leave; 61 days on it is told who did."""
    rng = np.random.default_rng(len(name))
    card = world.campaign(name, holdout_share=0.4, purpose=purpose)
    world.later(days=61)
    told = []
    for row in campaign_list(world.book, card.id, size=5000):
        called = row.state is not LeadState.HELD_OUT
        left = bool(rng.random() < 0.4 * (1 - keeps * called))
        told.append(Told(external_id=row.external_id, left=left, at=world.now - timedelta(days=30) * left))
    record_outcomes(world.book, told, world.now, source="told.csv")


def test_finished_campaigns_draw_the_save_rate_towards_what_they_measured(world: World) -> None:
    world.customers(1200)
    assert settle_save_rate(world.book, ASSUMED, world.now).measured is None
    call(world, "spring", keeps=0.5)

    rate = settle_save_rate(world.book, ASSUMED, world.now)

    assert rate.measured is not None
    assert 1200 == rate.measured.customers
    assert 0.5 == pytest.approx(rate.measured.rate, abs=3 * rate.measured.error)
    assert 0.12 < rate.used < rate.measured.rate
    early = settle_save_rate(world.book, ASSUMED, world.now - timedelta(days=5))
    late = settle_save_rate(world.book, ASSUMED, world.now + timedelta(days=730))
    assert early.measured is None, "the horizon was not over"
    assert late.measured is None, "two years on it says nothing any more"


def test_calls_that_were_asked_for_are_no_evidence_and_purposes_are_told_apart(world: World) -> None:
    world.customers(1000)
    call(world, "as asked", keeps=0.9, purpose=Purpose.REQUESTED)
    assert settle_save_rate(world.book, ASSUMED, world.now).measured is None
    world.customers(1000, start=1000)
    call(world, "offers", keeps=0.6)
    world.customers(1000, start=2000)
    call(world, "letters", keeps=0.0, purpose=Purpose.SERVICE)

    rate = settle_save_rate(world.book, ASSUMED, world.now)

    assert {"marketing", "service"} == set(rate.by_purpose)
    assert rate.by_purpose["marketing"].rate > rate.by_purpose["service"].rate + 0.3
    assert rate.measured is not None
    assert "By purpose" in rate.in_words()


def test_the_rate_of_the_last_scoring_is_the_one_in_use(world: World) -> None:
    assert 0.12 == save_rate_in_use(world.book, ASSUMED).used
    for assumed in (0.2, 0.3):
        rate = settle_save_rate(world.book, replace(ASSUMED, save_rate=assumed), world.now)
        keep_save_rate(world.book, rate, world.now)

    assert rate == save_rate_in_use(world.book, ASSUMED)

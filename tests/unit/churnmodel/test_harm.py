"""Harm is seen when it is there, and hardly ever when it is not, however often one looks."""

import numpy as np
import pytest

from churnmodel.effect import Outcomes, measure
from churnmodel.harm import OUTSIDE, PROVEN, Watched, judge_harm, leavings, stakes, two_sided

CALLED = 0.855  # 90 % not held out, less half of the tenth left to the coin


def campaign(seed: int, *, customers: int = 3000, base: float = 0.05, harm: float = 0.0) -> Watched:
    """A campaign whose leavers are told in the order in which they leave."""
    rng = np.random.default_rng(seed)
    called = (rng.random(customers) < CALLED).astype(float)
    left = rng.random(customers) < base + harm * called
    return Watched(
        called=called,
        told_at=np.where(left, rng.random(customers), np.inf),
        stratum=np.zeros(customers, dtype=np.int64),
        moved_at=np.full(customers, np.inf),
        moved_to=np.full(customers, OUTSIDE, dtype=np.int64),
    )


def as_outcomes(watched: Watched, until: float) -> Outcomes:
    """What is known of the same campaign at a look: who had left by then."""
    count = len(watched.called)
    return Outcomes(
        churned=(watched.told_at <= until).astype(float),
        called=watched.called,
        propensity=np.full(count, CALLED),
        reached=watched.called,
        score=np.zeros(count),
        value=np.full(count, 400.0),
        cost=np.zeros(count),
    )


@pytest.mark.parametrize(("customers", "base"), [(500, 0.1), (2000, 0.02), (2000, 0.4)])
def test_without_harm_hardly_any_campaign_is_stopped_at_any_look(customers: int, base: float) -> None:
    """One in fifty at most by this sample; the bound of one in twenty is proven, `tests/bench` has more."""
    found = [judge_harm(campaign(seed, customers=customers, base=base)) for seed in range(100)]

    assert sum(one.evidence >= PROVEN for one in found) <= 2


def test_the_report_of_a_look_each_morning_neither_stops_nor_claims_where_nothing_is() -> None:
    """An interval of two leavers, both called, says nothing: it is not told."""
    wrong = 0
    for seed in range(20):
        world = campaign(seed, customers=1500, base=0.03)
        looks = [measure(as_outcomes(world, day / 20)) for day in range(1, 21)]
        wrong += any(look.stop is not None or look.kept.high < 0 or look.kept.low > 0 for look in looks)

    assert wrong <= 1


def test_harm_is_found_as_soon_as_leavers_show_it_and_said_in_leavers() -> None:
    found = [judge_harm(campaign(seed, customers=5000, base=0.1, harm=0.06)) for seed in range(20)]

    assert sum(one.evidence >= PROVEN for one in found) >= 18
    assert all(one.called > one.expected for one in found)


def test_help_is_no_harm_and_counts_on_the_other_side() -> None:
    helped = campaign(1, customers=5000, base=0.16, harm=-0.08)

    assert judge_harm(helped).evidence < 2
    assert two_sided(helped) > 20


def test_the_stake_is_worth_one_on_the_average_if_calls_change_nothing() -> None:
    ends = [float(np.exp(stakes(leavings(campaign(seed, customers=400)))[-1])) for seed in range(600)]

    assert 1.0 == pytest.approx(np.mean(ends), abs=0.25)


def test_a_stake_is_known_without_harm_for_the_leavers_so_far_whatever_comes_after() -> None:
    """What was told first counts first: a later look changes nothing of an earlier one."""
    world = campaign(3, customers=2000, base=0.1)
    until = float(np.median(world.told_at[np.isfinite(world.told_at)]))
    early = Watched(
        called=world.called,
        told_at=np.where(world.told_at <= until, world.told_at, np.inf),
        stratum=world.stratum,
        moved_at=world.moved_at,
        moved_to=world.moved_to,
    )

    before, after = stakes(leavings(early)), stakes(leavings(world))

    assert before == pytest.approx(after[: len(before)])


def test_the_chance_of_a_leaver_is_the_share_of_the_called_among_those_still_there() -> None:
    world = campaign(4, customers=50, base=0.3)
    order = np.argsort(world.told_at)[: int(np.isfinite(world.told_at).sum())]
    still = [np.setdiff1d(np.arange(50), order[:index]) for index in range(len(order))]

    found = leavings(world)

    assert [float(world.called[each].mean()) for each in still] == pytest.approx(found.chance.tolist())
    assert world.called[order].tolist() == found.called.tolist()


def test_whom_another_campaign_may_call_is_compared_among_those_of_whom_the_coin_decided() -> None:
    """Four customers; the held out one is on another list too from moment 5 on, and then is no comparison."""
    watched = Watched(
        called=np.array([1.0, 1.0, 0.0, 0.0]),
        told_at=np.array([1.0, 6.0, 7.0, np.inf]),
        stratum=np.zeros(4, dtype=np.int64),
        moved_at=np.array([5.0, 5.0, 5.0, np.inf]),
        moved_to=np.array([1, 1, OUTSIDE, OUTSIDE], dtype=np.int64),
    )

    found = leavings(watched)

    assert [1.0, 1.0] == found.called.tolist(), "who is held out from all is no leaver of this campaign"
    assert [0.5, 1.0] == found.chance.tolist()

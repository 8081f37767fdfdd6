"""Risk is learned from those who were not called, so that calls that help do not hide whom they helped."""

import numpy as np
import polars as pl
import pytest

from churnmodel.array_types import Bools, Floats, sigmoid
from churnmodel.data.contract import infer_contract
from churnmodel.holdout import Arm, Entered, Experiment, assign, chance_uncalled
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.ipw import FEWEST_EFFECTIVE, IpwWeights, in_words, weigh_uncalled
from churnmodel.risk.training import RiskModel, train_and_judge

pytestmark = pytest.mark.slow

CUSTOMERS = 12_000
QUARTERS = 4
KEEPS = 0.6  # of those who would leave in a quarter, a call keeps so many


class Year:
    """A year of campaigns, each quarter's of the fifth who are likeliest to leave; the truth is known."""

    def __init__(self, seed: int, *, control: float = 0.1) -> None:
        rng = np.random.default_rng(seed)
        self.unrest, self.other = rng.normal(size=(2, CUSTOMERS))
        quarter = sigmoid(-3.2 + 1.1 * self.unrest)
        self.risk: Floats = 1 - (1 - quarter) ** QUARTERS  # truth: leaves within the year, uncalled
        there = np.ones(CUSTOMERS, dtype=np.bool_)
        self.called: Bools = np.zeros(CUSTOMERS, dtype=np.bool_)
        entered: list[list[Entered]] = [[] for _ in range(CUSTOMERS)]
        ids = [f"c{index}" for index in range(CUSTOMERS)]
        for number in range(QUARTERS):
            experiment = Experiment(name=f"quarter {number}", salt=f"a year {seed}", control=control)
            present = np.flatnonzero(there)
            likely = self.unrest[present] >= np.quantile(self.unrest[present], 0.8)
            drawn = assign([ids[index] for index in present], list(likely), experiment)
            call = np.zeros(CUSTOMERS, dtype=np.bool_)
            for index, how in zip(present, drawn, strict=True):
                entered[index].append(Entered(experiment.salt, control, how.propensity))
                call[index] = how.call
            self.called |= call
            there &= rng.random(CUSTOMERS) >= quarter * (1 - KEEPS * call)
        self.left = (~there).astype(float)
        self.chance: Floats = np.array([chance_uncalled(lists) for lists in entered])

    def train(self, untreated: IpwWeights | None) -> Floats:
        """What a model says of everybody, trained with these weights or as if nobody had been called."""
        frame = pl.DataFrame({"unrest": self.unrest, "other": self.other, "left": self.left.astype(int)})
        contract = infer_contract(frame, target="left")
        trained = train_and_judge(frame, contract, seed=1, candidates=QUICK, untreated=untreated)
        return trained.model.predict(frame)


def test_after_years_of_campaigns_only_the_weighted_model_knows_the_risk() -> None:
    """Of the fifth on the lists, over four years drawn anew; one year alone is off by 3 points by chance."""
    said = []
    for seed in range(1, 5):
        year = Year(seed)
        listed = year.unrest >= np.quantile(year.unrest, 0.8)
        untreated = weigh_uncalled(year.called, year.chance, year.left)
        assert 0 < untreated.effective < untreated.uncalled < CUSTOMERS
        said.append([each[listed].mean() for each in (year.risk, year.train(None), year.train(untreated))])

    truth, naive, weighted = np.mean(said, axis=0)

    assert naive < 0.75 * truth, "whom calls kept seem safe"
    assert truth == pytest.approx(weighted, rel=0.06)


def test_the_chance_of_escaping_several_lists_is_that_of_their_draws() -> None:
    """The control is one draw for campaigns of one salt; drawn by the product's own hashes and counted."""
    ids = [f"c{index}" for index in range(40_000)]
    shares = [("one", 0.1), ("one", 0.3), ("another", 0.2)]
    drawn = [
        assign(ids, [True] * len(ids), Experiment(name=f"e{index}", salt=salt, control=control))
        for index, (salt, control) in enumerate(shares)
    ]
    escaped = np.mean([not any(how.call for how in each) for each in zip(*drawn, strict=True)])
    entered = [
        Entered(salt, control, each[0].propensity)
        for (salt, control), each in zip(shares, drawn, strict=True)
    ]

    assert escaped == pytest.approx(chance_uncalled(entered), abs=0.003)
    assert 1.0 == chance_uncalled([])
    assert 0.0 == chance_uncalled([Entered("one", 0.0, 1.0)])
    assert {Arm.CONTROL, Arm.EXPLORE, Arm.LIST} == {how.arm for how in drawn[0]}


def halves(called_left: int, others: int) -> tuple[Bools, Floats, Floats]:
    """Called customers, and others of whom half left."""
    called = np.array([True] * 500 + [False] * others)
    left = np.array([1.0] * called_left + [0.0] * (500 - called_left) + [0.0, 1.0] * (others // 2))
    return called, np.full(len(called), 0.5), left


def test_too_few_others_keep_the_called_and_the_card_says_so() -> None:
    few = weigh_uncalled(*halves(100, 2 * int(FEWEST_EFFECTIVE) - 2))
    enough = weigh_uncalled(*halves(100, 2 * int(FEWEST_EFFECTIVE)))

    assert few.weight is None
    assert "risk is understated" in in_words(few.as_dict())
    assert enough.weight is not None
    assert 0.0 == enough.weight[:500].sum()
    assert "were not learned from" in in_words(enough.as_dict())
    assert "worth 200 customers" in in_words(enough.as_dict())


def test_whom_chance_could_not_spare_is_counted_and_nobody_stands_for_more_than_twenty() -> None:
    called, chance, left = halves(100, 400)
    chance[:300], chance[600] = 0.0, 0.001

    found = weigh_uncalled(called, chance, left)

    assert found.weight is not None
    assert 300 == found.certain
    assert 20.0 == found.weight.max()
    assert "For 300 of them nobody stands" in in_words(found.as_dict())


def test_outcomes_that_are_not_known_do_not_count() -> None:
    called, chance, left = halves(100, 400)
    left[:100] = np.nan

    assert 400 == weigh_uncalled(called, chance, left).called


@pytest.mark.parametrize("candidates", [QUICK, ("trees",), ("ebm",)])
def test_without_calls_the_model_is_the_same_bit_for_bit(candidates: tuple[str, ...]) -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"a": rng.normal(size=600), "left": (rng.random(600) < 0.3).astype(int)})
    contract = infer_contract(frame, target="left")
    nobody = weigh_uncalled(np.zeros(600, dtype=np.bool_), np.ones(600), contract.labels(frame))

    def train(untreated: IpwWeights | None) -> RiskModel:
        return train_and_judge(frame, contract, seed=1, candidates=candidates, untreated=untreated).model

    plain, told = train(None), train(nobody)

    assert nobody.weight is None
    assert (plain.predict(frame) == told.predict(frame)).all()
    assert plain.facts == {name: fact for name, fact in told.facts.items() if name != "called"}


@pytest.mark.parametrize("candidates", [("ebm", "logistic", "trees")])
def test_every_kind_of_model_learns_by_weight(candidates: tuple[str, ...]) -> None:
    """Half of the rows say the opposite; weights decide which half is believed."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=1600)
    believed = np.arange(1600) % 2 == 0
    left = rng.random(1600) < sigmoid(np.where(believed, 2.0, -2.0) * x)
    frame = pl.DataFrame({"x": x, "noise": rng.normal(size=1600), "left": left.astype(int)})
    contract = infer_contract(frame, target="left")
    chance = np.where(believed, 0.05, 1.0)
    untreated = weigh_uncalled(np.arange(1600) == 0, chance, contract.labels(frame))

    model = train_and_judge(frame, contract, seed=1, candidates=candidates, untreated=untreated).model

    high, low = model.predict(pl.DataFrame({"x": [2.0, -2.0], "noise": [0.0, 0.0]}))
    assert high > 0.7
    assert low < 0.3

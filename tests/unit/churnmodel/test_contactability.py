"""Will a person answer: sane on the first day, close to the truth after many."""

import numpy as np
import polars as pl
import pytest

from churnmodel.contact_fit import learn_contact
from churnmodel.contactability import FIRST_RATE, ContactModel, first_day


def made_up(n, seed=1, customers=400):
    """Attempts with a truth: evenings answer more, each try less, and customers differ."""
    rng = np.random.default_rng(seed)
    person = rng.integers(0, customers, n)
    own = np.random.default_rng(0).normal(0, 1.0, customers)
    hour, weekday = rng.integers(9, 20, n), rng.integers(0, 6, n)
    before = rng.integers(0, 4, n)
    odds = np.exp(-0.9 + 0.9 * (hour >= 17) + own[person]) * 0.7**before
    answered = rng.random(n) < odds / (1 + odds)
    frame = pl.DataFrame(
        {
            "customer": [f"C{one}" for one in person],
            "number": [f"N{one}" for one in person],
            "hour": hour,
            "weekday": weekday,
            "before": before,
            "answered": answered.astype(int),
        }
    )
    return frame, own


def test_first_day_answers_with_the_prior_and_falls_with_attempts():
    """No data, no exception: one rate, lower with each attempt."""
    model = learn_contact(pl.DataFrame())

    rates = [model.predict(hour=10, weekday=1, attempts=count) for count in range(5)]
    assert FIRST_RATE == pytest.approx(rates[0])
    assert rates == sorted(rates, reverse=True)


def test_few_attempts_move_the_estimate_little():
    """Three answers at nine do not make nine the best hour of the year."""
    frame, _ = made_up(3)
    model = learn_contact(frame.with_columns(pl.lit(1).alias("answered"), pl.lit(9).alias("hour")))

    assert model.predict(hour=9, weekday=1) < 0.45


def test_hours_attempts_and_customers_are_learned():
    """After many attempts each part of the truth is close."""
    frame, own = made_up(40_000)
    model = learn_contact(frame)

    evening, morning = (
        np.mean([model.predict(hour=h, weekday=2) for h in hours]) for hours in ([17, 18], [9, 10])
    )
    assert evening > morning + 0.1
    assert np.log(0.7) == pytest.approx(model.attempts[1] - model.attempts[0], abs=0.12)
    predicted = [model.predict(hour=12, weekday=2, customer=f"C{k}", number=f"N{k}") for k in range(400)]
    assert np.corrcoef(predicted, own)[0, 1] > 0.9


def test_predictions_are_calibrated_on_later_attempts():
    """Mean predicted is close to mean answered, overall and for the likely half."""
    model = learn_contact(made_up(30_000, seed=1)[0])
    later, _ = made_up(8000, seed=2)
    said = np.array(
        [
            model.predict(hour=h, weekday=d, attempts=b, customer=c, number=m)
            for c, m, h, d, b, _ in later.iter_rows()
        ]
    )
    seen = later["answered"].to_numpy()

    assert seen.mean() == pytest.approx(said.mean(), abs=0.02)
    likely = said > np.median(said)
    assert seen[likely].mean() == pytest.approx(said[likely].mean(), abs=0.03)
    assert seen[likely].mean() > seen[~likely].mean() + 0.15


def test_second_number_that_never_answers_falls_behind():
    """A customer's numbers are told apart once there are several."""
    rows = [("C1", "mobile", 1)] * 8 + [("C1", "landline", 0)] * 8
    frame = pl.DataFrame(rows, schema=["customer", "number", "answered"], orient="row").with_columns(
        pl.lit(10).alias("hour"), pl.lit(1).alias("weekday"), pl.lit(0).alias("before")
    )
    model = learn_contact(frame)

    chances = [
        model.predict(hour=10, weekday=1, customer="C1", number=name) for name in ("mobile", "landline")
    ]
    assert chances[0] > 2 * chances[1]


def test_model_survives_its_plain_form():
    model = learn_contact(made_up(2000)[0])
    again = ContactModel.from_dict(model.as_dict())

    assert model.predict(hour=18, weekday=3, customer="C7") == again.predict(
        hour=18, weekday=3, customer="C7"
    )
    assert first_day().as_dict() == ContactModel.from_dict(first_day().as_dict()).as_dict()


def test_all_hours_of_a_day_at_once_are_what_each_hour_says():
    model = learn_contact(made_up(4000)[0])
    at_once = model.by_hour(weekday=2, attempts=1, customer="C7", number="N7")
    one_by_one = [
        model.predict(hour=hour, weekday=2, attempts=1, customer="C7", number="N7") for hour in range(24)
    ]

    assert one_by_one == pytest.approx(list(at_once))


def by_the_model(effect: float, seed: int = 3) -> pl.DataFrame:
    """Attempts on 4,000 customers: eager ones are rung in the evening, one in ten at an hour drawn by chance.

    The evening itself adds `effect` in log-odds.
    """
    rng = np.random.default_rng(seed)
    n = 12_000
    eager = rng.random(4_000) < 0.5
    person = rng.integers(0, 4_000, n)
    drawn = rng.random(n) < 0.1
    hour = np.where(drawn, rng.integers(9, 20, n), np.where(eager[person], 18, 10))
    odds = np.exp(-1.0 + 1.2 * eager[person] + effect * (hour >= 17))
    return pl.DataFrame(
        {
            "customer": [f"C{one}" for one in person],
            "number": [f"N{one}" for one in person],
            "hour": hour,
            "weekday": rng.integers(0, 5, n),
            "before": np.zeros(n, dtype=int),
            "answered": (rng.random(n) < odds / (1 + odds)).astype(int),
            "drawn": drawn,
        }
    )


def test_hours_that_chance_does_not_bear_out_are_not_believed():
    """An evening that only looks good, because eager people are rung then, is found out; a good one stays."""

    def gain(model: ContactModel) -> float:
        return model.predict(hour=18, weekday=2) - model.predict(hour=10, weekday=2)

    fooled = learn_contact(by_the_model(0.0).drop("drawn"))
    honest = learn_contact(by_the_model(0.0))
    real = learn_contact(by_the_model(1.0))

    assert gain(fooled) > 0.1
    assert honest.trust < 0.5
    assert abs(gain(honest)) < gain(fooled) / 2
    assert gain(real) > 0.12


def test_hours_that_chance_bears_out_are_believed():
    frame, _ = made_up(20_000)
    drawn = pl.Series("drawn", np.random.default_rng(4).random(frame.height) < 0.1)

    assert learn_contact(frame.with_columns(drawn)).trust > 0.6

"""The oracle's windows are the narrowest that hold so many waits, said in steps of five minutes."""

import pytest

from callbacks.wait_history import ALIKE
from dialer.lab.window_oracle import GuessedWait, oracle_width_min


def waits(*minutes: float, guess_s: float = 600.0) -> list[GuessedWait]:
    return [GuessedWait(guess_s=guess_s, wait_s=60.0 * each) for each in minutes]


@pytest.mark.parametrize(
    ("coverage", "width_min"),
    [(0.6, 5.0), (0.8, 10.0), (1.0, 35.0)],
)
def test_a_window_is_as_wide_as_its_share_of_the_waits_asks(coverage: float, width_min: float) -> None:
    assert oracle_width_min(waits(11, 12, 13, 17, 44), coverage) == width_min


def test_guesses_that_differ_have_windows_of_their_own() -> None:
    sure, unsure = waits(*[11.0] * ALIKE), waits(*[11.0, 31.0] * (ALIKE // 2), guess_s=1200.0)

    assert oracle_width_min(sure + unsure, 1.0) == (5.0 + 25.0) / 2


def test_without_waits_there_is_no_width() -> None:
    assert oracle_width_min([], 0.8) == 0.0

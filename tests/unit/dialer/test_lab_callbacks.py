"""The lab of callbacks runs the product's rules, and nobody is lost, overtaken or rung twice in it."""

import json

import pytest
from typer.testing import CliRunner

from dialer.cli.lab import lab
from dialer.cli.lab_callbacks import NEVER
from dialer.lab.callback_centre import CallbackCentre
from dialer.lab.callback_records import HeldPromise
from dialer.lab.callback_report import run_callbacks
from dialer.lab.callback_scenario import CallbackScenario

ASKED_FOR = {
    "days", "promises_made", "promises_kept", "promises_settled", "conservation_error", "double_calls",
    "overtakes", "calls_outside_hours", "rung_while_on_line", "kept_in_window", "quote_bias",
    "after_answer_wait_p95_s", "holding_s_saved_share", "occupancy", "window_over_oracle",
    "holding_s_saved_share_of_told",
}  # fmt: skip


@pytest.mark.slow
def test_two_days_with_faults_lose_nobody_and_a_seed_says_it_all_again() -> None:
    result = CliRunner().invoke(lab, ["callbacks", "--json", "--days", "2", "--load", "0.9"])

    assert result.exit_code == 0, result.output
    found = json.loads(result.output.splitlines()[-1])
    assert ASKED_FOR <= found.keys()
    assert {name: found[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert found["promises_made"] > 200
    ends = (
        found["promises_kept"]
        + found["promises_settled"]
        + found["promises_cancelled"]
        + found["promises_closed"]
        + found["promises_open"]
    )
    assert found["rung_ahead"] > 0.1, "agents who wrap up are called for ahead"
    assert ends == found["promises_made"]
    assert found["after_answer_wait_p95_s"] <= 2.0
    assert run_callbacks(days=2, seed=1, loads=(0.9,)) == found


def test_a_centre_where_nobody_answers_closes_its_promises_and_loses_none() -> None:
    scenario = CallbackScenario(agents=3, load=1.1, answers=0.0, restarts_a_day=6.0, outages_a_day=6.0)

    tally = CallbackCentre(scenario, 3).run(1)

    assert tally.promises
    states = {held.state.value for held in tally.promises}
    assert states <= {"closed", "settled", "waiting"}
    assert "closed" in states


def test_who_rings_in_while_we_ring_them_is_served_on_the_line_and_that_call_is_no_attempt() -> None:
    impatient = CallbackScenario(agents=3, load=1.1, impatient=1.0, calls_back=1.0)
    stopped: list[HeldPromise] = []

    class Watched(CallbackCentre):
        def _stop_ringing(self, held: HeldPromise) -> None:
            made = held.attempts_made
            super()._stop_ringing(held)
            assert held.attempts_made == made
            stopped.append(held)

    tally = Watched(impatient, 4).run(2)

    assert len(stopped) >= 2
    assert "settled" in {held.state.value for held in stopped}
    assert (tally.rung_while_on_line, tally.double_calls) == (0, 0)


def test_who_is_told_a_wait_they_would_not_hold_takes_the_call_or_hangs_up_at_once() -> None:
    scenario = CallbackScenario(agents=2, load=1.6, takes_rather=0.0, takes_by_key=0.0, takes_by_default=0.0)
    silent = CallbackCentre(scenario, 5, callbacks=False, tells=False).run(1)
    told = CallbackCentre(scenario, 5, callbacks=False).run(1)
    offered = CallbackCentre(scenario, 5).run(1)

    assert offered.promises == []
    assert offered.offers > 50
    assert told.holding_s < 0.8 * silent.holding_s
    assert CallbackCentre(CallbackScenario(agents=2, load=1.6), 5).run(1).holding_s < told.holding_s


@pytest.mark.parametrize("broken", ["overtakes", "double_calls"])
def test_a_run_in_which_what_must_never_be_was_ends_with_1(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(**_: object) -> dict[str, object]:
        return {"loads": [], **dict.fromkeys(NEVER, 0), broken: 1}

    monkeypatch.setattr("dialer.lab.callback_report.run_callbacks", found)

    assert CliRunner().invoke(lab, ["callbacks", "--json"]).exit_code == 1

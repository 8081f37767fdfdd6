"""Settings become the policy that calls are judged by."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from churnmodel.reasons.languages import LANGUAGES
from dialer.core.calling.policy import CallingPolicy, policy_from
from dialer.pbx_settings import Language, QueueSettings, TrunkSettings
from dialer.settings import CallbackSettings, CallingSettings, Settings, SettingsUnusable


@pytest.fixture(autouse=True)
def _no_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_settings_left_alone_give_the_policy_of_the_product_itself() -> None:
    usual, found = CallingPolicy(), policy_from(Settings())

    assert usual == replace(found, inbound={})
    assert {"support": usual.offer_policy("support")} == found.inbound


def test_every_setting_of_calling_arrives_at_the_dial_permit() -> None:
    settings = Settings(
        calling=CallingSettings(
            attempts_per_day=1, attempts_per_30_days=2, rings_per_day=3, spacing_s=60, rulebook="country"
        ),
        queues=QueueSettings(outbound="out", hours="Sat 10:00-12:00", zone="Europe/Oslo"),
        trunks=[TrunkSettings(name="north")],
        caller_id="+442079460001",
    )
    policy = policy_from(settings)
    limits = policy.rulebook.limits

    assert (1, 2, 3, timedelta(seconds=60)) == (
        limits.attempts_per_day, limits.attempts_per_30_days, limits.rings_per_day, limits.spacing,
    )  # fmt: skip
    assert policy.rulebook.by_country_only
    assert "Europe/Oslo" == policy.rulebook.queue.zone
    assert ("out", "north", "+442079460001") == (policy.outbound_queue, policy.trunk, policy.caller_id)


def test_every_setting_of_callbacks_arrives_at_the_retries() -> None:
    callbacks = CallbackSettings(
        attempts=5, retry_busy_s=1, retry_no_answer_s=2, retry_ours_s=3, promises_per_day=6
    )
    policy = policy_from(Settings(callbacks=callbacks))

    assert (5, 1, 2, 3) == (
        policy.retry.attempts,
        policy.retry.busy.total_seconds(),
        policy.retry.no_answer.total_seconds(),
        policy.retry.ours.total_seconds(),
    )
    assert 6 == policy.callbacks.promises_a_day


def test_hours_that_cannot_be_read_are_said_at_the_start() -> None:
    with pytest.raises(ValueError, match="whenever"):
        policy_from(Settings(queues=QueueSettings(hours="whenever")))


def test_variables_win_over_the_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "winback.toml").write_text(
        'caller_id = "+442079460001"\n[calling]\nring_s = 20\nattempts_per_day = 2\n'
    )
    monkeypatch.setenv("WINBACK_CALLING__RING_S", "25")
    settings = Settings()

    assert ("+442079460001", 25, 2) == (
        settings.caller_id, settings.calling.ring_s, settings.calling.attempts_per_day,
    )  # fmt: skip


def test_a_setting_nobody_knows_is_refused(tmp_path) -> None:
    (tmp_path / "winback.toml").write_text("callerid = 'x'\n")

    with pytest.raises(SettingsUnusable, match="callerid"):
        Settings()


def test_the_schedule_is_still_read_under_its_former_name_and_says_so(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "winback.toml").write_text('[timetable]\ntrain = "never"\n[schedule]\nscore = "03:00"\n')
    monkeypatch.setenv("WINBACK_TIMETABLE__DRIFT", "06:00")

    with pytest.warns(FutureWarning, match=r"`schedule\.\*` now"):
        schedule = Settings().schedule

    assert ("never", "03:00", "06:00") == (schedule.train, schedule.score, schedule.drift)


def test_the_languages_that_can_be_set_are_those_that_reasons_are_said_in():
    assert set(get_args(Language)) == set(LANGUAGES)

"""The pages beside the engine see the very centre that the engine sees, and not its secret."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.cli.pages_process import listening, pages_environment
from dialer.messaging_settings import PublicSettings, WebhookSettings
from dialer.pbx_settings import AgentSettings, PbxSettings, QueueSettings, TrunkSettings, WhisperSettings
from dialer.settings import PacingSettings, SettingError, Settings
from dialer.web_settings import WebSettings

SECRET = "a-long-secret"  # noqa: S105 - the test's own
KEY = "a key that nobody guesses, ever"
REDIS = "unix:///tmp/a.sock?db=0"


def test_another_process_reads_the_same_settings_whatever_its_surroundings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        data_dir=tmp_path,
        clock_shift_s=12.5,
        pbx=PbxSettings(name="north", secret=SECRET),
        agents=[
            AgentSettings(id="amira", name="Amira Ö", phone="PJSIP/101", language="sv"),
            AgentSettings(id="b"),
        ],
        trunks=[TrunkSettings(name="south")],
        caller_id="+442079460001",
        pacing=PacingSettings(shares={"Spring": 2.0}),
        whisper=WhisperSettings(campaigns={"Spring": "winback/spring"}),
        web=WebSettings(port=0, hosts=["calls.example"]),
        public=PublicSettings(address="https://call.example", key=SecretStr(KEY)),
        webhooks=[WebhookSettings(name="crm", url="https://crm.example", secret=SecretStr(KEY))],
        queues=QueueSettings(holidays=[date(2026, 12, 24)]),
    )
    (tmp_path / "winback.toml").write_text('caller_id = "+442079460002"\n[web]\nlanguage = "de"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINBACK_WEB__PORT", "1")

    told = pages_environment(settings, REDIS)
    monkeypatch.setattr(os, "environ", dict(told))
    seen = Settings()

    assert SECRET not in "".join(told.values())
    assert seen.public.key is not None
    assert seen.public.key.get_secret_value() == KEY
    assert seen == settings.model_copy(
        update={
            "pbx": settings.pbx.model_copy(update={"secret": None}),
            "redis_url": REDIS,
            "database_url": settings.database(),
        }
    )


def test_an_address_that_is_taken_is_said_before_anything_is_started() -> None:
    settings = Settings(web=WebSettings(port=0))
    with listening(settings) as first:
        taken = Settings(web=WebSettings(port=first.getsockname()[1]))
        with pytest.raises(SettingError, match=r"web.port"):
            listening(taken)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="classes of processes are Linux's")
def test_pages_that_wake_up_interrupt_no_call_and_leave_a_processor_to_them() -> None:
    asked = "import os; from dialer.cli.pages_process import yield_to_calls; yield_to_calls(); "
    told = "print(os.sched_getscheduler(0) == os.SCHED_BATCH, os.nice(0) >= 10, len(os.sched_getaffinity(0)))"
    processors = len(os.sched_getaffinity(0))

    seen = subprocess.run([sys.executable, "-c", asked + told], capture_output=True, text=True, check=True)

    assert seen.stdout.split() == ["True", "True", str(max(1, processors - 1))]

"""A setting in the wrong place is refused by name, and nothing that may be a secret is ever said."""

import os
import traceback
from pathlib import Path

import pytest

from dialer.bootstrap import make_pbx_config
from dialer.cli.main import put_right
from dialer.db.session import open_engine
from dialer.jobs.redis import RedisMissing, RedisServer, open_redis
from dialer.pbx_settings import PbxSettings
from dialer.settings import Settings, SettingsUnusable
from telephony.asterisk.config.model import PbxConfig

SECRET = "hunter2"  # noqa: S105 - what must not be said


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[queues]\ncaller_id = "+442079460001"', "caller_id stands under [queues], belongs at the top"),
        ('inbound = "support"', "inbound stands at the top, before any table, belongs under [queues]."),
        ('[pbx]\nsecrt = "x"', "secrt stands under [pbx] and is no setting; is pbx.secret meant?"),
        ('[[agents]]\nid = "a"\nphne = "PJSIP/1"', "is agents.phone meant?"),
        ('[que]\ninbound = "a"', "que stands at the top"),
        ("[callback]\nattempts = 2", "There is no table [callback]; is [callbacks] meant?"),
        ("[web]\nzzzzzzzzz = 1", "docs/settings.md lists all"),
    ],
)
def test_a_key_that_is_no_setting_is_refused_with_the_nearest_place(
    folder: Path, toml: str, said: str
) -> None:
    (folder / "winback.toml").write_text(toml)

    with pytest.raises(SettingsUnusable) as refused:
        Settings()

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("WINBACK_QUEUES__CALLER_ID", "caller_id stands under [queues], belongs at the top"),
        ("WINBACK_QUEUE__INBOUND", "inbound stands under [queue], belongs under [queues]"),
        ("WINBACK_INBOUND", "belongs under [queues]"),
        ("WINBACK_CALLERID", "is caller_id meant?"),
        ("WINBACK_PBX__SECRT", "is pbx.secret meant?"),
    ],
)
def test_a_variable_that_reaches_no_setting_is_refused_likewise(
    monkeypatch: pytest.MonkeyPatch, variable: str, said: str
) -> None:
    monkeypatch.setenv(variable, "x")

    with pytest.raises(SettingsUnusable) as refused:
        Settings()

    assert said in str(refused.value)


def test_variables_of_other_programs_and_every_setting_are_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINBACK_TELCO_FILE", "x")
    monkeypatch.setenv("WINBACK_CONFIG", "other.toml")
    monkeypatch.setenv("WINBACK_QUEUES__INBOUND", "help")
    monkeypatch.setenv("WINBACK_WHISPER__CAMPAIGNS", '{"Spring": "winback/spring"}')
    (folder / "other.toml").write_text('caller_id = "+442079460001"\n[pacing.shares]\nSpring = 2\n')

    settings = Settings()

    assert ("help", "+442079460001", {"Spring": 2.0}) == (
        settings.queues.inbound, settings.caller_id, settings.pacing.shares,
    )  # fmt: skip


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\x00", "\x1b", "\x85", "\u2028"])
def test_a_control_character_is_refused_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    for given in (
        {"caller_id": f"+442079460001{sign}Channel: Local/1"},
        {"queues": {"outbound": f"out{sign}"}},
        {"agents": [{"id": "a", "name": f"A{sign}B"}]},
        {"pbx": PbxSettings(secret=f"{SECRET}{sign}")},
    ):
        with pytest.raises(SettingsUnusable, match="control character") as refused:
            Settings(**given)
        assert SECRET not in str(refused.value)


def test_a_caller_id_that_is_no_number_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"write it like \+442079460001") as refused:
        Settings(caller_id="0161 496")

    (said,) = put_right(refused.value) or [""]
    assert "not a number in E.164; write it like +442079460001" in said
    assert "WINBACK_CALLER_ID" in said


def settings_of(toml: str, **variables: str) -> PbxConfig:
    Path("winback.toml").write_text(f'[pbx]\nhost = "a"\n{toml}')
    os.environ.update(variables)
    return make_pbx_config(Settings())


@pytest.mark.parametrize(
    ("toml", "variables"),
    [
        (f'secret = ["{SECRET}"]', {}),
        (f"secret = {{ of = '{SECRET}' }}", {}),
        (f'secret = "{SECRET}"', {}),  # too short for Asterisk's own file
        (f'secret = "{SECRET} ; and more"', {}),
        (f'secret = "{SECRET}\\r\\nX: y"', {}),
        (f"secret = {SECRET}", {}),
        (f'secret = "{SECRET}', {}),
        (f'secrets = "{SECRET}"', {}),
        ("", {"WINBACK_PBX": f'{{"secret": "{SECRET}'}),
        ("", {"WINBACK_PBX__SECRET": f"{SECRET}\n"}),
        ("", {"WINBACK_PBX__SECRE": SECRET}),
        ("", {"WINBACK_PBX__SECRET__OF": SECRET}),
    ],
)
def test_no_exception_and_no_message_says_a_secret(
    monkeypatch: pytest.MonkeyPatch, toml: str, variables: dict[str, str]
) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())

    with pytest.raises(Exception) as refused:  # noqa: PT011 - whatever it is, it must not say the secret
        settings_of(toml, **variables)

    said = put_right(refused.value)
    assert said is not None, "one sentence, and no traceback"
    assert SECRET not in "".join(said)
    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("url", [f"postgresql://u:{SECRET}@h:{SECRET}/x", SECRET, f"nosuch://u:{SECRET}@h/x"])
def test_a_database_url_that_is_none_does_not_say_its_password(url: str) -> None:
    with pytest.raises(Exception, match="database_url") as refused:
        open_engine(url)

    assert put_right(refused.value) is not None
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_a_redis_url_does_not_say_its_password(folder: Path) -> None:
    settings = Settings(data_dir=folder, redis_url=f"redis://:{SECRET}@h:{SECRET}/0")

    with pytest.raises(RedisMissing) as refused, open_redis(settings):
        pass

    server = RedisServer(url=f"redis://u:{SECRET}@h:1/0", ours=False)
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    assert SECRET not in f"{settings!r}{server!r}{server.shown_as}"
    assert server.shown_as == "redis://***@h:1/0"

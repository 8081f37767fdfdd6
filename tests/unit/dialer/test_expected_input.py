"""What may stand in a setting is said in words, with the row it is in; never as a regular expression."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dialer.cli.doctor_checks import look_at_everything
from dialer.cli.main import put_right
from dialer.core.organisation.entries import CallerQueue, Organisation, StaffAgent, StaffTeam
from dialer.expected_input import SHAPES, what_was_expected
from dialer.pbx_settings import AgentSettings, PbxSettings, TrunkSettings
from dialer.services.organisation.organisation import declared_by
from dialer.services.organisation.setup_file import SetupRefused, read_setup
from dialer.settings import Settings, SettingsUnusable
from dialer.web.languages import speaking, translate_plain


def shapes_of(schema: Any) -> Iterator[str]:
    """Every regular expression in a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        yield from (shape for value in schema.values() for shape in shapes_of(value))
    elif isinstance(schema, list):
        yield from (shape for value in schema for shape in shapes_of(value))


def test_every_shape_of_settings_and_setup_files_has_words_and_no_words_lack_a_shape() -> None:
    asked = {shape for model in (Settings, Organisation) for shape in shapes_of(model.model_json_schema())}

    assert asked == SHAPES.keys()


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (StaffAgent, {"id": "anna maria"}, "expected: letters, digits, ., -, _ and ', at most 40, no blanks"),
        (StaffAgent, {"id": "a", "phone": "100"}, "expected: a device of Asterisk, e.g. PJSIP/201, or web"),
        (StaffAgent, {"id": "a", "name": "x" * 121}, "expected: at most 120 characters"),
        (CallerQueue, {"id": "a", "holidays": ["24.12."]}, "expected: a day, written as 2026-12-24"),
        (StaffTeam, {"id": "a", "weights": {"a": 5000}}, "expected: at most 1,000"),
        (StaffAgent, {"id": "a", "colour": "red"}, "there is no such entry"),
        (StaffAgent, {}, "this has to be there"),
        (PbxSettings, {"port": "many"}, "expected: a whole number"),
        (PbxSettings, {"port": 0}, "expected: at least 1"),
        (PbxSettings, {"tls": "perhaps"}, "expected: true or false"),
    ],
)
def test_what_was_expected_is_said_in_words(kind: type, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(given)

    assert what_was_expected(refused.value.errors()[0]) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "centre = 1",
        "agents = [1]",
        "pause_reasons = ['x/y']",
        "pumps = 1",
        "[centre]\nholidays = [2026-12-24T10:00:00]",
        "[centre]\nzone = 'Mars'",
        "[centre]\nhours = 'never'",
        "[[agents]]\nname = 'x'",
        "[[agents]]\nid = 'a'\nlanguage = 'xx'",
        "[[teams]]\nid = 'a'\nweights = {a = 0}",
        "[[inbound_queues]]\nid = 'q'\nannounce_every_s = 99999999999",
        "[[dispositions]]\nid = 'x'\nlabel = 'x'\nmeaning = 'good'",
        "[[numbers]]\nid = '123'",
    ],
)
def test_what_a_setup_text_lacks_is_said_in_the_readers_language(text: str) -> None:
    with pytest.raises(SetupRefused) as refused:
        read_setup(text).over(Organisation())

    for language in ("nb", "sv", "da", "fi", "de"):
        with speaking(language):
            where, said = translate_plain(refused.value.why).split(": ", 1)
        assert str(refused.value).startswith(f"{where}: ")
        assert f"{where}: {said}" != str(refused.value), language


def test_a_region_that_is_no_country_is_refused_before_any_number_is_read_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WINBACK_CALLING__DEFAULT_REGION", "Norway")
    with pytest.raises(ValidationError) as refused:
        Settings()
    [said] = put_right(refused.value) or []
    assert "'NORWAY' is no country: write its ISO code, e.g. GB or NO. Correct WINBACK_CALLING" in said

    monkeypatch.setenv("WINBACK_CALLING__DEFAULT_REGION", " no")
    assert Settings().calling.default_region == "NO"


def test_the_row_of_a_table_is_named() -> None:
    settings = Settings(agents=[AgentSettings(id="bo"), AgentSettings(id="anna maria")])

    with pytest.raises(SettingsUnusable, match="^agents, number 2: id: expected: letters"):
        declared_by(settings)


def test_doctor_says_what_no_asterisk_could_have_before_anything_is_rendered(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0", trunks=[TrunkSettings(dial="PJSIP/x")]
    )

    found = {finding.what: finding for finding in look_at_everything(settings)}

    assert "must hold {number} exactly once" in found["configuration"].seen
    assert not found["configuration"].ok
    assert found["database"].ok, "a part that cannot be looked at hides no other"


def test_an_entry_of_a_list_in_the_settings_goes_by_its_name_and_has_no_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("winback.toml").write_text('[[agents]]\nid = "ann"\n[[agents]]\nid = "bo"\nphone = 12\n')
    with pytest.raises(ValidationError) as refused:
        Settings()

    assert put_right(refused.value) == [
        '[red]agents "bo".phone[/red]: expected: a text. Correct `agents "bo".phone` in winback.toml.'
    ]

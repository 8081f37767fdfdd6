"""What may stand in a setting is said in words, with the row it is in; never as a regular expression."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dialer.cli.doctor_checks import look_at_everything
from dialer.cli.main import put_right
from dialer.core.organisation.entries import Organisation, StaffAgent
from dialer.expected_input import SHAPES, what_was_expected
from dialer.pbx_settings import AgentSettings, PbxSettings, TrunkSettings
from dialer.services.organisation.organisation import declared_by
from dialer.settings import Settings, SettingsUnusable


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
        (StaffAgent, {"id": "a", "language": "xx"}, "expected: '', 'en', 'sv', 'nb', 'da', 'fi' or 'de'"),
        (StaffAgent, {"id": "a", "colour": "red"}, "there is no such entry"),
        (StaffAgent, {}, "this has to be there"),
        (PbxSettings, {"port": "many"}, "expected: a whole number"),
        (PbxSettings, {"port": 0}, "Input should be greater than or equal to 1"),
        (PbxSettings, {"tls": "perhaps"}, "expected: true or false"),
    ],
)
def test_what_was_expected_is_said_in_words(kind: type, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(given)

    assert what_was_expected(refused.value.errors()[0]) == said  # type: ignore[arg-type]


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

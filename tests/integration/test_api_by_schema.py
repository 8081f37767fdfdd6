"""Whatever the API's own description allows, and much that it forbids, is answered as it promises."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ensure_resource_availability, use_after_free

from dialer.settings import Settings
from dialer.web.app import create_app
from tests.browser.seeded import Seeded, web_settings

HOST = {"host": "localhost"}
PATIENT_S = 120  # an answer is judged by what it says; how long it takes depends on the machine
# a campaign or a promise may be there or not, whatever was sent before
NOT_HERE = [use_after_free, ensure_resource_availability]
# per operation and mode; the whole file stays within seconds
BOUNDS = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# each file that is handed in has a process of its own started to read it, which is tested where files are
FEW = settings(BOUNDS, max_examples=4)
HANDS_A_FILE_IN = "multipart/form-data"


def with_open_doors() -> Settings:
    """The pages' settings, with what is open to everybody open."""
    public = {"address": "http://localhost", "key": "a key that nobody guesses, ever", "form": True}
    texts = {"way": "file", "name": "Acme"}
    return Settings(**{**web_settings().model_dump(), "public": public, "texts": texts})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_api_keeps_its_own_promises(tmp_path: Path, mode: GenerationMode) -> None:
    seeded = Seeded(tmp_path / "winback.db", people=8)
    beside = with_open_doors().model_copy(update={"data_dir": tmp_path})
    app = create_app(seeded.database, beside, seeded.clock)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=HOST)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.body or list(operation.iter_parameters())):
            continue  # nothing to get wrong
        brings_files = any(body.media_type == HANDS_A_FILE_IN for body in operation.body)

        @(FEW if brings_files else BOUNDS)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=HOST, timeout=PATIENT_S, excluded_checks=NOT_HERE)

        ask()
        asked += 1
    seeded.database.close()

    assert asked >= 10

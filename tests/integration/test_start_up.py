"""What starting loads: nothing to list the commands, no modelling library to dial or to show pages."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from dialer.cli.commands import COMMANDS
from dialer.cli.lazy_group import ListedCommand
from dialer.extras import EXTRA_OF

ROOT = Path(__file__).parents[2]
HEAVY = {
    *("numpy", "scipy", "polars", "sklearn", "interpret", "skops"),
    *("sqlalchemy", "redis", "fastapi", "pydantic", "rich"),
}
MODEL = sorted(name for name, extra in EXTRA_OF.items() if extra == "model")

WITHOUT = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
"""

TYPED = """
from dialer.cli.main import main

sys.argv = ["winback", *{words}]
main()
"""


def run(tmp_path: Path, script: str, *, without: list[str] | None = None, **variables: str):
    """A script in a process of its own, where the modules named are not installed."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT.format(absent=without or []) + script],
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(ROOT),
            "WINBACK_DATA_DIR": str(tmp_path),
            "COLUMNS": "300",
            "OPENBLAS_NUM_THREADS": "1",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def printed(tmp_path: Path, script: str, *, without: list[str] | None = None) -> str:
    """What the script prints; it must end well."""
    done = run(tmp_path, script, without=without)
    assert 0 == done.returncode, done.stderr
    return done.stdout


def test_listing_the_commands_loads_no_library_that_computes_or_serves(tmp_path: Path) -> None:
    script = TYPED.format(words=["--help"]).replace(
        "main()", "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    done = run(tmp_path, f"{script}\nprint(sorted(set(sys.modules) & {HEAVY}), file=sys.stderr)")

    assert "[]\n" == done.stderr
    shown = [each for each in COMMANDS if not each.hidden]
    assert [each.name for each in shown] == re.findall(
        r"^  ([\w-]+)  ", done.stdout.partition("Commands:")[2], re.MULTILINE
    )
    assert [] == [each.help for each in shown if each.help not in " ".join(done.stdout.split())]


@pytest.mark.parametrize("listed", COMMANDS, ids=lambda each: each.name)
def test_the_list_says_of_a_command_what_its_own_help_begins_with(listed: ListedCommand) -> None:
    own = listed.load().help.partition("\n\n")[0]

    assert " ".join(own.split()) == listed.help


def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    done = run(tmp_path, TYPED.format(words=["trian"]))

    assert 2 == done.returncode
    assert "Did you mean 'train'" in done.stderr


def test_pages_are_shown_without_the_modelling_libraries_numpy_and_the_api(tmp_path: Path) -> None:
    script = """
from starlette.testclient import TestClient
from dialer.bootstrap import open_app
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign
from dialer.settings import Settings
from dialer.web.app import create_app

with open_app(Settings(web={"login": {"mode": "off"}})) as app:
    web = create_app(app.database, app.settings, app.clock)
    at_start = [name for name in ("phonenumbers.geodata",) if name in sys.modules]
    campaign = create_campaign(app.database, CampaignDraft(name="N", queue="q", trunk="t"), app.clock()).id
    with TestClient(web, base_url="http://127.0.0.1:8000") as client:
        paths = (
            *("/", "/campaigns", "/campaigns/new", f"/campaigns/{campaign}", "/offers", "/reports"),
            *("/plan", "/healthz"),
        )
        print(at_start, [client.get(path).status_code for path in paths])
        before = "dialer.web.api" in sys.modules
        print(before, client.get("/api/v1/plan").status_code, "dialer.web.api" in sys.modules)
"""
    without = [*MODEL, "numpy", "scipy"]

    assert f"[] {[200] * 8}\nFalse 200 True\n" == printed(tmp_path, script, without=without)


def test_an_engine_is_made_without_the_modelling_libraries_and_without_numpy(tmp_path: Path) -> None:
    script = """
import dialer.engine
from importlib import import_module
from pkgutil import iter_modules
from dialer.bootstrap import open_app
from dialer.settings import Settings

for each in iter_modules(dialer.engine.__path__, "dialer.engine."):
    import_module(each.name)
with open_app(Settings(pbx={"host": "127.0.0.1", "secret": "a-long-secret"})) as app:
    dialer.engine.engine.Engine(app)
    print("made")
"""
    assert "made\n" == printed(tmp_path, script, without=[*MODEL, "numpy", "scipy"])


def test_predictive_pacing_needs_no_modelling_library(tmp_path: Path) -> None:
    script = """
from dialer.core.pacing.factory import PacerSettings, PacingPrior, load_pacer, pacer_for

load_pacer("predictive")
print(type(pacer_for("predictive", PacerSettings(), PacingPrior())).__name__)
"""
    assert "PredictivePacer\n" == printed(tmp_path, script, without=MODEL)


def test_every_command_shows_its_help_without_the_extras(tmp_path: Path) -> None:
    script = """
import json
from dialer.cli.commands import COMMANDS

print(json.dumps([each.load().name for each in COMMANDS]))
"""
    said = printed(tmp_path, script, without=list(EXTRA_OF))

    assert [each.name for each in COMMANDS] == json.loads(said)


@pytest.mark.parametrize("command", ["train", "worker"])
def test_a_command_names_the_extra_it_needs_in_one_sentence(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, TYPED.format(words=[command]), without=MODEL)

    assert 2 == done.returncode
    assert f"`winback {command}` needs the extra `model`: pip install 'winback[model]'\n" == done.stderr


def test_pages_on_postgresql_name_the_extra_that_reaches_it(tmp_path: Path) -> None:
    where = "postgresql+psycopg://winback@127.0.0.1/winback"
    done = run(tmp_path, TYPED.format(words=["web"]), without=["psycopg"], WINBACK_DATABASE_URL=where)

    assert "`winback web` needs the extra `postgres`: pip install 'winback[postgres]'\n" == done.stderr


def test_a_module_that_no_extra_brings_is_no_remedy_but_a_fault(tmp_path: Path) -> None:
    done = run(tmp_path, TYPED.format(words=["web"]), without=["sqlalchemy"])

    assert "ModuleNotFoundError: No module named 'sqlalchemy'" in done.stderr


def test_each_library_is_brought_by_the_extra_that_the_sentence_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras, always = project["optional-dependencies"], project["dependencies"]
    distributions = packages_distributions()

    def brings(requirements: list[str], module: str) -> bool:
        names = distributions[module]
        return any(
            requirement.startswith((f"{name}>", f"{name}[", f"{name}="))
            for requirement in requirements
            for name in names
        )

    assert {name: [extra] for name, extra in EXTRA_OF.items()} == {
        name: [extra for extra in ("model", "postgres") if brings(extras[extra], name)] for name in EXTRA_OF
    }
    assert [] == [name for name in EXTRA_OF if brings(always, name)]
    assert len(MODEL) == len(extras["model"])
    assert ["winback[embedded,postgres,model]"] == extras["all"]

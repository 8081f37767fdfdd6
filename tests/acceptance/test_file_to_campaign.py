"""From a customer file to a running campaign with the real commands, each a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from churnmodel.synthetic_customers import make_customers

ROOT = Path(__file__).parents[2]
TELCO = Path(os.environ.get("WINBACK_TELCO_FILE", ROOT.parent / "shared" / "data" / "telco_ibm.csv.gz"))

LONGEST_S = 600  # training takes a minute on a quiet core, and several on a busy one


class Terminal:
    """One person's shell: a data folder and the commands typed so far."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WINBACK_")},
            "WINBACK_DATA_DIR": str(folder),
            "WINBACK_LOG_LEVEL": "error",
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
        }

    def type(self, *words: str | Path, code: int = 0) -> str:
        """Run `winback …`; its output, folded to single blanks."""
        done = subprocess.run(
            [sys.executable, "-m", "dialer.cli", *map(str, words)],
            env=self.environment,
            cwd=ROOT,
            timeout=LONGEST_S,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        said = re.sub(r"\s+", " ", done.stdout + done.stderr)
        assert done.returncode == code, said
        return said


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "app")


def test_a_generated_file_becomes_a_running_campaign(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    make_customers(1_200, 7).write_csv(file)
    with file.open("a") as stream:
        stream.write("C000001,again" + "," * 16 + "\n")

    said = terminal.type("import", file, "--numbers", "generate")
    assert "1,200 customers added" in said
    assert "fictional" in said
    assert "1 bad row," in said
    assert "C000001" in Path(f"{file}.rejected.csv").read_text()
    assert "Nothing changed" in terminal.type("import", file, "--numbers", "generate")
    assert "ROC-AUC" in terminal.type("train", "--quick")
    assert "1,200 customers scored" in terminal.type("score")
    counted = terminal.type("campaign", "create", "Autumn", "--top", "300", "--where", "plan=L", "--try")
    assert "Nothing was saved" in counted
    made = terminal.type("campaign", "create", "Autumn", "--top", "100", "--hold-out", "0.2")
    assert "100 go on the list" in made
    assert "is running" in terminal.type("campaign", "start", "Autumn")
    assert "is paused" in terminal.type("campaign", "pause", "Autumn")
    assert "Autumn" in terminal.type("campaign", "list")
    assert "paused" in terminal.type("campaign", "show", "Autumn", "--leads", "3")


if TELCO.is_file():

    @pytest.mark.timeout(2 * LONGEST_S)
    def test_the_published_telecom_file_is_learned_well(terminal: Terminal) -> None:
        said = terminal.type("import", TELCO, "--numbers", "generate")
        assert "7,043 customers added" in said
        said = terminal.type("train")
        found = re.search(r"ROC-AUC │ (0\.\d+)", said)
        assert found is not None, said
        assert float(found.group(1)) >= 0.84
        assert "7,043 customers scored" in terminal.type("score")
        assert "500 go on the list" in terminal.type("campaign", "create", "Telco", "--top", "500")
        assert "is running" in terminal.type("campaign", "start", "Telco")

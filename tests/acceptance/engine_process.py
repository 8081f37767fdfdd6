"""An engine as an operator runs it: a process, its variables, its log."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from dialer.settings import Settings

ROOT = Path(__file__).parents[2]
STOP_S = 30.0


class EngineProcess:
    """`winback engine`, started at once."""

    def __init__(self, settings: Settings, log: Path, *, command: str = "engine") -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dialer.cli", command],
                env=variables(settings),
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Stop it, let it go on, or kill it."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(STOP_S)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"did not end when asked to:\n{self.tail()}") from None
        return self._process.returncode

    def events(self) -> list[dict[str, Any]]:
        """What it logged so far, one dictionary an event."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def said(self, event: str) -> list[dict[str, Any]]:
        """The events of this name."""
        return [each for each in self.events() if each.get("event") == event]

    def tail(self, lines: int = 30) -> str:
        """The end of its log, for a failed test's message."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def variables(settings: Settings) -> dict[str, str]:
    """The environment in which another process reads the same settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WINBACK_")}
    told = {}
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        if name == "pbx" and settings.pbx.secret is not None:
            value["secret"] = settings.pbx.secret.get_secret_value()
        if name == "public" and settings.public.key is not None:
            value["key"] = settings.public.key.get_secret_value()
        told[f"WINBACK_{name.upper()}"] = value if isinstance(value, str) else json.dumps(value)
    return {**kept, **told, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

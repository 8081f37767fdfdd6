"""An engine as an operator runs it: a process, its variables, its log."""

import json
import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Any

from dialer.cli.main import main
from dialer.settings import Settings

STOP_S = 30.0
LOADED = multiprocessing.get_context("forkserver")
LOADED.set_forkserver_preload(["__main__", "dialer.cli.main", "dialer.cli.serve", "dialer.engine.engine"])


def run_command(command: str, environment: dict[str, str], log: str) -> None:
    """What the process does from its beginning: `winback COMMAND`, with its own variables, folder and log."""
    os.setsid()
    os.chdir(Path(log).parent)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    sys.argv = ["winback", command]
    main()


class EngineProcess:
    """`winback engine`, started at once.

    Each is a process of its own, branched off one that has loaded the engine's modules and has done nothing
    yet: loading them anew takes as much processor time as most tests take for all the rest. That a process
    comes up from nothing is tested by those that type `winback`.
    """

    def __init__(self, settings: Settings, log: Path, *, command: str = "engine") -> None:
        self.log = log
        log.touch()
        self._process = LOADED.Process(target=run_command, args=(command, variables(settings), str(log)))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.exitcode

    def signal(self, number: signal.Signals) -> None:
        """Stop it, let it go on, or kill it."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.join(STOP_S)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.exit_code is None:
            self.signal(signal.SIGCONT)
            self._process.terminate()
            self._process.join(STOP_S)
            if self.exit_code is None:
                self.kill()
                raise AssertionError(f"did not end when asked to:\n{self.tail()}")
        assert self.exit_code is not None
        return self.exit_code

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

"""What an engine and a web process weigh while nothing happens: real ones, looked at from outside.

An engine leads a simulated PBX with ten agents; the pages were asked for once each, so that what a first page
loads is there. What a process has mapped says which libraries it loaded, whoever asked for them.
"""

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from dialer.cli.bench_floor import FloorLoad, centre, free_port, simulated
from dialer.cli.console_output import say
from dialer.cli.pages_process import pages_environment
from dialer.settings import Settings
from dialer.web_settings import LoginSettings, WebSettings
from telephony.bench.figures import Bar, at_most

RESIDENT_MB: Final = 120.0
AGENTS: Final = 10
READY_S: Final = 120.0  # until both have to be there, on however busy a machine
QUIET_S: Final = 5.0  # of doing nothing, before they are looked at
ASK_AGAIN_S: Final = 0.2
#: libraries of those that train, score, import and measure
COMPUTING: Final = ("numpy", "polars", "pandas", "sklearn", "interpret", "scipy", "pyarrow")
PAGES: Final = (
    *("/", "/agents", "/campaigns", "/campaigns/new", "/customers", "/promises", "/callers"),
    *(
        "/do-not-call",
        "/imports",
        "/offers",
        "/outbox",
        "/plan",
        "/reasons",
        "/reports",
        "/schedule",
        "/setup",
    ),
)
_MAPPED: Final = re.compile(rf"/(?:site|dist)-packages/_?({'|'.join(COMPUTING)})(?:\.libs|_runtime\w*)?/")


def measure_weight() -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """Resident memory and loaded libraries of an idle engine and idle pages, and their bars."""
    say(f"An engine of {AGENTS} agents and a web process with nothing to do")
    load = FloorLoad(agents=AGENTS, speed=1.0, seconds=QUIET_S, mode="progressive", dialling=False)
    with tempfile.TemporaryDirectory(prefix="winback-weight-") as folder, ExitStack() as stack:
        settings = centre(load, Path(folder))
        port = stack.enter_context(simulated(settings, load))
        settings = settings.model_copy(
            update={
                "pbx": settings.pbx.model_copy(update={"port": port}),
                "web": WebSettings(port=free_port(), login=LoginSettings(mode="off")),
            }
        )
        engine, web = (stack.enter_context(_started(name, settings)) for name in ("engine", "web"))
        at = f"http://127.0.0.1:{settings.web.port}"
        wait_until(lambda: _answers(at + "/readyz"), engine, web)  # the engine leads, and its link is up
        shown = {path: _answers(at + path) for path in PAGES}
        time.sleep(QUIET_S)
        figures = {name: weigh(process.pid) for name, process in (("engine", engine), ("web", web))}
    figures["web"]["pages_shown"] = sum(shown.values())
    return figures, bars_of(figures)


def bars_of(figures: Mapping[str, Mapping[str, Any]]) -> list[Bar]:
    """What has to hold for each process."""
    return [
        bar
        for name, found in figures.items()
        for bar in (
            at_most(f"{name}: resident memory, MB", found["resident_mb"], RESIDENT_MB),
            at_most(f"{name}: libraries that only compute", len(found["computing"]), 0),
        )
    ]


def weigh(process: int) -> dict[str, Any]:
    """Resident memory in MB, and the computing libraries that a process has loaded."""
    of = Path("/proc") / str(process)
    return {
        "resident_mb": resident_mb((of / "status").read_text()),
        "computing": computing((of / "maps").read_text()),
    }


def resident_mb(status: str) -> float:
    """Resident memory in MB, of what /proc says of a process."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise ValueError("no VmRSS: the process has ended")
    return round(int(found[1]) / 1024, 1)


def computing(maps: str) -> list[str]:
    """The computing libraries among the files that a process has mapped."""
    return sorted({found[1] for found in _MAPPED.finditer(maps)})


def wait_until(met: Callable[[], bool], *processes: "subprocess.Popen[bytes]") -> None:
    """Wait for a condition; raises `RuntimeError` where a process ended or it takes too long."""
    until = time.monotonic() + READY_S
    while not met():
        ended = [process for process in processes if process.poll() is not None]
        if ended or time.monotonic() > until:
            raise RuntimeError(f"not ready in time: {[each.args for each in ended or processes]!r}")
        time.sleep(ASK_AGAIN_S)


@contextmanager
def _started(part: str, settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """`winback engine` or `winback web`, as a service would start it."""
    with subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        [sys.executable, "-m", "dialer.cli", part], env=_environment(settings), stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _environment(settings: Settings) -> Mapping[str, str]:
    secret = settings.pbx.secret
    told = dict(pages_environment(settings, ""))
    del told["WINBACK_REDIS_URL"]
    return told | {"WINBACK_PBX__SECRET": secret.get_secret_value() if secret else ""}


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own, on this machine
            answer.read()
            return True
    except OSError:  # refused, too slow, or answered with an error
        return False

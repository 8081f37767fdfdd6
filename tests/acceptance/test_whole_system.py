"""The commands that a person types first: the demo, and everything in one process tree."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import redis
from acceptance.engine_process import EngineProcess, variables
from acceptance.stage import SECRET, connection
from bench.testbed.ports import free_port

from dialer.bootstrap import make_clock
from dialer.db.session import Database
from dialer.jobs.job_queue import OVER, ask_for, look_at
from dialer.jobs.redis import open_redis
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings
from dialer.services.dashboard.dashboard import read_dashboard
from dialer.services.promises.promises import promise_ledger
from dialer.settings import Settings
from dialer.web_settings import LoginSettings, WebSettings
from telephony.asterisk.config.fastagi_secret import channel_proof, fastagi_secret

KEYS = {
    "customers", "scored", "attempts", "answered", "connected", "abandoned", "utilisation", "promises_made",
    "promises_kept", "promises_open", "conservation_error", "seed",
}  # fmt: skip
DESCRIPTORS = 400  # of each process, so that fewer clients use them up
DEMO_S = 240  # seconds for import, training, scoring and dialling on a machine with other work to do


def test_the_demo_does_the_main_job_and_says_so_in_one_line(tmp_path: Path) -> None:
    app = tmp_path / "demo"
    words = ["--seconds", "12", "--no-web", "--json", "--seed", "5", "--data-dir", str(app)]
    done = subprocess.run(
        [sys.executable, "-m", "dialer.cli", "demo", *words],
        env=variables(Settings()),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=DEMO_S,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert set(figures) == KEYS
    assert figures["seed"] == 5
    assert figures["customers"] == figures["scored"] == 5000
    assert figures["attempts"] >= figures["answered"] >= figures["connected"] > 0
    assert figures["abandoned"] == 0
    assert figures["conservation_error"] == 0
    assert figures["utilisation"] > 0.5
    database = Database(f"sqlite:///{app / 'winback.db'}")
    ledger = promise_ledger(database)
    database.close()
    assert ledger.error == 0
    assert ledger.closed == 0
    assert (ledger.made, ledger.kept, ledger.open) == tuple(
        figures[f"promises_{word}"] for word in ("made", "kept", "open")
    )
    assert warnings_in(done.stderr) == []
    assert traces_of(app) == {}


@pytest.fixture
def simulated_pbx() -> Iterator[tuple[int, int]]:
    """A simulated PBX in a process of its own; its port, and the port it asks for the dial permit."""
    agi_port = free_port()
    words = ["--agents", "3", "--speed", "12", "--secret", SECRET, "--agi", f"127.0.0.1:{agi_port}"]
    pbx = subprocess.Popen(
        [sys.executable, "-m", "telephony.simulator", *words], stdout=subprocess.PIPE, text=True
    )
    assert pbx.stdout is not None
    try:
        yield json.loads(pbx.stdout.readline())["port"], agi_port
    finally:
        pbx.terminate()
        pbx.wait(20)
        pbx.stdout.close()


def test_serve_answers_leads_and_leaves_nothing_behind(
    tmp_path: Path, simulated_pbx: tuple[int, int]
) -> None:
    settings = app_settings(tmp_path / "app", simulated_pbx)
    serve = EngineProcess(settings, tmp_path / "serve.log", command="serve")
    try:
        pages = f"http://127.0.0.1:{settings.web.port}"
        wait(lambda: get(f"{pages}/healthz") == 200, "the pages answer", serve)
        wait(lambda: leads(tmp_path / "app"), "its engine leads and sees the PBX", serve)
        assert get(f"{pages}/") == 200
        family = descendants(serve.pid)
        assert any("valkey" in words or "redis" in words for words in family.values()), family
        assert any("worker" in words for words in family.values()), family
    finally:
        code = serve.stop()

    assert code == 0, serve.tail()
    wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "its family is gone", serve)
    assert traces_of(tmp_path / "app") == {}
    assert warnings_in(serve.log.read_text()) == []


def test_what_is_killed_in_serve_runs_again_and_a_killed_serve_leaves_nothing_behind(
    tmp_path: Path, simulated_pbx: tuple[int, int]
) -> None:
    settings = app_settings(tmp_path / "app", simulated_pbx)
    pages = f"http://127.0.0.1:{settings.web.port}"
    serve = EngineProcess(settings, tmp_path / "serve.log", command="serve")
    try:
        wait(lambda: get(f"{pages}/healthz") == 200, "the pages answer", serve)
        wait(lambda: leads(tmp_path / "app"), "its engine leads", serve)
        for part, words in (("worker", "worker"), ("Redis", "unixsocket"), ("pages", "--socket")):
            kill_one(settings, serve, part, words)
        ended = [(each["part"], each["code"]) for each in serve.said("part_ended")]
        assert [each for each in ended if each[1] == -9] == [("worker", -9), ("Redis", -9), ("pages", -9)]
        wait(lambda: get(f"{pages}/readyz") == 200, "the pages answer again", serve)
        assert len(serve.said("engine_leads")) == 1, "the engine went on"
        with urllib.request.urlopen(f"{pages}/schedule", timeout=30) as answer:  # noqa: S310 - our own page
            assert "worker ended" in answer.read().decode()
        family = descendants(serve.pid)
        assert len(family) > 1
    finally:
        serve.kill()

    wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "its family is gone", serve)
    assert traces_of(tmp_path / "app") == {}


def test_half_requests_stop_neither_health_nor_the_engine_nor_its_permits(
    tmp_path: Path, simulated_pbx: tuple[int, int]
) -> None:
    settings = app_settings(tmp_path / "app", simulated_pbx)
    pages = f"http://127.0.0.1:{settings.web.port}"
    serve = EngineProcess(settings, tmp_path / "serve.log", command="serve")
    resource.prlimit(serve.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    with ExitStack() as slow:
        try:
            wait(lambda: get(f"{pages}/readyz") == 200, "the engine leads, and the pages say so", serve)
            for _ in range(DESCRIPTORS + 50):
                client = socket.create_connection(("127.0.0.1", settings.web.port), timeout=30)
                client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
                slow.callback(client.close)
            answered = {path: get(f"{pages}{path}") for path in ("/healthz", "/readyz", "/")}
            refusal = ask_permit(simulated_pbx[1], "wb-0000000001")
        finally:
            code = serve.stop()

    assert answered == {"/healthz": 200, "/readyz": 200, "/": 200}
    assert b"WB_RULE" in refusal
    assert len(serve.said("engine_leads")) == 1, "it led on"
    assert len(serve.log.read_text().splitlines()) < 100
    assert code == 0


def ask_permit(port: int, attempt: str) -> bytes:
    """What the dial permit says first of an attempt, as a dialplan hears it."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as dialplan:
        proof = channel_proof(fastagi_secret(SECRET), f"{attempt};2")
        asked = {
            "network": "yes",
            "network_script": "permit",
            "extension": attempt,
            "uniqueid": f"{attempt};2",
        }
        head = "".join(f"agi_{name}: {value}\n" for name, value in (asked | {"arg_1": proof}).items())
        dialplan.sendall(f"{head}\n".encode())
        return dialplan.recv(200)


def kill_one(settings: Settings, serve: EngineProcess, part: str, words: str) -> None:
    """Kill the process with these words in its command line; wait for another, and for a job to be done."""
    first = wait(lambda: pid_of(serve, words), f"{part} runs", serve)
    os.kill(first, signal.SIGKILL)
    wait(lambda: pid_of(serve, words) not in {None, first}, f"{part} runs again", serve)
    wait(lambda: job_is_done(settings, part), "a job is done again", serve)


def pid_of(serve: EngineProcess, words: str) -> int | None:
    """The process that serve started with these words in its command line."""
    return next((pid for pid, line in descendants(serve.pid).items() if words in line), None)


def job_is_done(settings: Settings, name: str) -> bool:
    """Ask for a job of this name, unless it was asked for; whether a worker has done it."""
    with (
        suppress(redis.RedisError),
        open_redis(settings) as redis_server,
        redis_server.connect() as connection,
    ):
        assert not redis_server.ours
        job = look_at(connection, name)
        if job is None or job.status in OVER - {"finished"}:
            ask_for(connection, "scheduler.look", name, {})
        return job is not None and job.status == "finished"
    return False


def test_serve_told_to_end_while_it_begins_leaves_nothing_behind(
    tmp_path: Path, simulated_pbx: tuple[int, int]
) -> None:
    settings = app_settings(tmp_path / "app", simulated_pbx)
    serve = EngineProcess(settings, tmp_path / "serve.log", command="serve")
    try:
        wait(lambda: descendants(serve.pid), "it has started something", serve)
        serve.signal(signal.SIGTERM)
    finally:
        code = serve.stop()

    assert code == 0, serve.tail()
    wait(lambda: not traces_of(tmp_path / "app"), "nothing is left", serve)


def test_without_a_pbx_serve_names_the_setting(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "app")
    done = subprocess.run(
        [sys.executable, "-m", "dialer.cli", "serve"],
        env=variables(settings), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "WINBACK_PBX__HOST" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_login_ends_no_engine_and_its_banner_names_the_setting(
    tmp_path: Path, simulated_pbx: tuple[int, int]
) -> None:
    settings = app_settings(tmp_path / "app", simulated_pbx)
    wrong = PbxSettings(host="127.0.0.1", port=simulated_pbx[0], secret=SECRET[::-1])
    engine = EngineProcess(settings.model_copy(update={"pbx": wrong}), tmp_path / "engine.log")
    database = Database(settings.database())

    def banner() -> str:
        return read_dashboard(database, make_clock(settings)()).engine.banner or ""

    try:
        wait(lambda: engine.said("login_refused"), "it is refused", engine)
        wait(lambda: "pbx.secret" in banner(), "the pages say what to put right", engine)
    finally:
        code = engine.stop()
        database.close()

    assert code == 0, "it went on until it was told to stop"
    assert "Traceback" not in engine.tail()
    assert SECRET[::-1] not in engine.log.read_text()


def app_settings(folder: Path, pbx: tuple[int, int]) -> Settings:
    """A whole centre on the simulated PBX."""
    return Settings(
        data_dir=folder,
        pbx=PbxSettings(host="127.0.0.1", port=pbx[0], secret=SECRET),
        agi=AgiSettings(port=pbx[1]),
        agents=[AgentSettings(id=f"a{index}") for index in range(1, 4)],
        web=WebSettings(port=free_port(), login=LoginSettings(mode="off")),
    )


def wait(condition, what: str, process: EngineProcess, *, within_s: float = 60.0):
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}\n{process.tail()}"
        time.sleep(0.05)
    return found


def get(url: str) -> int | None:
    """The status of a page; None while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own page on a loopback
            return answer.status
    except OSError:
        return None


def leads(app: Path) -> bool:
    with connection(app / "winback.db") as database:
        found = database.execute("SELECT body FROM engine_dashboard").fetchone()
    return found is not None and json.loads(found["body"])["ready"]


def descendants(pid: int) -> dict[int, str]:
    """Everything that a process started, by pid, with its command line."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family, fresh = {}, {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh}
        family |= {child: command_line(child) for child in fresh}
    return family


def traces_of(folder: Path) -> dict[int, str]:
    """Processes whose command line or environment names this folder, but for the one a test started."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        pid = int(path.name)
        words = command_line(pid)
        if pid == os.getpid() or " serve" in words:
            continue
        try:
            environment = (path / "environ").read_bytes()
        except OSError:
            continue
        if str(folder) in words or str(folder).encode() in environment:
            found[pid] = words
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def warnings_in(log: str) -> list[str]:
    """What was logged at warning level or above."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith('{"')]
    return [line for line in lines if line["level"] in {"warning", "error", "critical"}]

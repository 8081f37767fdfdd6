"""One real Asterisk of one's own: its folders, its ports, its process, and a way to look in.

Several may run at once from one Debian root, and none writes to it outside a folder of its own, where its
configuration, state and recordings are. The root's /proc and /dev are mounted in a mount namespace of the
process itself, so nothing is left mounted when it ends, however it ends.
"""

import csv
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from bench.testbed.install import Installation
from bench.testbed.raw_ami import RawAmi

from telephony.errors import LoginRefused, PeerViolation

START_WITHIN_S = 60.0
CLI_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0
ADMIN = "observer"
ADMIN_SECRET = "only-on-loopback"  # noqa: S105 - a test server on a loopback port

DATA = Path("usr/share/asterisk")  # below a Debian root
_serial = itertools.count(1)

MODULES = (
    "res_timing_timerfd", "bridge_simple", "bridge_holding", "bridge_builtin_features",
    "bridge_native_rtp", "bridge_softmix", "format_gsm", "format_wav", "format_pcm", "codec_gsm",
    "codec_ulaw", "codec_alaw", "func_callerid", "func_channel", "func_cut", "func_strings",
    "func_logic", "func_math", "func_global", "func_groupcount", "func_rand", "func_timeout",
    "func_devstate", "func_sha1", "func_dialplan", "func_db", "res_agi", "res_musiconhold", "res_speech",
    "app_dial", "app_playback", "app_stack", "app_verbose", "app_userevent",
    "app_mixmonitor", "app_chanspy", "app_originate", "app_amd", "app_echo", "app_senddtmf", "app_exec",
    "app_softhangup", "app_agent_pool", "app_queue", "pbx_config",
)  # fmt: skip

LOGGER = """[general]
queue_log = yes
queue_log_to_file = yes
[logfiles]
messages = notice,warning,error,verbose(3)
"""

SIP_MODULES = (
    "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_rtp_asterisk", "res_pjproject",
    "res_pjsip", "res_pjsip_pubsub", "res_pjsip_session", "res_pjsip_sdp_rtp", "res_pjsip_caller_id",
    "res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user", "res_pjsip_registrar",
    "res_pjsip_authenticator_digest", "res_pjsip_dtmf_info", "res_pjsip_nat", "chan_pjsip",
)  # fmt: skip


#: the fields of a call detail record, in the order of Asterisk's cdr_csv with `loguniqueid`
RECORD = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid",
)  # fmt: skip


LOOK_S = 0.05  # between two looks; most of them ask a server or draw a page, and cost it processor time


class AsteriskFault(Exception):
    """The server could not be started, or has ended; says what it said itself."""


def wait_until(condition: Callable[[], bool], within_s: float, what: str) -> None:
    """Return as soon as `condition` holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s} s: {what}")
        time.sleep(LOOK_S)


class AsteriskServer:
    """Starts, restarts, kills and stops one Asterisk with the given configuration files."""

    def __init__(
        self,
        home: Installation,
        files: Mapping[str, str],
        *,
        ami_port: int,
        modules: tuple[str, ...] = MODULES,
        user: str | None = None,
    ) -> None:
        self.home = home
        self._user = user  # of the Debian root, as whom it runs; None: root
        self.ami_port = ami_port
        name = f"{os.getpid()}-{next(_serial)}"
        self._inside = Path("/srv/winback") / name
        self.folder = home.root / self._inside.relative_to("/")
        self._process: subprocess.Popen[bytes] | None = None
        for part in ("etc", "run", "log", "log/cdr-csv", "db", "spool", "keys", "data", "data/sounds"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        # Asterisk's own files, and its prompts by language, with room for others beside those
        shared = home.root / DATA
        for path in (*shared.glob("[!s]*"), *shared.glob("sounds/en*")):
            own = path.relative_to(shared)
            (self.folder / "data" / own).symlink_to("/" / DATA / own)
        for name, text in (self._base(modules) | dict(files)).items():
            (self.folder / "etc" / name).write_text(text)
        if user is not None:
            self.give(self.folder)

    def give(self, path: Path) -> None:
        """Make a file or folder in its root Asterisk's own user's, with all that is in it."""
        inside = Path("/") / path.relative_to(self.home.root)
        owner = f"{self._user}:{self._user}"
        subprocess.run(["chroot", str(self.home.root), "chown", "-R", owner, str(inside)], check=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if "WINBACK_KEEP_ASTERISK_LOGS" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start and wait until the manager port lets us in and everything is booted."""
        config = str(self._inside / "etc" / "asterisk.conf")
        script = 'mount --bind /proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"'
        as_whom = () if self._user is None else ("-U", self._user, "-G", self._user)
        out = (self.folder / "log" / "console").open("ab")
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-c", script,
             str(self.home.root), "/usr/sbin/asterisk", "-f", "-C", config, *as_whom],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        out.close()
        wait_until(self._answers, START_WITHIN_S, f"Asterisk answers on its manager port ({self.folder})")

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Kill and start again with the same configuration and ports."""
        self.kill()
        self.start()

    @property
    def sounds(self) -> Path:
        """Where this server alone finds further sound files."""
        return self.folder / "data" / "sounds"

    @property
    def pid(self) -> int:
        """The process id of Asterisk itself."""
        return self._started().pid

    def append(self, name: str, line: str) -> None:
        """Add a line to one of its configuration files."""
        with (self.folder / "etc" / name).open("a") as file:
            file.write(f"\n{line}\n")

    def cli(self, command: str) -> str:
        """What Asterisk's own command line says."""
        config = str(self._inside / "etc" / "asterisk.conf")
        asked = subprocess.run(
            ["chroot", str(self.home.root), "/usr/sbin/asterisk", "-C", config, "-rx", command],
            check=True, capture_output=True, text=True, timeout=CLI_WITHIN_S,
        )  # fmt: skip
        return asked.stdout

    def queue_log(self) -> list[list[str]]:
        """Asterisk's own log of its queues: rows of time, call id, queue, agent, event, data."""
        path = self.folder / "log" / "queue_log"
        return [line.split("|") for line in path.read_text().splitlines()] if path.exists() else []

    def call_records(self) -> list[dict[str, str]]:
        """Asterisk's call detail records, where `cdr.conf` and the module `cdr_csv` have it write them."""
        path = self.folder / "log" / "cdr-csv" / "Master.csv"
        if not path.exists():
            return []
        with path.open(newline="") as database:
            return list(csv.DictReader(database, fieldnames=RECORD))

    def log(self) -> str:
        """Everything it logged."""
        path = self.folder / "log" / "messages"
        return path.read_text(errors="replace") if path.exists() else ""

    def observer(self) -> RawAmi:
        """A manager session that may do and hear everything; independent of the code under test."""
        return RawAmi("127.0.0.1", self.ami_port, ADMIN, ADMIN_SECRET)

    def _answers(self) -> bool:
        if self._started().poll() is not None:
            raise AsteriskFault(f"Asterisk ended at start: {self._console()}")
        try:
            with self.observer() as ami:
                ami.wait_for(lambda frame: frame.event == "FullyBooted", within_s=START_WITHIN_S)
        except (OSError, PeerViolation, LoginRefused):
            return False
        return True

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise AsteriskFault("this Asterisk was not started")
        return self._process

    def _console(self) -> str:
        return (self.folder / "log" / "console").read_text(errors="replace")[-2000:] + self.log()[-2000:]

    def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_WITHIN_S)

    def _base(self, modules: tuple[str, ...]) -> dict[str, str]:
        found = sorted(self.home.root.glob("usr/lib/**/asterisk/modules"))
        if not found:
            raise AsteriskFault(f"no Asterisk modules under {self.home.root}")
        here = self._inside
        there = {path.stem for path in found[0].glob("*.so")}
        return {
            "asterisk.conf": "\n".join([
                "[directories]", f"astetcdir => {here}/etc",
                f"astmoddir => /{found[0].relative_to(self.home.root)}",
                f"astvarlibdir => {here}/db", f"astdbdir => {here}/db", f"astkeydir => {here}/keys",
                f"astdatadir => {here}/data", "astagidir => /usr/share/asterisk/agi-bin",
                f"astspooldir => {here}/spool", f"astrundir => {here}/run", f"astlogdir => {here}/log",
                "[options]", "documentation_language = en_US", "nocolor = yes", "verbose = 3", "",
            ]),
            "modules.conf": "\n".join(
                ["[modules]", "autoload = no", *(f"load = {m}.so" for m in modules if m in there), ""]
            ),
            "logger.conf": LOGGER,
            "cdr.conf": "[general]\nenable = no\n",
            "cel.conf": "[general]\nenable = no\n",
            "features.conf": "[general]\n",
            "acl.conf": "",
            "amd.conf": "[general]\n",
            "udptl.conf": "[general]\n",
            "ccss.conf": "[general]\n",
            "musiconhold.conf": "[default]\nmode = files\ndirectory = moh\n",
            "manager.conf": "\n".join([
                "[general]", "enabled = yes", "bindaddr = 127.0.0.1", f"port = {self.ami_port}",
                "timestampevents = yes",  # as docs/asterisk.md advises
                f"[{ADMIN}]", f"secret = {ADMIN_SECRET}",
                "deny = 0.0.0.0/0.0.0.0", "permit = 127.0.0.1/255.255.255.255", "read = all", "write = all",
                "writetimeout = 5000", "#include winback_manager.conf", "",
            ]),
            "extensions.conf": "[general]\n#include winback_extensions.conf\n#include test_extensions.conf\n",
            "queues.conf": "[general]\npersistentmembers = no\n#include winback_queues.conf\n",
            "agents.conf": "[general]\n#include winback_agents.conf\n",
            "test_extensions.conf": "",
        }  # fmt: skip

"""The sample site of `deploy/site` as a real Asterisk, run as its own user, on ports of its own."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench.testbed.install import Installation
from bench.testbed.server import ADMIN, ADMIN_SECRET, AsteriskServer

from telephony.asterisk.config.files import write_config

SITE: Final = Path(__file__).parents[2] / "deploy" / "site"
OWN_USER: Final = "asterisk"  # Debian's package makes it
OBSERVER: Final = f"""
[{ADMIN}]
secret = {ADMIN_SECRET}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = all
write = all
writetimeout = 5000
"""


def site_files(*, ami_port: int, sip_port: int, carriers: Mapping[str, int]) -> dict[str, str]:
    """The site's files with these ports in the place of theirs, and the observer among the manager users."""
    files = {path.name: path.read_text() for path in SITE.glob("*.conf")}
    files["manager.conf"] = files["manager.conf"].replace("port = 5038", f"port = {ami_port}") + OBSERVER
    sip = files["pjsip.conf"].replace("0.0.0.0:5060", f"127.0.0.1:{sip_port}")
    for carrier, port in carriers.items():
        sip = re.sub(rf"(\[{carrier}\]\ntype = aor\ncontact = sip:127\.0\.0\.1:)\d+", rf"\g<1>{port}", sip)
    return files | {"pjsip.conf": sip}


#: what `docs/install.md` has an administrator add, here for the ring's own numbers
INCLUDES: Final = {
    "manager.conf": "\n[general](+)\ntimestampevents = yes\n\n#include winback_manager.conf\n",
    "queues.conf": "#include winback_queues.conf\n",
    "agents.conf": "#include winback_agents.conf\n",
    "extensions.conf": "#include winback_extensions.conf\n",
}
OWN_DIALPLAN: Final = """
[from-internal-custom]
include => winback-agent-codes

[from-trunk]
exten => 441632960002,1,Goto(winback-inbound,support,1)
"""


class SiteServer(AsteriskServer):
    """An Asterisk with the site's files beside those of Debian's package."""

    def __init__(self, home: Installation, files: Mapping[str, str], *, ami_port: int) -> None:
        super().__init__(home, files, ami_port=ami_port, user=OWN_USER)
        for path in (home.root / "etc/asterisk").glob("*.conf"):
            own = self.folder / "etc" / path.name
            if path.name != "asterisk.conf" and path.name not in files:
                shutil.copy(path, own)
        self.give(self.folder / "etc")

    def take_in(self, rendered: Mapping[str, str]) -> None:
        """Do what an administrator does: render, include, say what may be dialled, reload."""
        write_config(rendered, self.etc)
        for name, line in INCLUDES.items():
            path = self.etc / name
            path.write_text(path.read_text() + line + (OWN_DIALPLAN if name == "extensions.conf" else ""))
        self.cli("core reload")
        self.cli("manager reload")

    @property
    def etc(self) -> Path:
        """Its configuration, where an operator renders into."""
        return self.folder / "etc"

    def runs_as(self) -> str:
        """The user of the running process, by the name it has in its root."""
        owner = str(Path(f"/proc/{self.pid}").stat().st_uid)
        users = (line.split(":") for line in (self.home.root / "etc/passwd").read_text().splitlines())
        return next(name for name, _, uid, *_ in users if uid == owner)

"""The sample site of `deploy/site` as a real Asterisk, run as its own user, on ports of its own."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench.testbed.install import Installation
from bench.testbed.server import ADMIN, ADMIN_SECRET, AsteriskServer

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


class SiteServer(AsteriskServer):
    """An Asterisk with the site's files beside those of Debian's package."""

    def __init__(self, home: Installation, files: Mapping[str, str], *, ami_port: int) -> None:
        super().__init__(home, files, ami_port=ami_port, user=OWN_USER)
        for path in (home.root / "etc/asterisk").glob("*.conf"):
            own = self.folder / "etc" / path.name
            if path.name != "asterisk.conf" and path.name not in files:
                shutil.copy(path, own)
        self.give(self.folder / "etc")

    @property
    def etc(self) -> Path:
        """Its configuration, where an operator renders into."""
        return self.folder / "etc"

    def runs_as(self) -> str:
        """The user of the running process, by the name it has in its root."""
        said = subprocess.run(
            ["chroot", str(self.home.root), "stat", "--format", "%U", f"/proc/{self.pid}"],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        return said.stdout.strip()

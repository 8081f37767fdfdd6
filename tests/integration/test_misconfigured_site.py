"""Doctor names what is wrong with a site before a caller meets it: one seeded fault, one finding."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from bench.testbed.dialplan_actors import STAGE
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import MODULES, SIP_MODULES, AsteriskServer, wait_until

from dialer.bootstrap import make_pbx_config, open_app
from dialer.cli.doctor_checks import look_at_everything
from dialer.cli.findings import Finding
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign
from dialer.settings import Settings
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.prompts import words_in
from telephony.asterisk.config.render import render

SECRET = "not-a-secret-at-all"  # noqa: S105 - an example
#: a user who may come from another network only
OUTSIDER = f"[outsider]\nsecret = {SECRET}\ndeny = 0.0.0.0/0\npermit = 10.0.0.0/8\n"
HINTS = "\n[ext-local]\nexten => 102,hint,PJSIP/102\n"
QUEUES = "[general]\n[400]\nmusicclass = bach\ncontext = winback-offer\n[401]\n#include winback_queues.conf\n"
RESULT_WITHIN_S = 30


def pjsip_conf(sip_port: int, closed_port: int) -> str:
    """A carrier that is believed in, one that does not answer, and a phone."""

    def endpoint(name: str, *aor: str) -> list[str]:
        return [
            f"[{name}]", "type = endpoint", "context = default", "allow = ulaw", f"aors = {name}",
            f"[{name}]", "type = aor", *aor,
        ]  # fmt: skip

    return "\n".join([
        "[transport]", "type = transport", "protocol = udp", f"bind = 127.0.0.1:{sip_port}",
        *endpoint("acme", f"contact = sip:127.0.0.1:{closed_port}"),
        *endpoint("dead", f"contact = sip:127.0.0.1:{closed_port}", "qualify_frequency = 1",
                  "qualify_timeout = 0.5"),
        *endpoint("102", "max_contacts = 1"), "",
    ])  # fmt: skip


@dataclass
class Site:
    """A running Asterisk, a folder as its `/etc/asterisk`, and what the settings say."""

    server: AsteriskServer
    folder: Path
    data_dir: Path
    said: dict[str, Any]
    tls_port: int
    campaigns: list[tuple[str, str]] = field(default_factory=list)  # queue and trunk

    def say(self, table: str, **values: object) -> None:
        self.said[table] = {**self.said.get(table, {}), **values}

    def settings(self) -> Settings:
        return Settings(data_dir=self.data_dir, **self.said)

    def faults(self) -> dict[str, Finding]:
        settings = self.settings()
        with open_app(settings) as app:
            for queue, trunk in self.campaigns:
                draft = CampaignDraft(name="spring", queue=queue, trunk=trunk)
                create_campaign(app.database, draft, app.clock())
        return {each.what: each for each in look_at_everything(settings) if not each.ok}


def said(port: int, folder: Path) -> dict[str, Any]:
    return {
        "pbx": {"host": "127.0.0.1", "port": port, "secret": SECRET, "version": 22, "folder": folder},
        "trunks": [{"name": "main", "dial": "PJSIP/{number}@acme"}],
        "agents": [{"id": "ben", "phone": "PJSIP/102", "hint": "102@ext-local"}],
        "caller_id": "+441632960001",
    }


@pytest.fixture(scope="module")
def tls_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For localhost, with its key; nobody but its own file vouches for it."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    words = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*words.split(), "-keyout", f"{file}.key", "-out", file], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.key").read_text())
    return file


def with_tls(server: AsteriskServer, tls_port: int, certificate: Path) -> None:
    """Have its manager interface speak TLS at a port of its own, and know a user from elsewhere."""
    inside = server.folder / "keys" / certificate.name
    shutil.copy(certificate, inside)
    general = [
        "[general](+)", "tlsenable = yes", f"tlsbindaddr = 127.0.0.1:{tls_port}",
        f"tlscertfile = /{inside.relative_to(server.home.root)}",
    ]  # fmt: skip
    server.append("manager.conf", "\n".join([*general, OUTSIDER]))


@pytest.fixture(scope="module")
def server(
    asterisk: Callable[[str], Installation],
    tmp_path_factory: pytest.TempPathFactory,
    tls_port: int,
    certificate: Path,
) -> Iterator[AsteriskServer]:
    port, sip_port, closed_port = free_port(), free_port(), free_port()
    settings = Settings(data_dir=tmp_path_factory.mktemp("site"), **said(port, Path("/nowhere")))
    files = {
        **render(make_pbx_config(settings), AsteriskVersion.V22),
        "test_extensions.conf": STAGE + HINTS,
        "queues.conf": QUEUES,
        "pjsip.conf": pjsip_conf(sip_port, closed_port),
        "rtp.conf": "[general]\nrtpstart = 20000\nrtpend = 20999\n",
        "sorcery.conf": "",
        "pjproject.conf": "[startup]\n",
    }
    modules = (*SIP_MODULES, *MODULES)
    server = AsteriskServer(asterisk("sid"), files, ami_port=port, modules=modules)
    with_tls(server, tls_port, certificate)
    with server:

        def knows_the_dead() -> bool:
            with server.observer() as ami:
                asked = ami.ask("Getvar", [("Variable", "DEVICE_STATE(PJSIP/dead)")])
                return asked.get("Value") == "UNAVAILABLE"

        wait_until(knows_the_dead, RESULT_WITHIN_S, "the dead carrier was asked")
        yield server


@pytest.fixture
def site(server: AsteriskServer, tls_port: int, tmp_path: Path) -> Site:
    folder, data = tmp_path / "etc", tmp_path / "data"
    for name in words_in("en"):
        (data / "sounds/en" / name).parent.mkdir(parents=True, exist_ok=True)
        (data / f"sounds/en/{name}.wav").touch()
    for music in ("moh", "bach"):
        (data / music).mkdir()
        (data / music / "one.wav").touch()
    folder.mkdir()
    (folder / "asterisk.conf").write_text(f"[directories]\nastdatadir => {data}\n")
    (folder / "musiconhold.conf").write_text(
        "[default]\nmode = files\ndirectory = moh\n[bach]\nmode = files\ndirectory = bach\n[none]\n"
        "mode = files\ndirectory = none\n"
    )
    (folder / "queues.conf").write_text(QUEUES)
    for name in ("manager.conf", "winback_manager.conf"):
        shutil.copy(server.folder / "etc" / name, folder)
    return Site(server, folder, tmp_path / "var", said(server.ami_port, folder), tls_port)


def move_prompts_away(site: Site) -> None:
    (site.folder.parent / "data/sounds/en/winback").rename(site.folder / "away")


def adopt(site: Site, queue: str) -> None:
    site.say("queues", inbound=queue, adopt=True)


def rendered_and_not_reloaded(site: Site) -> None:
    file = site.folder / "winback_manager.conf"
    file.write_text(file.read_text().replace(SECRET, "another-secret"))
    site.say("pbx", secret="another-secret")  # noqa: S106


SEEDED: dict[str, tuple[Callable[[Site], object], str, str]] = {
    "a music class that there is not": (
        lambda site: site.say("queues", music="jazz"), "music on hold", "has no class [jazz]"
    ),
    "a music class without files": (
        lambda site: site.say("queues", music="none"), "music on hold", "class [none] has no files"
    ),
    "prompts moved away": (
        move_prompts_away, "prompts", "winback/information, winback/offer"
    ),
    "a whisper that nobody recorded": (
        lambda site: site.say("whisper", campaigns={"spring": "winback/spring"}), "prompts",
        "not there: winback/spring",
    ),
    "a trunk's endpoint misspelt": (
        lambda site: site.said.update(trunks=[{"name": "main", "dial": "PJSIP/{number}@acmee"}]),
        "trunk main", "PJSIP/acmee is none that Asterisk knows",
    ),
    "a carrier that does not answer": (
        lambda site: site.said.update(trunks=[{"name": "main", "dial": "PJSIP/{number}@dead"}]),
        "trunk main", "PJSIP/dead does not answer",
    ),
    "no caller id": (lambda site: site.said.pop("caller_id"), "caller id", "not set"),
    "a campaign's queue that there is not": (
        lambda site: site.campaigns.append(("sales", "main")), "campaign spring",
        "queue sales is not in Asterisk",
    ),
    "a campaign's trunk that there is not": (
        lambda site: site.campaigns.append(("outbound", "second")), "campaign spring",
        "trunk second is not in the settings",
    ),
    "queues not loaded": (
        lambda site: site.say("queues", outbound="sales"), "queue sales", "Asterisk has no such queue"
    ),
    "an agent's phone that there is not": (
        lambda site: site.said.update(agents=[{"id": "ben", "phone": "PJSIP/120", "hint": "102@ext-local"}]),
        "agent ben", "Asterisk knows no PJSIP/120",
    ),
    "an agent's hint that there is not": (
        lambda site: site.said.update(agents=[{"id": "ben", "phone": "PJSIP/102", "hint": "120@ext-local"}]),
        "agent ben", "there is no hint 120@ext-local",
    ),
    "an adopted queue without its line": (
        lambda site: adopt(site, "401"), "adopted queue 401", "has no line context = winback-offer"
    ),
    "an adopted queue that there is not": (
        lambda site: adopt(site, "402"), "adopted queue 402", "has no queue [402]"
    ),
    "a wrong password": (
        lambda site: site.say("pbx", secret="not-the-secret"), "AMI",  # noqa: S106
        "Authentication failed: secret: [winback] of",
    ),
    "a wrong password, and closed files": (
        lambda site: site.say("pbx", secret="not-the-secret", folder="/nowhere"), "AMI",  # noqa: S106
        "Authentication failed: secret: or user name, as pbx.permit lets in 127.0.0.1",
    ),
    "a user that there is not": (
        lambda site: site.say("pbx", username="winbakc"), "AMI", "Authentication failed: user: "
    ),
    "an address that is not let in": (
        lambda site: site.say("pbx", username="outsider"), "AMI",
        "Authentication failed: ACL: [outsider] of",
    ),
    "an address that is not let in, and closed files": (
        lambda site: site.say("pbx", username="outsider", permit=["10.0.0.0/8"], folder="/nowhere"), "AMI",
        "Authentication failed: ACL: pbx.permit does not let in 127.0.0.1",
    ),
    "files that were not read since": (
        rendered_and_not_reloaded, "AMI", "Authentication failed: manager.conf has [winback] with this secret"
    ),
    "no Asterisk": (
        lambda site: site.say("pbx", port=free_port()), "AMI", "reachability: no connection to 127.0.0.1"
    ),
    "a name of no machine": (
        lambda site: site.say("pbx", host="nowhere.invalid"), "AMI",
        "reachability: nowhere.invalid is no name",
    ),
    "TLS with a port without": (
        lambda site: site.say("pbx", tls=True), "AMI", "TLS: who answers there speaks none"
    ),
    "no TLS with a port that has it": (
        lambda site: site.say("pbx", port=site.tls_port), "AMI", "TLS: who answers there waits for us"
    ),
    "a certificate that nobody vouches for": (
        lambda site: site.say("pbx", port=site.tls_port, tls=True), "AMI",
        "TLS: its certificate is not trusted",
    ),
}  # fmt: skip


@pytest.mark.parametrize("seed", SEEDED)
def test_a_misconfigured_site_is_told_what_is_wrong(site: Site, seed: str) -> None:
    do, what, seen = SEEDED[seed]
    do(site)
    faults = site.faults()
    assert what in faults, faults
    assert seen in faults[what].seen
    assert faults[what].remedy
    # settings that are not rendered yet are a fault of their own, and nobody listens at FastAGI here
    others = {each for each in faults if not each.startswith(("configuration", "FastAGI", "queue "))}
    assert others - {what} == set()


def test_a_site_as_it_should_be_is_told_so(site: Site, certificate: Path) -> None:
    assert set(site.faults()) == {"FastAGI"}
    site.say("pbx", host="localhost", port=site.tls_port, tls=True, tls_ca=certificate)
    assert set(site.faults()) == {"FastAGI"}
    adopt(site, "400")
    assert set(site.faults()) <= {"FastAGI", *(each for each in site.faults() if "configuration" in each)}

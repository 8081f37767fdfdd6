"""The phone in an agent's page: a browser, a real Asterisk and real SIP people, with sound both ways."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from asterisk.sip import SipPerson, pjsip_conf
from asterisk.tones import heard, write_tone
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.raw_ami import RawAmi
from bench.testbed.server import MODULES, SIP_MODULES, AsteriskServer, wait_until
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dialer.bootstrap import make_pbx_config
from dialer.pbx_settings import AgentSettings, PbxSettings
from dialer.settings import Settings
from dialer.web.page_phone import library
from dialer.web_settings import LoginSettings, PhoneSettings, WebSettings
from telephony.asterisk.config.render import render
from tests.browser.conftest import FLAGS, WHOLE, Served, a_browser
from tests.browser.seeded import Seeded

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

VOICE_HZ = 440.0  # what the browser's microphone hears
PATIENT_S = 60.0
MODULES_OF_WEB = (
    "res_crypto", "res_http_websocket", "res_pjsip_transport_websocket", "res_srtp", "res_pjsip_refer",
    "codec_opus_open_source", "res_format_attr_opus",
)  # fmt: skip
MICROPHONE = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--ignore-certificate-errors",  # nobody but the test vouches for its certificate
)
ENDPOINT = "winback-web-amira"
# whoever the page is connected with; what it says and what it hears are recorded, each by itself
SITE = """
[test-phone]
exten => talk,1,MixMonitor(talk.wav,r(said.wav)t(heard.wav))
 same => n,Dial(PJSIP/person)
exten => 0770900100,1,Dial(PJSIP/colleague)
"""


# every connection the page makes, to ask the browser how much sound came in by it
REMEMBER = """window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};"""
HEARS = """async (enough) => {
  for (const each of window.connections)
    for (const [, said] of await each.getStats())
      if (said.type === "inbound-rtp" && said.totalAudioEnergy > enough) return true;
  return false;
}"""
ENOUGH = 0.03  # the tone has .017 a second; silence has none


@dataclass
class Site:
    """An Asterisk whose agents' pages are phones, their pages, and a browser with a microphone."""

    server: AsteriskServer
    served: Served
    browser: Browser


@dataclass
class Centre:
    """What a test has: a page that is ready, and an ear on Asterisk's manager interface."""

    page: Page
    server: AsteriskServer
    ami: RawAmi

    def ring(self) -> None:
        """The page's phone rings; who answers it is connected with a person on SIP."""
        self.ami.ask("Originate", [
            ("Channel", f"PJSIP/{ENDPOINT}"), ("Context", "test-phone"), ("Exten", "talk"), ("Priority", "1"),
            ("CallerID", '"Priya Raman" <07700900123>'), ("Async", "true"),
        ])  # fmt: skip

    def hears_itself(self) -> None:
        """What the page says goes through Asterisk to a SIP phone, which sends it back."""
        heard_it = "the page hears its own voice come back"
        wait_until(lambda: self.page.evaluate(HEARS, ENOUGH), PATIENT_S, heard_it)

    def recording(self, name: str) -> Path:
        return self.server.folder / "spool" / "monitor" / name

    def state(self, *words: str) -> None:
        expect(self.page.locator("#phone-calls .pill")).to_have_text(list(words), timeout=PATIENT_S * 1000)


def settings_of(web_port: int, ami_port: int) -> Settings:
    return Settings(
        web=WebSettings(
            port=0,
            login=LoginSettings(mode="off"),
            phone=PhoneSettings(
                address=f"wss://127.0.0.1:{web_port}/ws", numbers="test-phone", dial=["077090010X"]
            ),
        ),
        pbx=PbxSettings(host="127.0.0.1", port=ami_port, secret="on-loopback-only"),  # noqa: S106 - a test server
        agents=[
            AgentSettings(id="amira", name="Amira Kahn", phone="web"),
            AgentSettings(id="ben", name="Ben Ode", headset="web"),
        ],
    )


def certificate_in(folder: Path) -> str:
    """A certificate of its own making, with its key, as a site without an authority would have it."""
    path = folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", str(folder / "key.pem"), "-out", str(path),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return path.read_text() + (folder / "key.pem").read_text()


@pytest.fixture(scope="module")
def site(asterisk: Callable[[str], Installation], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    browser_path = a_browser(WHOLE)  # the bare engine has no sound
    assert library() is not None, "`python3 requirements/bring_npm.py` brings the phone's library in"
    web_port, ami_port, sip_port = free_port(), free_port(), free_port()
    settings, folder, home = (
        settings_of(web_port, ami_port),
        tmp_path_factory.mktemp("phone"),
        asterisk("sid"),
    )
    write_tone(folder / "voice.wav", VOICE_HZ, 5)
    with ExitStack() as stack:
        people = {
            name: stack.enter_context(SipPerson("answers", folder, echoes=True))
            for name in ("person", "colleague")
        }
        files = {
            **render(make_pbx_config(settings), home.version),
            "test_extensions.conf": SITE,
            "pjsip.conf": pjsip_conf(sip_port, people) + "#include winback_pjsip.conf\n",
            "http.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {free_port()}\n"
            f"tlsenable = yes\ntlsbindaddr = 127.0.0.1:{web_port}\n",
            "asterisk.pem": certificate_in(folder),
            "rtp.conf": "[general]\nrtpstart = 20000\nrtpend = 20999\n",
            "sorcery.conf": "",
            "pjproject.conf": "[startup]\n",
        }
        modules = (*MODULES_OF_WEB, *SIP_MODULES, *MODULES)
        server = AsteriskServer(home, files, ami_port=ami_port, modules=modules)
        pem = Path("/") / (server.folder / "etc" / "asterisk.pem").relative_to(
            home.root
        )  # as Asterisk sees it
        server.append("http.conf", f"tlscertfile = {pem}")
        stack.enter_context(server)
        seeded = Seeded(folder / "winback.db", people=2)
        stack.callback(seeded.database.close)
        served = Served(seeded, settings).start()
        stack.callback(served.stop)
        voice = f"--use-file-for-fake-audio-capture={folder / 'voice.wav'}"
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=browser_path,
            args=[*FLAGS, *MICROPHONE, voice],
        )
        stack.callback(browser.close)
        yield Site(server, served, browser)


@pytest.fixture
def centre(site: Site) -> Iterator[Centre]:
    page = site.browser.new_page(base_url=site.served.url)
    page.add_init_script(REMEMBER)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with site.server.observer() as ami:
        page.goto("/agents/amira")
        expect(page.locator("#phone-state")).to_have_text("ready", timeout=PATIENT_S * 1000)
        yield Centre(page, site.server, ami)
        page.close()
    assert complaints == []


def test_a_page_is_a_phone_with_sound_both_ways(centre: Centre) -> None:
    page = centre.page
    centre.ring()
    expect(page).to_have_title("☎ Priya Raman · Amira Kahn · Winback", timeout=PATIENT_S * 1000)
    expect(page.locator("#phone-says")).to_have_text("Priya Raman rings")
    page.locator("[data-does=answer]").click()
    centre.state("talking")
    expect(page).to_have_title("Amira Kahn · Winback")

    centre.hears_itself()

    page.locator("#phone-keypad summary").click()
    page.locator("[data-tone='5']").click()
    tone = centre.ami.wait_for(lambda frame: frame.event == "DTMFEnd", within_s=PATIENT_S)
    assert (tone.get("Digit"), tone.get("Direction")) == ("5", "Received")

    page.locator("[data-does=hold]").click()
    centre.state("held")
    centre.ami.wait_for(lambda frame: frame.event == "Hold", within_s=PATIENT_S)
    page.locator("[data-does=hold]").click()
    centre.state("talking")

    # a colleague is asked, all three talk, then the colleague goes on alone
    page.locator("#phone-transfer summary").click()
    page.locator("#phone-number").fill("0770 900100")
    page.locator("[data-does=ask]").click()
    centre.state("held", "talking")
    page.locator("[data-does=join]").click()
    centre.state("talking", "talking")
    expect(page.locator("#phone-says")).to_have_text("All three talk together")
    page.locator("[data-does=hold]").click()
    centre.state("held", "talking")
    page.locator("[data-does=through]").click()
    centre.ami.wait_for(lambda frame: frame.event == "AttendedTransfer", within_s=PATIENT_S)
    expect(page.locator("#phone-calls li")).to_have_count(0, timeout=PATIENT_S * 1000)
    for name in ("said.wav", "heard.wav"):
        assert heard(centre.recording(name), VOICE_HZ)[1] > 0.5, f"{name} has the microphone's tone"


def test_a_page_sends_a_caller_on_to_a_queue_and_hangs_up(centre: Centre) -> None:
    page = centre.page
    centre.ring()
    expect(page.locator("#phone-says")).to_have_text("Priya Raman rings", timeout=PATIENT_S * 1000)
    page.locator("[data-does=answer]").click()
    centre.hears_itself()
    page.locator("#phone-transfer summary").click()
    page.locator("#phone-queue").select_option("support")
    page.locator("[data-does=send]").click()
    joined = centre.ami.wait_for(lambda frame: frame.event == "QueueCallerJoin", within_s=PATIENT_S)
    assert joined.get("Queue") == "support"
    expect(page.locator("#phone-calls li")).to_have_count(0, timeout=PATIENT_S * 1000)

    page.locator("#phone-sound summary").click()
    page.locator("[data-does=echo]").click()
    centre.state("talking")
    page.locator("[data-does=mute]").click()
    expect(page.locator("[data-does=mute]")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-does=hang-up]").click()
    expect(page.locator("#phone-calls li")).to_have_count(0)


def test_a_page_is_a_headset_that_is_rung_once(site: Site) -> None:
    page = site.browser.new_page(base_url=site.served.url)
    with site.server.observer() as ami:
        page.goto("/agents/ben")
        expect(page.locator("#phone-state")).to_have_text("ready", timeout=PATIENT_S * 1000)
        ami.ask("Originate", [
            ("Channel", "PJSIP/winback-web-ben"), ("Context", "winback-log-in"), ("Exten", "ben"),
            ("Priority", "1"), ("Async", "true"),
        ])  # fmt: skip
        page.locator("[data-does=answer]").click(timeout=PATIENT_S * 1000)
        ami.wait_for(lambda frame: frame.event == "AgentLogin", within_s=PATIENT_S)
        page.locator("[data-does=hang-up]").click()
        ami.wait_for(lambda frame: frame.event == "AgentLogoff", within_s=PATIENT_S)
    page.close()

"""The pages for operators are done line by line: from a bare Debian to a call and a copy brought back."""

import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acceptance.clean_root import ROOT, CleanRoot
from acceptance.shelf import is_complete, shelf
from asterisk.sip import SipPerson
from bench.testbed.install import Installation
from bench.testbed.server import wait_until

from dialer.lab.demo_agents import opening_time

INSTALL = (ROOT / "docs/install.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUARTER_OF_AN_HOUR_S = 900.0
WAIT_S = 120.0
SIP_PORT, CARRIER_PORT, PHONE_PORT = 5060, 5090, 5101
PHONE = "101"
CUSTOMER = "447700900123"
CHANNELS = "asterisk -rx 'core show channels count'"


@pytest.fixture
def packages() -> Path:
    """What the page fetches, fetched before. Where it is not the test is left out; CI fails."""
    if not is_complete() and os.environ.get("CI") != "true":
        pytest.skip("the packages of docs/install.md are not there: tests/prepare.sh fetches them")
    assert is_complete()
    return shelf()


@pytest.mark.timeout(QUARTER_OF_AN_HOUR_S)
def test_every_line_of_the_pages_works_from_a_bare_debian_to_a_call_and_a_copy_brought_back(
    asterisk: Callable[[str], Installation], packages: Path, tmp_path: Path
) -> None:
    *steps, first_call, seen = BLOCK.findall(INSTALL)
    copy, bring_back = BLOCK.findall(OPERATIONS)
    with CleanRoot(asterisk("sid"), tmp_path / "root", shelf=packages) as root:
        root.bring_the_source()
        site_runs(root)
        people = tmp_path / "people"
        people.mkdir()
        phone = SipPerson("answers", people, port=PHONE_PORT, enter=root.network)
        phone.register(PHONE, f"sample-{PHONE}", SIP_PORT)
        carrier = SipPerson("answers", people, port=CARRIER_PORT, enter=root.network)
        with phone, carrier:
            began = time.monotonic()
            times = [did(root, step) for step in steps]
            root.run(f"asterisk -rx 'channel originate PJSIP/{PHONE} extension *51{PHONE}@from-internal'")
            *before, start = first_call.splitlines(keepends=True)
            times.append(did(root, "".join(before)))
            root.run(copy)  # "yesterday's": it does not know the call
            times.append(did(root, start))
            wait_until(lambda: carrier.called() == [CUSTOMER], WAIT_S, "the customer's phone rings")
            wait_until(lambda: len(phone.called()) > 1, WAIT_S, "the agent's phone rings")
            took = time.monotonic() - began
            assert "may be called now" in root.run(seen)
            root.run("asterisk -rx 'channel request hangup all'")
            wait_until(lambda: "0 active channels" in root.run(CHANNELS), WAIT_S, "the talk is over")

            said = root.run(bring_back)
            held = root.run("winback campaign show first")

            assert "1 call was taken in (talks: 1)" in said
            assert "done" in held
            assert carrier.called() == [CUSTOMER], "nobody is dialled twice"
    print(f"installed to the first call in {took:.0f} s; by step: {[round(each) for each in times]}")  # noqa: T201 - the figure the docs state
    assert took < QUARTER_OF_AN_HOUR_S


def site_runs(root: CleanRoot) -> None:
    """The sample site is in the root's own Asterisk, which runs as Debian's service would run it."""
    root.run("install -m 640 -o asterisk -g asterisk deploy/site/*.conf /etc/asterisk/")
    root.run("install -d -o asterisk -g asterisk /run/asterisk")
    root.start("/usr/sbin/asterisk", "-f", "-p", "-U", "asterisk", "-G", "asterisk")
    running = "asterisk -rx 'core waitfullybooted' >/dev/null 2>&1 && echo up || true"
    wait_until(lambda: root.run(running).strip() == "up", WAIT_S, "Asterisk runs")
    shift = (opening_time(datetime.now(UTC)) - datetime.now(UTC)).total_seconds()
    sample = (ROOT / "deploy/systemd/winback.env").read_text()
    # people may be called at some hours only, and a test runs at any
    root.write("/root/winback/deploy/systemd/winback.env", f"{sample}WINBACK_CLOCK_SHIFT_S={shift:.0f}\n")


def did(root: CleanRoot, step: str) -> float:
    """Run one block of the page; how long it took, in seconds."""
    began = time.monotonic()
    root.run(step)
    return time.monotonic() - began

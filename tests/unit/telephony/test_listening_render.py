"""Whose calls the rendered dialplan lets a supervisor hear."""

from dataclasses import replace

import pytest
from bench.testbed.dialplan_actors import actors_config

from telephony.asterisk.config.model import AgentLine, AsteriskVersion
from telephony.asterisk.config.names import Names
from telephony.asterisk.config.render import render


@pytest.mark.parametrize("version", list(AsteriskVersion))
def test_only_our_own_agents_calls_can_be_listened_to(version: AsteriskVersion) -> None:
    names = Names("acme")
    agents = (
        AgentLine(id="a1", name="Ada Example", names=names),
        AgentLine(id="a2", name="Bo Example", phone="PJSIP/102", names=names),
        AgentLine(id="a3", name="Cy Example", phone="Local/103@phones/n", names=names),
        AgentLine(id="a4", name="Di Example", phone="PJSIP/104", names=names),
        AgentLine(id="a5", name="Ed Example", phone="PJSIP/104-desk", names=names),
    )
    config = replace(actors_config(5038, ("127.0.0.1", 4573)), names=names, agents=agents)
    text = render(config, version)["acme_extensions.conf"]
    heard = text.split("[acme-heard]")[1].split("\n[")[0]
    spied = [line.split("ChanSpy(")[1] for line in heard.splitlines() if "ChanSpy(" in line]

    assert spied == [
        "${AGENT(acme_a1:fullchannel)},${WB_SPY}))",
        "PJSIP/102-,${WB_SPY}g(acme))",
        "PJSIP/104-desk-,${WB_SPY}g(acme))",
    ], "neither half of a Local channel, nor a phone whose name another's begins with"
    assert '"${AGENT(acme_a1:fullchannel)}" != ""' in heard, "no name would be every channel there is"
    assert text.count("Set(__SPYGROUP=acme)") >= 3, "customers', callers' and agent-first calls"
    assert "_liste[n]-." in text

"""Agents' ids as people have them, and what each is called in Asterisk."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.config.model import AgentLine, AsteriskVersion
from telephony.asterisk.config.names import PLAIN_ID
from telephony.asterisk.config.render import render
from tests.unit.telephony.test_asterisk_render import PLAN


def test_an_id_that_asterisk_has_no_letters_for_is_mapped_to_one_that_it_has() -> None:
    zoe = AgentLine(id="Zo\u00eb", name="Zo\u00eb", code="201")
    brien = AgentLine(id="O\u2019Brien", name="O\u2019Brien", phone="PJSIP/202", code="202")
    anna = AgentLine(id="\u0410\u043d\u043d\u0430", name="Anna")
    files = render(replace(PLAN, agents=(zoe, brien, anna)), AsteriskVersion.V22)

    assert zoe.called.startswith("Zoe_")
    assert brien.called.startswith("OBrien_")
    assert anna.called.startswith("agent_")
    assert f"[{zoe.called}]" in files["winback_agents.conf"]
    assert f"exten => {zoe.called},1,AgentRequest({zoe.called})" in files["winback_extensions.conf"]
    assert f"[desk_{brien.called}]" in files["winback_queues.conf"]
    own = {line for text in files.values() for line in text.splitlines() if not line.startswith("fullname")}
    assert all(line.isascii() for line in own)


@given(st.from_regex(r"[^\W_][\w.'\u2019-]{0,39}", fullmatch=True))
def test_every_id_has_one_name_in_asterisk_and_a_plain_one_keeps_its_own(agent: str) -> None:
    called = AgentLine(id=agent, name="A").called

    assert PLAIN_ID.fullmatch(called)
    assert called == AgentLine(id=agent, name="B").called
    assert (called == agent) == (PLAIN_ID.fullmatch(agent) is not None)


def test_two_agents_with_one_phone_are_refused_by_name() -> None:
    shared = [AgentLine(id=agent, name=agent, phone="PJSIP/101") for agent in ("anna", "ben")]
    with pytest.raises(ValueError, match="agents anna and ben have the same phone PJSIP/101"):
        replace(PLAN, agents=tuple(shared))


def test_what_is_no_id_is_refused_with_what_is_one() -> None:
    for wrong in ("", "Anna Berg", "-anna", "a" * 41, "a,b", "a;b", "a\nb"):
        with pytest.raises(ValueError, match="must be 1 to 40 letters, digits, dots"):
            AgentLine(id=wrong, name="Anna")
    with pytest.raises(ValueError, match="overlooks hyphens and capital letters"):
        replace(PLAN, agents=(AgentLine(id="Anna", name="Anna"), AgentLine(id="an-na", name="Anna")))

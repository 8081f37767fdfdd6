"""Phones in agents' pages, as they are rendered."""

from dataclasses import replace

import pytest
from bench.testbed.dialplan_actors import actors_config

from telephony.asterisk.config.fastagi_secret import hide_secrets
from telephony.asterisk.config.model import AgentLine, AsteriskVersion, PagePhones, PbxConfig
from telephony.asterisk.config.names import USUAL, Names
from telephony.asterisk.config.page_phones import page_phone_password
from telephony.asterisk.config.reloading import reload_commands
from telephony.asterisk.config.render import render
from telephony.asterisk.config.syntax import faults

FILE = "winback_pjsip.conf"
ENDPOINT = USUAL.page_phone("anna")


def config(**changes: object) -> PbxConfig:
    anna = AgentLine(id="anna", name="Anna", phone=f"PJSIP/{ENDPOINT}", in_page=True)
    plan = actors_config(5038, ("127.0.0.1", 4573))
    return replace(plan, agents=(*plan.agents, anna), **changes)


def without() -> PbxConfig:
    return actors_config(5038, ("127.0.0.1", 4573))


def test_a_site_without_phones_in_pages_gets_no_file_and_no_context():
    files = render(without(), AsteriskVersion.V22)
    assert FILE not in files
    assert "[winback-web]" not in files["winback_extensions.conf"]


@pytest.mark.parametrize("version", list(AsteriskVersion))
def test_every_page_that_is_a_phone_has_an_endpoint_behind_a_password_of_its_own(version):
    text = render(config(), version)[FILE]
    assert faults(FILE, text) == ()
    assert f"[{ENDPOINT}](winback-web-phone)\nauth = {ENDPOINT}\naors = {ENDPOINT}\n" in text
    assert f"password = {page_phone_password(config().secret, ENDPOINT)}\n" in text
    assert "webrtc = yes\ndisallow = all\nallow = opus,ulaw\n" in text
    assert "protocol = wss\n" in text
    assert text.count("type = endpoint") == 1  # the template: standing agents get none


def test_passwords_differ_by_agent_and_by_secret_and_are_never_shown():
    ours = page_phone_password("one-secret", ENDPOINT)
    assert ours != page_phone_password("one-secret", USUAL.page_phone("bo"))
    assert ours != page_phone_password("another-secret", ENDPOINT)
    assert page_phone_password(config().secret, ENDPOINT) not in hide_secrets(
        render(config(), AsteriskVersion.V22)[FILE]
    )


def test_a_page_reaches_queues_and_the_echo_and_numbers_only_where_a_context_is_named():
    context = render(config(), AsteriskVersion.V22)["winback_extensions.conf"].split("[winback-web]\n")[1]
    assert "exten => echo,1,Answer()\n" in context
    assert "exten => queue-support,1,Goto(winback-inbound,support,1)\n" in context
    assert "_X." not in context

    phones = PagePhones(numbers="from-internal", dial=("2XX", "+4722000000"))
    context = render(config(page_phones=phones), AsteriskVersion.V22)["winback_extensions.conf"]
    assert "exten => _2XX,1,Goto(from-internal,${FILTER(+0-9,${EXTEN})},1)\n" in context
    assert "exten => _+4722000000,1,Goto(from-internal,${FILTER(+0-9,${EXTEN})},1)\n" in context
    assert "_X" not in context.split("[winback-web]\n")[1]


@pytest.mark.parametrize(
    "phones",
    [
        {"numbers": "from-internal"},
        {"dial": ("2XX",)},
        {"numbers": "from-internal", "dial": ("+47XXXXXXXX",)},
        {"numbers": "from-internal", "dial": ("X.",)},
        {"numbers": "from-internal", "dial": ("200\n",)},
    ],
)
def test_a_page_dials_numbers_that_are_named_and_no_whole_number_plan(phones):
    with pytest.raises(ValueError, match="number"):
        PagePhones(**phones)


def test_an_adopted_queue_is_entered_by_its_own_name():
    text = render(config(adopt=True), AsteriskVersion.V22)["winback_extensions.conf"]
    assert "exten => queue-support,1,Queue(support)\n" in text


def test_what_is_needed_no_more_says_nothing_and_is_loaded_anew():
    before = render(config(), AsteriskVersion.V22)
    after = render(without(), AsteriskVersion.V22, there={FILE})
    assert "[" not in after[FILE]
    assert "module reload res_pjsip.so" in reload_commands(before, after, USUAL)


def test_on_freepbx_a_page_is_refused_with_what_to_do():
    names = Names(freepbx=True)
    anna = AgentLine(id="anna", name="Anna", phone="PJSIP/winback-web-anna", in_page=True, names=names)
    with pytest.raises(ValueError, match="make a WebRTC extension there"):
        replace(without(), names=names, agents=(anna,))


@pytest.mark.parametrize("phones", [{"codecs": ()}, {"codecs": ("opus\n",)}, {"numbers": "a]b"}])
def test_what_a_file_would_read_as_more_than_a_name_is_refused(phones):
    with pytest.raises(ValueError, match=r"codec|context"):
        PagePhones(**phones)

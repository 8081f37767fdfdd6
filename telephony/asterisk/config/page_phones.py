"""Phones in agents' pages: an endpoint of PJSIP for each, reached over a web socket, its sound by WebRTC.

Asterisk makes its own certificate for the sound (DTLS) and says its addresses (ICE) itself. The web socket
is the site's: `http.conf` says where Asterisk listens, and with which certificate.
"""

import hashlib
import hmac
from typing import Final

from telephony.asterisk.config.model import PbxConfig

WEB: Final = "web"
#: extension of the echo test; queues have theirs behind this word
ECHO: Final = "echo"
TO_QUEUE: Final = "queue-"
_PURPOSE: Final = b"winback phone in page "
_LENGTH: Final = 32  # hexadecimal digits: 128 bits
#: a page that was closed in mid-call sends no sound and no good-bye; seconds until its call is over
SILENT_FOR_S: Final = 30


def page_phone_password(manager_secret: str, endpoint: str) -> str:
    """What the page of this endpoint proves itself with; follows from the manager's secret."""
    return hmac.new(manager_secret.encode(), _PURPOSE + endpoint.encode(), hashlib.sha256).hexdigest()[
        :_LENGTH
    ]


def pjsip_lines(config: PbxConfig) -> list[str]:
    """`<prefix>_pjsip.conf`, to be included at the end of `pjsip.conf`; empty where no page is a phone."""
    if not config.agents_in_page:
        return []
    phones, web = config.page_phones, config.names.context(WEB)
    lines = [
        f"[{web}]",
        "type = transport",
        f"protocol = {'wss' if phones.secure else 'ws'}",
        "bind = 0.0.0.0",  # asked for and not used: the web socket listens where http.conf says
        "",
        f"[{web}-phone](!)",
        "type = endpoint",
        f"context = {web}",
        "webrtc = yes",
        "disallow = all",
        f"allow = {','.join(phones.codecs)}",
        "direct_media = no",
        f"rtp_timeout = {SILENT_FOR_S}",
        "",
    ]
    for agent in config.agents_in_page:
        name = config.names.page_phone(agent.id)
        lines += [
            f"[{name}]({web}-phone)",
            f"auth = {name}",
            f"aors = {name}",
            "",
            f"[{name}]",
            "type = auth",
            "auth_type = userpass",
            f"username = {name}",
            f"password = {page_phone_password(config.secret, name)}",
            "",
            f"[{name}]",
            "type = aor",
            "max_contacts = 1",
            "remove_existing = yes",  # a page that is opened anew is the phone, not the one before it
            "",
        ]
    return lines


def page_phone_lines(config: PbxConfig) -> list[str]:
    """What a phone in a page may dial, and where it may send somebody: queues, and numbers that are named.

    No permit is asked for a number, so only those that the site has named itself can be dialled: customers
    are called by Winback, behind the permit, or not at all.
    """
    lines = [
        f"[{config.names.context(WEB)}]",
        f"exten => {ECHO},1,Answer()",
        " same => n,Echo()",
        " same => n,Hangup()",
    ]
    for queue in config.callers_queues:
        into = (
            f"Queue({queue.name})"
            if config.adopt
            else (f"Goto({config.names.context('inbound')},{queue.name},1)")
        )
        lines += [f"exten => {TO_QUEUE}{queue.name},1,{into}", " same => n,Hangup()"]
    if config.page_phones.numbers is not None:
        lines += [
            f"exten => _{pattern},1,Goto({config.page_phones.numbers},${{FILTER(+0-9,${{EXTEN}})}},1)"
            for pattern in config.page_phones.dial
        ]
    return lines

"""The phone in an agent's page: what it needs to reach Asterisk, and what is missing where it cannot."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel

from dialer.pbx_settings import AgentSettings
from dialer.settings import Settings
from dialer.web.headers import HEADERS
from dialer.web.languages import to_say
from dialer.web_settings import PhoneSettings
from telephony.asterisk.config.page_phones import ECHO, TO_QUEUE, page_phone_password

STATIC: Final = Path(__file__).parent / "static"
LIBRARY: Final = "npm/sip.js-*/lib/index.js"  # as `requirements/npm.toml` brings it in


class PagePhone(BaseModel):
    """What a page is told that is a phone: where to register as whom, and whom it may send calls to."""

    library: str
    address: str
    user: str
    domain: str
    password: str
    stun: list[str]
    echo: str
    to_queue: str
    queues: list[str]
    numbers: bool


def library() -> str | None:
    """Where the page finds the library; None where nobody has brought it in."""
    found = sorted(STATIC.glob(LIBRARY))
    return f"/static/{found[-1].relative_to(STATIC)}" if found else None


def phone_fault(settings: Settings) -> str:
    """What is missing before a page can be a phone, in one sentence; empty where nothing is."""
    if not settings.web.phone.address:
        return to_say(
            "This page has no phone yet: the setting web.phone.address does not say where Asterisk is."
        )
    if settings.pbx.secret is None:
        return to_say(
            "This page has no phone yet: the setting pbx.secret, which its password follows from, is not set."
        )
    if library() is None:
        return to_say(
            "This page has no phone yet: its library is not installed (`make phone`, then install again)."
        )
    return ""


def agent_of(settings: Settings, agent: str) -> AgentSettings | None:
    """The agent, where their page is their phone."""
    return next((each for each in settings.agents if each.id == agent and each.in_page), None)


def page_phone(settings: Settings, agent: str) -> PagePhone:
    """The phone of an agent's page, where nothing is missing for it."""
    found, phone, secret = library(), settings.web.phone, settings.pbx.secret
    if found is None or secret is None:
        raise ValueError("phone_fault says what is missing")
    user = settings.pbx.names.page_phone(agent)
    return PagePhone(
        library=found,
        address=phone.address,
        user=user,
        domain=urlsplit(phone.address).hostname or "",
        password=page_phone_password(secret.get_secret_value(), user),
        stun=phone.stun,
        echo=ECHO,
        to_queue=TO_QUEUE,
        queues=list(settings.queues.callers()),
        numbers=phone.numbers is not None,
    )


def phone_headers(phone: PhoneSettings) -> dict[str, str]:
    """The headers of a page that is a phone: it may reach Asterisk too, and ask for the microphone."""
    policy = HEADERS["content-security-policy"]
    return {
        "content-security-policy": policy.replace("connect-src 'self'", f"connect-src 'self' {phone.origin}"),
        "permissions-policy": HEADERS["permissions-policy"].replace("microphone=()", "microphone=(self)"),
        "x-frame-options": HEADERS["x-frame-options"],
    }

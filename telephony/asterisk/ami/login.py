"""Logging in: the secret is proven by its MD5 with a challenge, or sent where the way is safe."""

import hashlib
from collections.abc import Awaitable, Callable

from telephony.asterisk.ami.actions import Action, Challenge, Login
from telephony.asterisk.ami.transport import LinkSettings, LoginWay
from telephony.asterisk.ami.wire import Frame
from telephony.errors import ActionRefused, HeaderError, LoginRefused


async def log_in(settings: LinkSettings, exchange: Callable[[Action], Awaitable[Frame]]) -> None:
    """Be let in; `exchange` sends one action and gives its answer, within the log-in's deadline.

    Raises `LoginRefused` where trying again will not help: the PBX says no, or the secret cannot travel.
    """
    try:
        if settings.login is LoginWay.CHALLENGE:
            answer = await exchange(Challenge())
            proof = hashlib.md5(
                (answer.get("Challenge") + settings.secret).encode(), usedforsecurity=False
            ).hexdigest()
            await exchange(Login(username=settings.username, key=proof))
        else:
            await exchange(Login(username=settings.username, secret=settings.secret))
    except (ActionRefused, HeaderError) as refusal:
        raise LoginRefused(f"{settings.username} at {settings.host}:{settings.port}: {refusal}") from None

"""By what FastAGI knows that the rendered dialplan asks, and not whoever reaches its port.

The secret follows from the manager's: engine, dialplan and simulated PBX find the same one, and nobody has
one more to look after. It never travels, and Asterisk's log never holds it: with each question the dialplan
sends what it makes of the secret and the asking channel's own id, which is of no use to another channel.
"""

import hashlib
import hmac
import re
from typing import Final

_PURPOSE: Final = b"winback fastagi"
_LENGTH: Final = 32  # hexadecimal digits: 128 bits, and the line of the dialplan stays short
_SHOWN: Final = re.compile(
    r"(?P<before>\$\{SHA1\(|^[ +-]?(?:secret|password) = )(?P<secret>[^:\s]+)", re.MULTILINE
)


def fastagi_secret(manager_secret: str) -> str:
    """The secret of a dialplan whose manager user has this one."""
    return hmac.new(manager_secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()[:_LENGTH]


def channel_proof(secret: str, channel: str) -> str:
    """What a dialplan that knows the secret sends for this channel's unique id."""
    return hashlib.sha1(f"{secret}:{channel}".encode()).hexdigest()  # noqa: S324 - the digest Asterisk has


def proof_expression(secret: str) -> str:
    """The same in the dialplan's own words, by the function of func_sha1."""
    return f"${{SHA1({secret}:${{UNIQUEID}})}}"


def proves(given: str, secret: str, channel: str) -> bool:
    """Whether this was sent by a dialplan that knows the secret, for this channel."""
    return hmac.compare_digest(given.encode(), channel_proof(secret, channel).encode())


def hide_secrets(text: str) -> str:
    """Rendered text, or a diff of it, fit to be shown: equal secrets look equal, others do not."""

    def hide(found: re.Match[str]) -> str:
        mark = hashlib.sha256(found["secret"].encode()).hexdigest()[:4]
        return f"{found['before']}(hidden, {mark})"

    return _SHOWN.sub(hide, text)

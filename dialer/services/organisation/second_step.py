"""The second step of a log-in: six digits from an app on a telephone (RFC 6238), each good once."""

from datetime import datetime
from typing import Final

import pyotp

from dialer.db.queries import audit, users
from dialer.db.session import Database

CODE_STEP_S: Final = 30  # of a code, as every app has it
CODES_BESIDE: Final = 1  # the one before and the one after hold too: telephones' clocks differ
ISSUER: Final = "Winback"


def second_step_address(name: str, secret: str) -> str:
    """What an app on a telephone is told, as its QR code or by a link."""
    return pyotp.TOTP(secret, interval=CODE_STEP_S).provisioning_uri(name=name, issuer_name=ISSUER)


def new_second_step() -> str:
    """A secret for a second step, to be proven once before it counts."""
    return pyotp.random_base32()


def keep_second_step(database: Database, user: int, secret: str | None, code: str, now: datetime) -> bool:
    """Keep a second step once its code was right, or (`secret` None) give up the one there is by its code."""
    with database.write() as tx:
        row = users.by_id(tx, user)
        proven = secret or (row.totp_secret if row is not None else None)
        if row is None or proven is None:
            return False
        step = step_of(proven, code, now)
        if step is None or (secret is None and step <= row.totp_step):
            return False
        row.totp_secret, row.totp_step = secret, step
        act = "user.second-step-set" if secret is not None else "user.second-step-given-up"
        audit.add(tx, now, row.name, act, row.name, {})
        return True


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which step's code this is, among those that hold now; None: of none."""
    typed = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=CODE_STEP_S)
    this = int(now.timestamp()) // CODE_STEP_S
    for step in range(this - CODES_BESIDE, this + CODES_BESIDE + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), typed):
            return step
    return None

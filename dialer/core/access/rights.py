"""What somebody may do, and which role may do what. A token's scopes are rights as well."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Right(StrEnum):
    """One thing that somebody may do; pages, API and tokens name these and no others."""

    ACCOUNT = "account"  # one's own password, second step, language, tokens
    DESK = "desk"  # the page and the acts of the agent whom this person is
    SEE_FLOOR = "floor.read"
    DIRECT_AGENTS = "floor.direct"
    SEE_CAMPAIGNS = "campaigns.read"
    CHANGE_CAMPAIGNS = "campaigns.change"
    PLAN = "plan.read"
    SEE_CUSTOMERS = "customers.read"
    CHANGE_CUSTOMERS = "customers.change"
    NUMBERS = "numbers"  # whole telephone numbers, where others see the last digits
    SEE_PROMISES = "promises.read"
    CHANGE_PROMISES = "promises.change"
    SEE_DO_NOT_CALL = "do-not-call.read"
    CHANGE_DO_NOT_CALL = "do-not-call.change"
    SEE_SCHEDULE = "schedule.read"
    RUN_SCHEDULE = "schedule.run"
    SEE_REPORTS = "reports.read"
    EXPORT = "exports"  # take reports away as files, and have them sent by mail
    HEAR_RECORDINGS = "recordings.read"
    CHANGE_RECORDINGS = "recordings.change"  # silence a part, delete one
    SEE_OUTBOX = "outbox.read"  # texts, events and mails: what waits, what failed
    CHANGE_OUTBOX = "outbox.change"
    AUDIT = "audit.read"  # who did what and when, to look up and to take away
    USERS = "users"  # who may log in, and as what
    SETUP = "setup"  # agents, teams, queues, trunks, words and hours
    RENDER = "setup.render"  # have Asterisk's files rendered and read again


class UserRole(StrEnum):
    """What a person is here for."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ANALYST = "analyst"
    ADMIN = "admin"


_AGENT: Final = frozenset({Right.ACCOUNT, Right.DESK})
_READS: Final = frozenset(
    {
        Right.SEE_FLOOR,
        Right.SEE_CAMPAIGNS,
        Right.PLAN,
        Right.SEE_PROMISES,
        Right.SEE_REPORTS,
        Right.EXPORT,
        Right.SEE_OUTBOX,
        Right.SEE_SCHEDULE,
    }
)
_SUPERVISOR: Final = _AGENT | {
    Right.SEE_FLOOR,
    Right.DIRECT_AGENTS,
    Right.SEE_CAMPAIGNS,
    Right.SEE_CUSTOMERS,
    Right.NUMBERS,
    Right.SEE_PROMISES,
    Right.CHANGE_PROMISES,
    Right.SEE_REPORTS,
    Right.HEAR_RECORDINGS,
    Right.SEE_DO_NOT_CALL,
    Right.CHANGE_DO_NOT_CALL,
}
_MANAGER: Final = (
    _SUPERVISOR
    | _READS
    | {
        Right.CHANGE_CAMPAIGNS,
        Right.CHANGE_CUSTOMERS,
        Right.RUN_SCHEDULE,
        Right.CHANGE_RECORDINGS,
        Right.CHANGE_OUTBOX,
        Right.AUDIT,
        Right.SETUP,
    }
)

RIGHTS_OF: Final[Mapping[UserRole, frozenset[Right]]] = {
    UserRole.AGENT: _AGENT,
    UserRole.SUPERVISOR: _SUPERVISOR,
    UserRole.MANAGER: _MANAGER,
    UserRole.ANALYST: _READS | {Right.ACCOUNT},
    UserRole.ADMIN: frozenset(Right),
}

#: what a token is never for: nobody is logged in by one, and none makes further ones
NO_SCOPES: Final = frozenset({Right.ACCOUNT, Right.USERS})
SCOPES: Final = tuple(right for right in Right if right not in NO_SCOPES)

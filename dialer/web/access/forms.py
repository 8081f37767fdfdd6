"""What people send about log-ins, accounts and users, bounded."""

from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from dialer.core.access.passwords import LONGEST, user_name
from dialer.core.access.rights import SCOPES, Right, UserRole
from dialer.web.languages import to_say
from dialer.web.schemas import AgentId, Blank, Input, Line, Words

LONGEST_CODE: Final = 12  # six digits, as people group them
# no more than is hashed, and whatever a keyboard sends
Password = Annotated[str, Field(max_length=LONGEST)]
Code = Annotated[str, Field(pattern=r"^[0-9 ]*$", max_length=LONGEST_CODE)]
Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,80}$")]
SecondStepSecret = Annotated[str, Field(pattern=r"^[A-Z2-7]{32}$")]
TokenName = Annotated[Words, Field(max_length=40)]
TeamId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
WEEKS: Final = 520  # ten years: longer than anybody remembers a token


class LogInForm(Input):
    """Who somebody is, and where they wanted to go."""

    name: Annotated[Line, Field(max_length=60)]
    password: Password
    code: Code = ""
    next: Annotated[str, Field(max_length=2000)] = ""


class InvitationForm(Input):
    """A password, typed twice, and how somebody is called."""

    display: Annotated[Line, Field(max_length=120)] = ""
    password: Password
    again: Password


class PasswordForm(Input):
    """A change of one's own password."""

    old: Password
    password: Password
    again: Password


class SecondStepForm(Input):
    """A second step, proven by its first code."""

    secret: SecondStepSecret
    code: Code


class CodeForm(Input):
    """A code of the second step there is."""

    code: Code


class LanguageForm(Input):
    """The language in which somebody reads pages; empty: the house's, or the browser's."""

    language: Literal["", "en", "nb", "sv", "da", "fi", "de"] = ""


class TokenForm(Input):
    """A token to be made: for what, with which scopes, for how long."""

    name: TokenName
    scopes: list[Right] = Field(min_length=1)
    weeks: Annotated[int, Field(ge=1, le=WEEKS)] = 52

    @field_validator("scopes")
    @classmethod
    def _are_scopes(cls, scopes: list[Right]) -> list[Right]:
        if not set(scopes) <= set(SCOPES):
            raise ValueError(to_say("A token is not for accounts and users."))
        return scopes


class UserForm(Input):
    """What somebody is here for."""

    role: UserRole
    agent: Annotated[AgentId | None, Blank] = None
    teams: tuple[TeamId, ...] = ()


class NewUserForm(UserForm):
    """The same, with the log-in name."""

    name: Annotated[str, Field(max_length=60)]
    display: Annotated[Line, Field(max_length=120)] = ""

    @field_validator("name")
    @classmethod
    def _is_name(cls, name: str) -> str:
        known = user_name(name)
        if known is None:
            raise ValueError(to_say("A log-in name has letters a-z, digits and . _ @ + - alone."))
        return known

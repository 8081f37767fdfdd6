"""The settings of what leaves the house: texts, webhooks, and the doors that are open to everybody."""

import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from dialer.pbx_settings import Table
from dialer.secure_address import secure_address

#: names without a log-in, or a key that is guessed, would let anybody move anybody's call
SHORTEST_KEY: Final = 24  # characters; `openssl rand -base64 32` gives 44

TextKind = Literal[
    "promise.made",
    "promise.moved",
    "promise.put_off",
    "promise.outage",
    "promise.busy",
    "promise.handed_on",
    "promise.missed",
    "promise.cancelled",
    "promise.closed",
    "promise.kept",
]
EndpointName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]


#: what a CRM may be told of a step of a promise, by the names that stand in braces
STEP_FACTS: Final = (
    *("event", "id", "time", "customer"),
    *("promise", "reference", "queue", "state", "reason"),
)
PLACE: Final = re.compile(r"\{([a-z_]*)\}")


class TextSettings(Table):
    """Texts (SMS) to customers, through somebody's HTTP gateway."""

    way: Literal["none", "http", "file"] = Field(
        "none", description="how texts go out: not at all, by a gateway, or into data_dir/texts.jsonl to try"
    )
    url: str = Field("", description="of the gateway: what a text is posted to")
    token: SecretStr | None = Field(None, description="of the gateway: sent as `Authorization: Bearer …`")
    body: Literal["json", "form"] = Field("json", description="how the gateway wants a text written")
    to_field: str = Field("to", min_length=1, description="what the gateway calls the number")
    from_field: str = Field("from", min_length=1, description="what the gateway calls the sender")
    text_field: str = Field("text", min_length=1, description="what the gateway calls the words")
    sender: str = Field("", max_length=16, description="who texts: a number, or up to 11 letters")
    name: str = Field("", max_length=40, description="the centre's name, as customers know it")
    kinds: list[TextKind] = Field(
        [
            "promise.made",
            "promise.moved",
            "promise.put_off",
            "promise.outage",
            "promise.busy",
            "promise.handed_on",
            "promise.cancelled",
            "promise.closed",
        ],
        description="what customers are told by text, where their number is a mobile",
    )
    timeout_s: float = Field(5.0, gt=0, le=30, description="how long a gateway is waited for, seconds")

    @field_validator("url")
    @classmethod
    def _secure_url(cls, url: str) -> str:
        return secure_address(url) if url else url

    @model_validator(mode="after")
    def _whole(self) -> "TextSettings":
        if self.way == "http" and not self.url:
            raise ValueError("way: a gateway needs its url")
        if self.way != "none" and not self.name:
            raise ValueError("name: customers are to be told whose text it is")
        return self


class MailSettings(Table):
    """Mails to people of the centre: the reports that are sent to them. Customers get none."""

    way: Literal["none", "smtp", "file"] = Field(
        "none", description="how mails go out: not at all, by a mail server, or into data_dir/mails to try"
    )
    host: str = Field("", description="the mail server's name")
    port: int = Field(587, ge=1, le=65535, description="its port: 587 with starttls, 465 with tls")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the way there is kept private; none: on this machine or network alone"
    )
    user: str = Field("", description="the log-in there; empty: none is needed")
    password: SecretStr | None = Field(None, description="its password, better WINBACK_MAIL__PASSWORD")
    sender: Annotated[str, StringConstraints(pattern=r"^([^@\s<>]+@[^@\s<>]+)?$")] = Field(
        "", description="the address that mails are from"
    )
    domains: list[str] = Field(
        [], description="domains that reports may be sent to, e.g. example.com; none: nowhere"
    )
    timeout_s: float = Field(10.0, gt=0, le=30, description="how long the server is waited for, seconds")

    @model_validator(mode="after")
    def _whole(self) -> "MailSettings":
        if self.way == "smtp" and not self.host:
            raise ValueError("way: a mail server needs its host")
        if self.way != "none" and not self.sender:
            raise ValueError("sender: people are to be told whose mail it is")
        if self.password is not None and self.tls == "none" and self.host not in {"localhost", "127.0.0.1"}:
            raise ValueError("tls: a password would cross the network in clear; write starttls or tls")
        return self


class SurveySettings(Table):
    """One question after a call, by text or by key: how likely the customer is to recommend the company."""

    ask: bool = Field(False, description="whether customers are asked by text; needs texts and public.*")
    by_key: bool = Field(
        False,
        description="whether whoever stays on the line when the agent has hung up is asked by key; "
        "render and reload Asterisk's files afterwards; calls with their agent first are asked by text alone",
    )
    consent: str = Field(
        "", max_length=120, description="the column of customer files that says yes to being asked"
    )
    words: list[Literal["saved", "served", "offer_made", "lost"]] = Field(
        ["saved", "served", "offer_made"], description="what came of the talks that are asked about"
    )
    after_min: int = Field(10, ge=0, le=120, description="minutes after a talk until its customer is asked")
    rest_d: int = Field(90, ge=7, description="days in which nobody is asked twice")

    @model_validator(mode="after")
    def _whole(self) -> "SurveySettings":
        if (self.ask or self.by_key) and not self.consent:
            raise ValueError("consent: name the column that says who agreed to be asked")
        return self


class WebhookSettings(Table):
    """A program that hears of every step of every promise: in our events, or in its own words."""

    name: EndpointName = Field(description="what it is called on pages and in the list of messages")
    url: str = Field(description="what steps are sent to; a CRM's may have facts in it, e.g. {customer}")
    adapter: Literal["event", "rest", "hubspot"] = Field(
        "event", description="signed CloudEvents, a CRM's own request, or contacts as HubSpot has them"
    )
    secret: SecretStr | None = Field(None, description="what events are signed with, 24 characters or more")
    token: SecretStr | None = Field(
        None, description="of a CRM: sent as `Authorization: Bearer …`; for HubSpot a private app's"
    )
    method: Literal["POST", "PUT", "PATCH"] = Field("POST", description="of a CRM's request")
    fields: dict[str, str] = Field(
        {}, description="of a CRM: what each of its fields is told, with facts in braces, e.g. {state}"
    )
    id_property: str = Field(
        "customer_number",
        pattern=r"^[a-z][a-z0-9_]{0,99}$",
        description="of HubSpot: the contacts' unique property that holds the company's own id",
    )
    timeout_s: float = Field(5.0, gt=0, le=30, description="how long it is waited for, seconds")

    @field_validator("url")
    @classmethod
    def _secure_url(cls, url: str) -> str:
        return secure_address(url)

    @field_validator("secret")
    @classmethod
    def _long_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        return _long(secret) if secret is not None else None

    @model_validator(mode="after")
    def _whole(self) -> "WebhookSettings":
        if self.adapter == "event" and self.secret is None:
            raise ValueError("secret: whoever gets an event has to be able to tell that it is ours")
        if self.adapter == "rest" and not self.fields:
            raise ValueError("fields: say what the CRM is to be told")
        for template in (self.url, *self.fields.values()):
            unknown = [name for name in PLACE.findall(template) if name not in STEP_FACTS]
            if unknown:
                raise ValueError(f"{{{unknown[0]}}} is no fact; there are {', '.join(STEP_FACTS)}")
        return self


class PublicSettings(Table):
    """The doors that are open to everybody: the web form, its API, and the links in texts.

    All of them are shut until address and key are set.
    """

    address: str = Field("", description="where customers reach the pages, e.g. https://call.example.com")
    key: SecretStr | None = Field(
        None, description="what links and codes are signed with, 24 letters or more"
    )
    form: bool = Field(False, description="whether the web form and its API are open; links work without")
    speak_code: bool = Field(
        False,
        description="whether a call speaks the code where no text can: no gateway, or a landline",
    )
    embed: list[str] = Field(
        [], description="sites that may show the form in theirs: https://www.example.com"
    )
    link_days: int = Field(14, ge=1, le=60, description="how long a link in a text works, days")
    address_per_hour: int = Field(5, ge=1, description="requests from one address in an hour")
    number_per_day: int = Field(3, ge=1, description="codes to one number in 24 hours")
    all_per_hour: int = Field(60, ge=1, description="requests in an hour by all; what a flood costs at most")

    @field_validator("address")
    @classmethod
    def _secure_address(cls, address: str) -> str:
        return secure_address(address).rstrip("/") if address else address

    @field_validator("embed")
    @classmethod
    def _secure_sites(cls, embed: list[str]) -> list[str]:
        for site in embed:
            if urlsplit(secure_address(site)).path not in {"", "/"}:
                raise ValueError(f"{site!r} is more than a site: write https://www.example.com")
        return [site.rstrip("/") for site in embed]

    @field_validator("key")
    @classmethod
    def _long_key(cls, key: SecretStr | None) -> SecretStr | None:
        return _long(key) if key is not None else None

    def proves(self, *, texts: bool) -> bool:
        """Whether a number can be proven: doors that are open, and a code by text or by a call."""
        return self.open and (texts or self.speak_code)

    @property
    def open(self) -> bool:
        """Whether links can be made at all."""
        return bool(self.address) and self.key is not None


def _long(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_KEY:
        raise ValueError(f"it can be guessed: write {SHORTEST_KEY} characters or more")
    return secret

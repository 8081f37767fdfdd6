"""The settings of the pages: where they are, who stands before them, and how people log in."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from dialer.pbx_settings import Language, Table
from dialer.secure_address import secure_address
from telephony.asterisk.config.model import PagePhones

STUN_ADDRESS: Final = re.compile(r"stuns?:[A-Za-z0-9.-]{1,255}(:[0-9]{1,5})?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; a name that may be anybody's is none."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class OidcSettings(Table):
    """The house's own log-in, by OpenID Connect."""

    issuer: str = Field("", description="the provider's address: https://login.example.com/realms/house")
    client_id: str = Field("", description="what the provider knows Winback as")
    client_secret: SecretStr | None = Field(
        None, description="what it was given there; unset: a public client, which PKCE alone protects"
    )
    name_claim: str = Field(
        "preferred_username",
        pattern=r"^[A-Za-z0-9_:/.-]{1,120}$",
        description="which claim of the ID token is the log-in name here, e.g. email or upn",
    )
    scope: str = Field(
        "openid profile email", description="what is asked for; must hold openid and bring that claim"
    )
    label: str = Field("Log in", max_length=60, description="what the button on the log-in page says")

    @field_validator("issuer")
    @classmethod
    def _reached_unread(cls, issuer: str) -> str:
        return secure_address(issuer) if issuer else issuer


class LoginSettings(Table):
    """How people prove who they are."""

    mode: Literal["local", "oidc", "proxy", "off"] = Field(
        "local",
        description="local: passwords kept here; oidc: your OpenID provider; proxy: a proxy in front "
        "says who it is; off: nobody is asked, on loopback alone",
    )
    oidc: OidcSettings = OidcSettings()
    session_h: float = Field(
        12.0, gt=0, le=24 * 30, description="how long a log-in lasts, hours: a working day"
    )
    header: str = Field(
        "X-Remote-User",
        pattern=r"^[A-Za-z][A-Za-z0-9-]{1,60}$",
        description="proxy: the header in which the proxy names the user; it must replace what a client sent",
    )


class PhoneSettings(Table):
    """The phone in agents' pages: their sound by WebRTC, to an Asterisk that the browser reaches itself."""

    address: str = Field(
        "",
        description="where a browser reaches Asterisk: wss://pbx.example.com:8089/ws, ws:// on this machine "
        "only; unset: pages have no phone",
    )
    stun: list[str] = Field([], max_length=4, description="STUN servers, e.g. stun:stun.example.com:3478")
    codecs: list[str] = Field(
        ["opus", "ulaw"], min_length=1, description="in order of preference; opus needs a codec_opus module"
    )
    numbers: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,79}$",
        description="the site's dialplan context in which agents ask or transfer to one of `dial`, by "
        "its own rules; unset: to queues only",
    )
    dial: list[str] = Field(
        [],
        max_length=100,
        description="numbers and extensions that agents may dial there, e.g. 2XX, +4722000000; X is any "
        "digit, Z 1 to 9, N 2 to 9, at most four of them in one",
    )

    @field_validator("address")
    @classmethod
    def _reached_unheard(cls, address: str) -> str:
        return secure_address(address, schemes=("wss", "ws")) if address else address

    @field_validator("stun")
    @classmethod
    def _stun_addresses(cls, stun: list[str]) -> list[str]:
        for server in stun:
            if not STUN_ADDRESS.fullmatch(server):
                raise ValueError(f"not a STUN server: {server!r}; write stun:host or stun:host:port")
        return stun

    @model_validator(mode="after")
    def _only_named_numbers(self) -> Self:
        """Refuse a context in which nothing may be dialled, and a pattern that lets customers be dialled."""
        try:
            PagePhones(numbers=self.numbers, dial=tuple(self.dial))
        except ValueError as fault:
            raise ValueError(f"dial: {fault}") from None
        return self

    @property
    def origin(self) -> str:
        """Scheme, host and port of the address, as a browser's policy names whom a page may reach."""
        return "/".join(self.address.split("/")[:3])


class FloorSettings(Table):
    """When the floor page says that somebody is needed; near a limit it says so a fifth earlier."""

    ready_s: float = Field(180, gt=0, description="an agent without a call for longer, seconds")
    talking_s: float = Field(900, gt=0, description="a talk that takes longer, seconds")
    wrapping_up_s: float = Field(90, gt=0, description="a wrap-up that takes longer, seconds")
    paused_s: float = Field(1800, gt=0, description="a pause that takes longer, seconds")
    wait_s: float = Field(300, gt=0, description="a caller who waits for longer, seconds")
    listening: Literal["told", "untold", "off"] = Field(
        "told",
        description="supervisors may listen to calls, whisper, join in; told: the agent's page says so",
    )
    words_due: int = Field(1, ge=1, description="so many talks of an agent of which nothing is written down")


class WebSettings(Table):
    """Where the pages are."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port of the pages")
    language: Language = Field(
        "en",
        description="of reasons in files and for programs, and of pages whose reader asks for no other: "
        "en, sv, nb, da, fi or de",
    )
    pages_language: Language | None = Field(
        None,
        description="of pages, for who chose none: en, nb, sv, da, fi or de; unset: as browsers ask",
    )
    hosts: list[str] = Field([], description="further host names the pages answer to, e.g. behind a proxy")
    proxies: list[IPv4Network | IPv6Network] = Field(
        [IPv4Network("127.0.0.1/32")],
        description="networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
    )
    certificate: Path | None = Field(
        None, description="PEM file of a certificate with its chain: the pages then speak TLS"
    )
    key: Path | None = Field(None, description="PEM file of its key; unset: it is in the same file")
    phone: PhoneSettings = PhoneSettings()
    login: LoginSettings = LoginSettings()
    floor: FloorSettings = FloorSettings()

    @model_validator(mode="after")
    def _no_open_door(self) -> Self:
        """Refuse what would let anybody in who reaches the port, or let anybody say who they are."""
        if self.login.mode == "off" and not is_loopback(self.host):
            raise ValueError(
                f"login.mode is off, and {self.host} is reached from elsewhere: choose local or proxy"
            )
        oidc = self.login.oidc
        if self.login.mode == "oidc" and not (
            oidc.issuer and oidc.client_id and "openid" in oidc.scope.split()
        ):
            raise ValueError("login.mode oidc needs login.oidc.issuer, .client_id and openid in .scope")
        if self.login.mode == "proxy" and "proxies" not in self.model_fields_set:
            raise ValueError("login.mode proxy needs web.proxies: who may say who somebody is")
        if self.key is not None and self.certificate is None:
            raise ValueError("key without certificate")
        return self

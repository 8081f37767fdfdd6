"""The house's OpenID provider: asked to log somebody in, and heard about who that is.

OpenID Connect Core 1.0, the authorization code flow with PKCE (RFC 7636). Authlib speaks it; here stand what
Winback asks for and what it believes: a signature of the provider's own keys by an asymmetric algorithm, the
issuer and client that are set, the nonce of this very log-in, a token that is minutes old.
"""

import threading
import time
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2 import OAuth2Error
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from dialer.core.access.passwords import user_name
from dialer.secure_address import secure_address
from dialer.services.organisation.provider_log_in import AskedLogIn, ProvenPerson, ProviderFault
from dialer.web_settings import OidcSettings

#: signed with the provider's private key; a shared secret or none would let others sign
ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
)
TIMEOUT_S: Final = 10.0  # somebody looks at an empty page meanwhile
KEPT_S: Final = 3600.0  # what a provider says of itself
NEW_KEY_S: Final = (
    60.0  # a key we do not know is looked for no more often: whoever invents keys asks for nothing
)
LEEWAY_S: Final = 60  # between its clock and ours
WELL_KNOWN: Final = "/.well-known/openid-configuration"
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LONGEST_SUBJECT: Final = 255  # characters, by OpenID Connect Core 1.0, section 2


class OidcProvider:
    """One provider; what it says of itself is read when first needed, and again after an hour."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    def address(self, asked: AskedLogIn, back: str) -> str:
        """Where the browser is sent; it comes back to `back`. Raises ProviderFault."""
        known, _ = self._read()
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                known["authorization_endpoint"],
                state=asked.state,
                nonce=asked.nonce,
                code_verifier=asked.verifier,
            )
        return str(address)

    def who(self, asked: AskedLogIn, answer: str, back: str) -> ProvenPerson:
        """Who came back with `answer`, the whole address the browser was sent to. Raises ProviderFault."""
        known, keys = self._read()
        said = parse_qs(urlsplit(answer).query)
        if "code" not in said:
            raise ProviderFault(f"no code, but {said.get('error', ['nothing'])[0]!r}")
        if said.get("iss", [known["issuer"]]) != [known["issuer"]]:
            raise ProviderFault("another provider's answer")  # RFC 9207: one may be led from one to another
        try:
            with self._client(back) as client:
                token = client.fetch_token(
                    known["token_endpoint"],
                    authorization_response=answer,
                    state=asked.state,
                    code_verifier=asked.verifier,
                )
            try:
                return self._proven(token, asked, keys)
            except InvalidKeyIdError:  # it signs with a new key
                return self._proven(token, asked, self._read(kept_s=NEW_KEY_S)[1])
        except (httpx2.HTTPError, OAuth2Error, OAuthError, JoseError, ValueError, TypeError) as fault:
            raise ProviderFault(f"{type(fault).__name__}: {fault}") from fault

    def _proven(self, token: dict[str, Any], asked: AskedLogIn, keys: KeySet) -> ProvenPerson:
        signed = token.get("id_token")
        if not isinstance(signed, str):
            raise ProviderFault("no ID token in the answer: is openid in login.oidc.scope?")
        read = jwt.decode(signed, keys, algorithms=list(ALGORITHMS))
        settings = self._settings
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
                "nonce": {"essential": True, "value": asked.nonce},
            },
            params={
                "nonce": asked.nonce,
                "client_id": settings.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY_S)
        subject, said = claims["sub"], claims.get(settings.name_claim)
        name = user_name(said) if isinstance(said, str) else None
        if name is None:
            raise ProviderFault(f"the claim {settings.name_claim} is no log-in name here")
        if settings.name_claim == "email" and claims.get("email_verified") is False:
            raise ProviderFault("the provider has not verified this e-mail address")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise ProviderFault("the claim sub is missing or too long")
        return ProvenPerson(issuer=settings.issuer, subject=subject, name=name)

    def _read(self, kept_s: float = KEPT_S) -> tuple[dict[str, Any], KeySet]:
        with self._lock:
            if self._keys is not None and time.monotonic() - self._read_at < kept_s:
                return self._known, self._keys
            try:
                with httpx2.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
                    known = (
                        client.get(self._settings.issuer.rstrip("/") + WELL_KNOWN).raise_for_status().json()
                    )
                    if known["issuer"] != self._settings.issuer:
                        raise ProviderFault(
                            f"it calls itself {known['issuer']!r}: set login.oidc.issuer to that"
                        )
                    for endpoint in ENDPOINTS:
                        secure_address(known[endpoint])
                    keys = KeySet.import_key_set(client.get(known["jwks_uri"]).raise_for_status().json())
            except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValueError, KeyError, TypeError) as fault:
                raise ProviderFault(f"{type(fault).__name__}: {fault}") from fault
            self._known, self._keys, self._read_at = known, keys, time.monotonic()
            return known, keys

    def _client(self, back: str) -> OAuth2Client:
        settings = self._settings
        secret = settings.client_secret
        return OAuth2Client(
            settings.client_id,
            secret.get_secret_value() if secret else None,
            scope=settings.scope,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

"""What a provider's answer must hold before it proves anybody: one that lies is believed in nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from pydantic import ValidationError

from dialer.services.organisation.provider_log_in import AskedLogIn, ProvenPerson, ProviderFault
from dialer.settings import Settings
from dialer.web.access import oidc
from dialer.web.access.oidc import OidcProvider
from dialer.web_settings import OidcSettings

SECRET = "winback's own"  # noqa: S105 - the test's own
BACK = "http://127.0.0.1:8000/log-in/provider/answer"
ASKED = AskedLogIn(state="state", nonce="nonce", verifier="a" * 64)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"issuer": "https://login.example.com"},
        {"issuer": "http://login.example.com", "client_id": "winback"},
        {"issuer": "https://login.example.com", "client_id": "winback", "scope": "profile"},
    ],
)
def test_a_provider_that_is_not_whole_or_not_secure_is_refused_at_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(web={"login": {"mode": "oidc", "oidc": wrong}})


KEY = RSAKey.generate_key(2048, {"kid": "one"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one"})
NEXT = RSAKey.generate_key(2048, {"kid": "two"})


@contextmanager
def lying(answers: dict[str, Callable[[str], dict[str, Any]]]) -> Iterator[str]:
    """A provider that answers what a test wants, by path; gives its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            body = json.dumps(answers[self.path](f"http://{self.headers['host']}")).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - what the server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Keep the test's output to what it finds."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def discovery(here: str) -> dict[str, Any]:
    return {
        "issuer": here,
        "authorization_endpoint": f"{here}/authorize",
        "token_endpoint": f"{here}/token",
        "jwks_uri": f"{here}/jwks",
    }


def claims_of(here: str, **changed: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": here,
        "aud": "winback",
        "sub": "s-1",
        "nonce": ASKED.nonce,
        "iat": now,
        "exp": now + 300,
        "preferred_username": "maria",
    }
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}


def heard(
    token: Callable[[str], str],
    *,
    keys: Callable[[], tuple[RSAKey, ...]] = lambda: (KEY,),
    known: Callable[[str], dict[str, Any]] = discovery,
    answer: str = "?code=c&state=state",
    name_claim: str = "preferred_username",
) -> ProvenPerson:
    answers: dict[str, Callable[[str], dict[str, Any]]] = {
        oidc.WELL_KNOWN: known,
        "/jwks": lambda _: dict(KeySet(list(keys())).as_dict(private=False)),
        "/token": lambda here: {"access_token": "a", "token_type": "Bearer", "id_token": token(here)},
    }
    with lying(answers) as here:
        provider = OidcProvider(
            OidcSettings(issuer=here, client_id="winback", client_secret=SECRET, name_claim=name_claim)
        )
        return provider.who(ASKED, BACK + answer.replace("HERE", here), BACK)


def signed(key: RSAKey = KEY, **changed: Any) -> Callable[[str], str]:
    return lambda here: jwt.encode({"alg": "RS256", "kid": key.kid}, claims_of(here, **changed), key)


def test_a_token_that_holds_proves_one_person() -> None:
    who = heard(signed(), answer="?code=c&state=state&iss=HERE")

    assert ("s-1", "maria") == (who.subject, who.name)


AGO = int(datetime.now(UTC).timestamp()) - 3600


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(STRANGER), id="signed by somebody else"),
        pytest.param(signed(iss="http://other.example"), id="of another issuer"),
        pytest.param(signed(aud="another client"), id="for another client"),
        pytest.param(signed(aud=["winback", "other"], azp="other"), id="given to another client"),
        pytest.param(signed(nonce="other"), id="of another log-in"),
        pytest.param(signed(nonce=None), id="of no log-in"),
        pytest.param(signed(exp=AGO), id="over"),
        pytest.param(signed(exp=None), id="for ever"),
        pytest.param(signed(sub=None), id="of nobody"),
        pytest.param(signed(sub="s" * 256), id="of somebody too long"),
        pytest.param(signed(at_hash="bm90IHRoaXM"), id="with another access token"),
        pytest.param(signed(preferred_username="no name!"), id="with a name that is none"),
        pytest.param(signed(preferred_username=None), id="without a name"),
        pytest.param(
            lambda here: jwt.encode({"alg": "HS256"}, claims_of(here), OctKey.import_key(SECRET * 3)),
            id="signed by a shared secret",
        ),
        pytest.param(lambda here: "e30.e30.", id="signed by nobody"),
        pytest.param(lambda here: "not a token", id="no token"),
    ],
)
def test_a_token_that_does_not_hold_proves_nobody(token: Callable[[str], str]) -> None:
    with pytest.raises(ProviderFault):
        heard(token)


@pytest.mark.parametrize(
    "answer",
    ["?code=c&state=other", "?code=c", "?error=access_denied&state=state", "?code=c&state=state&iss=no"],
)
def test_an_answer_to_another_question_proves_nobody(answer: str) -> None:
    with pytest.raises(ProviderFault):
        heard(signed(), answer=answer)


def test_an_email_address_that_the_provider_has_not_verified_proves_nobody() -> None:
    address = "maria@example.com"

    with pytest.raises(ProviderFault, match="verified"):
        heard(signed(email=address, email_verified=False), name_claim="email")
    assert address == heard(signed(email=address, email_verified=True), name_claim="email").name


def test_a_new_key_of_the_provider_is_looked_for_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def keys() -> tuple[RSAKey, ...]:
        asked.append(1)
        return (KEY,) if len(asked) == 1 else (KEY, NEXT)

    with pytest.raises(ProviderFault):
        heard(signed(NEXT), keys=keys)
    assert 1 == len(asked)
    asked.clear()
    monkeypatch.setattr(oidc, "NEW_KEY_S", 0.0)

    assert "maria" == heard(signed(NEXT), keys=keys).name
    assert 2 == len(asked)


def test_a_provider_that_names_itself_otherwise_or_is_overheard_is_not_asked() -> None:
    for changed in ({"issuer": "http://other.example"}, {"token_endpoint": "http://other.example/token"}):
        with pytest.raises(ProviderFault):
            heard(signed(), known=lambda here, changed=changed: {**discovery(here), **changed})  # type: ignore[misc]

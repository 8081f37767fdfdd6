"""The doors that are open to everybody: a code before a promise, and nothing told of a number."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from callbacks.lifecycle import PromiseState
from dialer.core.outbox.signed_links import LinkPurpose, proof_code, sign_link
from dialer.core.outbox.texts import LANGUAGES
from dialer.db.models import CallbackWish, OutboxMessage, Promise
from dialer.services.promises.callback_blocks import block_number
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from dialer.settings import Settings
from dialer.web.app import create_app, make_dependencies
from dialer.web.public.visitors import words
from tests.browser.seeded import Seeded, web_settings

HERE = "https://call.example"
KEY = "a key that nobody guesses, ever"
MOBILE = "+447700900123"
API = "/api/public/v1/callbacks"
A_PAGE = {"accept": "text/html"}


def opened(**public: Any) -> Settings:
    given = {"address": HERE, "key": KEY, "form": True, "address_per_hour": 50, **public}
    plain = web_settings()
    return Settings(**{**plain.model_dump(), "public": given, "texts": {"way": "file", "name": "Acme"}})


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=4)
    yield seeded
    seeded.database.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One application, made once: working out its routes takes half a second."""
    first = Seeded(tmp_path_factory.mktemp("first") / "winback.db", people=1)
    return create_app(first.database, opened(), first.clock)


@pytest.fixture
def client(app: Any, seeded: Seeded) -> Iterator[TestClient]:
    app.state.deps = make_dependencies(seeded.database, opened(), seeded.clock)
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


def ask(client: TestClient, number: str = MOBILE, key: str = "key-00001", **more: Any) -> Any:
    return client.post(API, json={"number": number, **more}, headers={"idempotency-key": key})


def code_of(seeded: Seeded, number: str = MOBILE) -> str:
    with seeded.database.read() as tx:
        wish = tx.scalar(
            select(CallbackWish.id).where(CallbackWish.e164 == number).order_by(CallbackWish.id.desc())
        )
    assert wish is not None
    return proof_code(wish, number, KEY.encode())


def codes_texted(seeded: Seeded) -> int:
    with seeded.database.read() as tx:
        chosen = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "proof.code")
        return tx.scalar(chosen) or 0


def promised(client: TestClient, seeded: Seeded, **more: Any) -> Any:
    wish = ask(client, **more).json()["id"]
    return client.post(f"{API}/{wish}/proof", json={"code": code_of(seeded)})


def test_a_call_is_promised_to_whoever_has_the_code_and_to_nobody_before(
    client: TestClient, seeded: Seeded
) -> None:
    before = promises(seeded)
    wish = ask(client)
    assert (wish.status_code, wish.json()["proof"]) == (202, "text")
    assert (promises(seeded), codes_texted(seeded)) == (before, 1)

    made = client.post(f"{API}/{wish.json()['id']}/proof", json={"code": code_of(seeded)})
    assert (made.status_code, made.json()["state"]) == (200, "waiting")
    again = client.post(f"{API}/{wish.json()['id']}/proof", json={"code": code_of(seeded)})
    assert again.json()["reference"] == made.json()["reference"]
    assert promises(seeded) == before + 1


def promises(seeded: Seeded) -> int:
    with seeded.database.read() as tx:
        return tx.scalar(select(func.count()).select_from(Promise)) or 0


def test_the_answer_is_the_same_whatever_is_known_of_the_number(client: TestClient, seeded: Seeded) -> None:
    blocked, waiting, known = "+447700900201", "+447700900202", "+447700900203"
    block_number(seeded.database, blocked, "did not ask", "boss", seeded.now)
    request = PromiseRequest(e164=waiting, queue="support", source_call="c", virtual_join=seeded.now)
    make_promise(seeded.database, request, seeded.now)
    answers = [ask(client, number, key=f"key-{number}") for number in (blocked, waiting, known)]

    assert {answer.status_code for answer in answers} == {202}
    assert (
        len({(*answer.json(), answer.json()["proof"], len(answer.json()["id"])) for answer in answers}) == 1
    )
    assert codes_texted(seeded) == 2  # none to the blocked one


def test_a_wish_that_nobody_was_texted_for_cannot_be_proven_by_guessing(
    client: TestClient, seeded: Seeded
) -> None:
    block_number(seeded.database, MOBILE, "did not ask", "boss", seeded.now)
    wish = ask(client).json()["id"]

    assert client.post(f"{API}/{wish}/proof", json={"code": code_of(seeded)}).status_code == 422


def test_an_hour_that_nobody_is_offered_is_refused_before_a_code_goes_out(
    client: TestClient, seeded: Seeded
) -> None:
    hour = client.get(f"{API}/slots").json()[0]["start"]
    between = datetime.fromisoformat(hour) + timedelta(minutes=10)

    answer = ask(client, wanted_from=between.isoformat())

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "slot.taken")
    assert codes_texted(seeded) == 0
    assert ask(client, key="key-00002", wanted_from=hour).status_code == 202


def test_whose_hour_was_taken_while_the_code_was_on_its_way_chooses_another_with_the_same_code(
    client: TestClient, seeded: Seeded
) -> None:
    hour, other = (slot["start"] for slot in client.get(f"{API}/slots").json()[:2])
    wish = ask(client, wanted_from=hour).json()["id"]
    for each in range(4):  # one a quarter of an hour, as nobody knows yet how many agents are there
        taken = PromiseRequest(
            e164=f"+44770090021{each}", queue="support", source_call=f"c{each}", virtual_join=seeded.now,
            wanted=datetime.fromisoformat(hour),
        )  # fmt: skip
        assert isinstance(make_promise(seeded.database, taken, seeded.now), MadePromise)
    code = code_of(seeded)

    page = client.post("/callback/code", data={"wish": wish, "code": code}, headers=A_PAGE)
    assert page.status_code == 409
    assert f'value="{code}"' in page.text
    chosen = re.findall(r'<option value="([^"]+)"', page.text)
    assert chosen[0].replace("+00:00", "Z") == other
    answer = client.post(
        "/callback/code", data={"wish": wish, "code": code, "wanted_from": chosen[0]}, headers=A_PAGE
    )

    assert answer.status_code == 303
    own = client.get(f"{API}/{answer.headers['location'].split('/')[-1].split('?')[0]}").json()
    assert own["called_from"] == other


def test_five_wrong_codes_end_a_wish_and_ten_minutes_do(client: TestClient, seeded: Seeded) -> None:
    wish = ask(client).json()["id"]
    right = code_of(seeded)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        assert (
            client.post(f"{API}/{wish}/proof", json={"code": wrong}).json()["error"]["code"] == "code.wrong"
        )
    assert client.post(f"{API}/{wish}/proof", json={"code": right}).status_code == 422

    late = ask(client, key="key-00002").json()["id"]
    right = code_of(seeded)
    seeded.later(10 * 60)
    assert client.post(f"{API}/{late}/proof", json={"code": right}).status_code == 404


def test_the_same_request_twice_is_one_wish_and_one_text(client: TestClient, seeded: Seeded) -> None:
    first = ask(client)
    seeded.later(60)
    again = ask(client)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json(), "the same answer, and no longer life of the code"
    assert codes_texted(seeded) == 1
    other = ask(client, "+447700900124")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency.other-request")
    assert client.post(API, json={"number": MOBILE}).status_code == 422  # no key


def test_a_number_gets_three_codes_a_day_and_an_address_its_share_an_hour(
    app: Any, client: TestClient, seeded: Seeded
) -> None:
    for index in range(5):
        assert ask(client, key=f"key-0000{index}").status_code == 202
    assert codes_texted(seeded) == 3

    app.state.deps = make_dependencies(seeded.database, opened(address_per_hour=5), seeded.clock)
    full = ask(client, "+447700900124", key="key-00009")
    assert (full.status_code, full.json()["error"]["code"]) == (429, "wishes.too-many")
    assert full.json()["error"]["until"] is not None
    seeded.later(3601)
    assert ask(client, "+447700900124", key="key-00009").status_code == 202


def test_a_landline_is_told_that_it_cannot_be_texted(client: TestClient) -> None:
    assert ask(client, "+442079460123").json()["error"]["code"] == "number.not-mobile"


def test_a_promise_is_looked_at_moved_and_cancelled_by_its_own_id_alone(
    client: TestClient, seeded: Seeded
) -> None:
    start = client.get(f"{API}/slots").json()[3]["start"]
    made = promised(client, seeded, wanted_from=start).json()
    assert made["called_from"] == start
    own = f"{API}/{made['id']}"
    assert client.get(own).json()["reference"] == made["reference"]

    later = client.get(f"{own}/slots").json()[7]["start"]
    assert client.patch(own, json={"wanted_from": later}).json()["called_from"] == later
    past = client.patch(own, json={"wanted_from": "2020-01-01T10:00:00Z"})
    assert (past.status_code, past.json()["error"]["code"]) == (409, "slot.taken")
    assert [client.delete(own).status_code, client.delete(own).status_code] == [204, 204]
    assert client.get(own).json()["state"] == "cancelled"
    assert client.patch(own, json={"wanted_from": later}).json()["error"]["code"] == "promise.not-open"


def test_a_call_is_not_offered_the_hour_it_has_and_moved_there_nobody_is_told(
    client: TestClient, seeded: Seeded
) -> None:
    start = client.get(f"{API}/slots").json()[3]["start"]
    own = f"{API}/{promised(client, seeded, wanted_from=start).json()['id']}"

    assert start not in {each["start"] for each in client.get(f"{own}/slots").json()}
    assert client.patch(own, json={"wanted_from": start}).json()["called_from"] == start
    with seeded.database.read() as tx:
        kinds = tx.scalars(select(OutboxMessage.kind).where(OutboxMessage.kind == "promise.moved")).all()
    assert kinds == []


def test_a_made_up_link_an_old_one_and_one_for_something_else_open_nothing(
    client: TestClient, seeded: Seeded
) -> None:
    promised(client, seeded)
    soon = seeded.now + timedelta(days=1)
    tokens = [
        sign_link(LinkPurpose.PROMISE, 1, soon, b"another key that nobody knows"),
        sign_link(LinkPurpose.PROMISE, 1, seeded.now, KEY.encode()),
        sign_link(LinkPurpose.REQUEST, 1, soon, KEY.encode()),
    ]

    for token in tokens:
        assert client.get(f"{API}/{token}").status_code == 404
        assert client.delete(f"{API}/{token}").status_code == 404
        assert client.post(f"/c/{token}/cancel").status_code == 404
    assert all(state is not PromiseState.CANCELLED for state in states(seeded))


def states(seeded: Seeded) -> list[PromiseState]:
    with seeded.database.read() as tx:
        return list(tx.scalars(select(Promise.state)))


def test_looking_at_a_link_changes_nothing_and_shows_no_number(client: TestClient, seeded: Seeded) -> None:
    made = promised(client, seeded).json()
    before = states(seeded)
    page = client.get(f"/c/{made['id']}", headers={"accept-language": "sv-SE,sv;q=0.9"})

    assert states(seeded) == before
    assert "Vi ringer dig." in page.text
    assert made["reference"] in page.text
    assert "900123" not in page.text
    assert page.headers["cache-control"] == "no-store"


def test_doors_are_shut_until_they_are_opened(app: Any, client: TestClient, seeded: Seeded) -> None:
    made = promised(client, seeded).json()
    app.state.deps = make_dependencies(seeded.database, opened(form=False), seeded.clock)
    assert client.get("/callback").status_code == 404
    assert ask(client).status_code == 404
    assert client.get(f"/c/{made['id']}").status_code == 200  # links go on

    app.state.deps = make_dependencies(seeded.database, web_settings(), seeded.clock)
    for path in ("/callback", f"/c/{made['id']}", f"{API}/slots", f"{API}/{made['id']}"):
        assert client.get(path).status_code == 404, path


def test_the_form_may_be_shown_in_own_sites_and_in_nobody_elses(
    app: Any, client: TestClient, seeded: Seeded
) -> None:
    alone = client.get("/callback")
    assert "frame-ancestors 'none'" in alone.headers["content-security-policy"]
    assert alone.headers["x-frame-options"] == "DENY"

    settings = opened(embed=["https://www.example.com"])
    app.state.deps = make_dependencies(seeded.database, settings, seeded.clock)
    within = client.get("/callback")
    assert "frame-ancestors 'self' https://www.example.com" in within.headers["content-security-policy"]
    assert "x-frame-options" not in within.headers
    foreign = client.post("/callback", data={}, headers={"origin": "https://www.example.com"})
    assert foreign.status_code == 403


def test_a_form_is_filled_in_proven_and_leads_to_its_own_page(client: TestClient, seeded: Seeded) -> None:
    form = client.get("/callback?lang=nb")
    ticket = re.search(r'name="ticket" value="([^"]+)"', form.text)
    assert ticket is not None
    typed = {"ticket": ticket[1], "number": "07700 900123", "wanted_from": ""}
    sent = [client.post("/callback?lang=nb", data=typed) for _ in range(2)]  # pressed twice
    wish = re.search(r'name="wish" value="([^"]+)"', sent[0].text)
    assert wish is not None
    assert codes_texted(seeded) == 1

    wrong = client.post("/callback/code?lang=nb", data={"wish": wish[1], "code": "12"}, headers=A_PAGE)
    assert (wrong.status_code, "Det er ikke koden" in wrong.text) == (422, True)
    done = client.post("/callback/code?lang=nb", data={"wish": wish[1], "code": code_of(seeded)})
    assert done.status_code == 303
    assert "Vi ringer deg." in client.get(done.headers["location"]).text


@pytest.mark.parametrize("number", ["", "abc", "<script>", "+44", "020 7946 0123"])
def test_what_is_no_mobile_number_is_said_so_with_what_was_typed(client: TestClient, number: str) -> None:
    ticket = re.search(r'name="ticket" value="([^"]+)"', client.get("/callback").text)
    assert ticket is not None
    again = client.post("/callback", data={"ticket": ticket[1], "number": number}, headers=A_PAGE)

    assert again.status_code == 422
    assert "Please type a mobile number" in again.text
    assert "<script>" not in again.text


def form_again(client: TestClient, **typed: str) -> str:
    """The form after it was sent with this."""
    ticket = re.search(r'name="ticket" value="([^"]+)"', client.get("/callback").text)
    assert ticket is not None
    return client.post("/callback", data={"ticket": ticket[1], **typed}, headers=A_PAGE).text


@pytest.mark.parametrize("number", ["12", "020 7946 0123", "+44 7700 900123 000000"])
def test_whoever_typed_no_mobile_number_need_not_choose_the_time_again(
    client: TestClient, number: str
) -> None:
    start = datetime.fromisoformat(client.get(f"{API}/slots").json()[3]["start"]).isoformat()

    again = form_again(client, number=number, wanted_from=start)

    assert f'<option value="{start}" selected>' in again
    assert f'value="{number}"' in again


def test_a_form_that_was_left_open_says_why_the_button_has_to_be_pressed_again(
    client: TestClient, seeded: Seeded
) -> None:
    ticket = re.search(r'name="ticket" value="([^"]+)"', client.get("/callback").text)
    assert ticket is not None
    seeded.now += timedelta(hours=3)
    again = client.post("/callback", data={"ticket": ticket[1], "number": MOBILE}).text

    assert words()["left_open"]["en"] in again
    assert f'value="{MOBILE}"' in again
    assert codes_texted(seeded) == 0


def test_whoever_asks_for_a_call_beside_the_one_they_have_is_told_so_and_sees_that_one(
    client: TestClient, seeded: Seeded
) -> None:
    promised(client, seeded)
    sent = form_again(client, number=MOBILE)
    wish = re.search(r'name="wish" value="([^"]+)"', sent)
    assert wish is not None
    done = client.post("/callback/code", data={"wish": wish[1], "code": code_of(seeded)})

    page = client.get(done.headers["location"]).text
    assert words()["already"]["en"] in page
    assert len(states(seeded)) == 1


def test_nobody_is_left_without_a_way_on(client: TestClient, seeded: Seeded) -> None:
    """A code that no longer holds, a call that was cancelled and a link that is void lead to the form."""
    again = '<a href="/callback?lang=en">'
    sent = form_again(client, number=MOBILE)
    wish = re.search(r'name="wish" value="([^"]+)"', sent)
    assert wish is not None
    seeded.now += timedelta(minutes=11)
    assert again in client.post("/callback/code", data={"wish": wish[1], "code": code_of(seeded)}).text

    made = promised(client, seeded).json()
    assert again not in client.get(f"/c/{made['id']}").text
    client.delete(f"{API}/{made['id']}")
    assert again in client.get(f"/c/{made['id']}").text
    assert again in client.get("/c/nonsense").text


LANDLINE = "+442079460123"


def test_a_landline_gets_its_code_by_a_call_where_that_is_set_and_is_refused_where_it_is_not(
    client: TestClient, app: Any, seeded: Seeded
) -> None:
    refused = ask(client, LANDLINE)
    app.state.deps = make_dependencies(seeded.database, opened(speak_code=True), seeded.clock)
    spoken, texted = ask(client, LANDLINE, key="key-00002"), ask(client, key="key-00003")

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "number.not-mobile")
    assert (spoken.json()["proof"], texted.json()["proof"]) == ("call", "text")
    assert spoken.json()["expires_at"] > texted.json()["expires_at"]
    assert [LANDLINE] == to_be_rung(seeded)
    made = client.post(f"{API}/{spoken.json()['id']}/proof", json={"code": code_of(seeded, LANDLINE)})
    assert (made.status_code, made.json()["state"]) == (200, "waiting")


def to_be_rung(seeded: Seeded) -> list[str]:
    with seeded.database.read() as tx:
        return list(tx.scalars(select(CallbackWish.e164).where(CallbackWish.rung_from.is_not(None))))


def test_without_a_gateway_the_form_says_that_a_call_comes(
    client: TestClient, app: Any, seeded: Seeded
) -> None:
    plain = web_settings().model_dump()
    doors = {"address": HERE, "key": KEY, "form": True, "speak_code": True}
    app.state.deps = make_dependencies(seeded.database, Settings(**plain | {"public": doors}), seeded.clock)
    form = client.get("/callback?lang=de", headers=A_PAGE)
    ticket = re.search(r'name="ticket" value="([^"]+)"', form.text)
    assert ticket is not None
    typed = {"ticket": ticket[1], "number": MOBILE}
    page = client.post("/callback?lang=de", data=typed, headers=A_PAGE)

    assert "Drücken Sie die 1" in page.text
    assert [MOBILE] == to_be_rung(seeded)
    odd = client.post("/callback?lang=de", data={**typed, "number": "12"}, headers=A_PAGE)
    assert "Telefonnummer ein, die wir anrufen können" in odd.text


def test_customers_read_every_word_in_every_language() -> None:
    assert [name for name, texts in words().items() if set(texts) != set(LANGUAGES)] == []


def test_a_form_without_a_way_to_text_is_refused_in_the_settings() -> None:
    with pytest.raises(ValueError, match="public.form needs"):
        Settings(public={"form": True})

"""Each inbound queue may say for itself what it offers; what it does not say is as for all."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from callbacks.offer_policy import FirstLeg, OfferBy, OfferPolicy
from dialer.bootstrap import inbound_queues
from dialer.core.calling.policy import policy_from
from dialer.pbx_settings import QueueSettings
from dialer.settings import Settings


def written(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a file."""
    (folder / "winback.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return Settings()


def test_one_queue_without_a_policy_is_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = written(tmp_path, "[callbacks]\nshort_wait_s = 90\ntell_from_s = 0\n", monkeypatch)
    policy = policy_from(settings)

    assert list(policy.inbound) == ["support"]
    assert policy.offer_policy("support") == OfferPolicy(short_wait_s=90.0, tell_from_s=0)
    assert [(queue.name, queue.asks, queue.offers) for queue in inbound_queues(settings)] == [
        ("support", False, True)
    ]


def test_queues_differ_only_in_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
[pbx]
prefix = "north"
[callbacks]
short_wait_s = 90
[[queues.policies]]
offer = "default"
default_from_s = 120
[[queues.policies]]
queue = "sales"
offer = "never"
return_call = "agent-first"
language = "nb"
"""
    settings = written(tmp_path, text, monkeypatch)
    policy = policy_from(settings)
    first, sales = inbound_queues(settings)

    assert policy.offer_policy("north_support").by is OfferBy.DEFAULT
    assert policy.offer_policy("north_support").default_from_s == 120
    assert policy.offer_policy("north_support").short_wait_s == 90.0
    assert policy.offer_policy("sales").first_leg is FirstLeg.AGENT
    assert (first.name, first.asks, first.offers) == ("north_support", True, True)
    assert (sales.name, sales.asks, sales.offers, sales.language) == ("sales", False, False, "nb")


@pytest.mark.parametrize(
    ("queues", "said"),
    [
        ({"policies": [{"queue": "sales"}, {"queue": "sales"}]}, "sales is a queue already"),
        ({"policies": [{}, {"queue": "support"}]}, "support is a queue already"),
        ({"policies": [{"queue": "outbound"}]}, "outbound is a queue already"),
        ({"adopt": True, "policies": [{"offer": "default"}]}, "calls are offered by key alone"),
    ],
)
def test_what_no_queue_could_do_is_refused_in_one_sentence(queues: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        QueueSettings.model_validate(queues)

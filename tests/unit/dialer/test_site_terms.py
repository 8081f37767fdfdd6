"""A campaign asks for a queue, a trunk and a number that the site has, or it is refused by name."""

import pytest

from dialer.pbx_settings import QueueSettings, TrunkSettings
from dialer.services.campaigns.campaigns import CampaignDraft
from dialer.services.campaigns.site_terms import refused_term
from dialer.settings import Settings

SITE = Settings(
    queues=QueueSettings(inbound="help", outbound="retention"),
    trunks=[TrunkSettings(name="north"), TrunkSettings(name="south")],
)


def refusal(**asked: str) -> tuple[str, str]:
    draft = {"name": "Spring", "queue": "retention", "trunk": "south", "caller_id": "+442079460001"} | asked
    refused = refused_term(SITE, CampaignDraft(**draft))
    return ("", "") if refused is None else (refused.code, refused.sentence)


def test_what_the_site_has_is_taken_and_a_number_need_not_be_shown() -> None:
    assert ("", "") == refusal() == refusal(caller_id="")


def test_a_queue_that_campaigns_do_not_have_is_refused_with_those_they_have() -> None:
    for queue in ("outbound", "help", "desk_amira"):
        code, sentence = refusal(queue=queue)
        assert code == "queue.unknown"
        assert f"{queue!r}" in sentence
        assert sentence.endswith("retention.")


def test_a_trunk_that_is_not_set_up_is_refused_with_those_that_are() -> None:
    code, sentence = refusal(trunk="moon")

    assert code == "trunk.unknown"
    assert sentence.endswith("north, south.")


@pytest.mark.parametrize(
    "caller_id",
    [
        "02079460001",
        "+44",
        "+4420794600011111",
        "+999123456789",
        "+442079460001x",
        "+449098790001",
        "anonymous",
    ],
)
def test_a_number_that_nobody_can_ring_back_is_refused(caller_id: str) -> None:
    code, sentence = refusal(caller_id=caller_id)

    assert code == "caller-id.invalid"
    assert caller_id in sentence


@pytest.mark.parametrize("what", ["name", "queue", "caller_id"])
@pytest.mark.parametrize("sign", ["\r\nChannel: Local/1", "\n", "\x00", "\x1b[2J", "\u2028"])
def test_a_line_end_or_control_character_is_refused_where_it_enters(what: str, sign: str) -> None:
    code, sentence = refusal(**{what: f"+442079460001{sign}"})

    assert code == "text.control-characters"
    assert sign not in sentence

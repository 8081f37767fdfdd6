"""When a campaign calls by its own days and hours, and which of its numbers a customer sees."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.refusals import Rule
from dialer.core.calling.campaign_hours import CampaignHours
from dialer.core.calling.number_shown import number_shown

OSLO = "Europe/Oslo"
POOL = ("+4721000001", "+4755000001", "+442079460001")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "shut", "until"),
    [
        (CampaignHours(), at(10, 3), False, None),
        (CampaignHours(windows="Mon-Fri 09:00-17:00"), at(10, 7), False, None),  # 09:00 in Oslo
        (CampaignHours(windows="Mon-Fri 09:00-17:00"), at(10, 6, 59), True, at(10, 7)),
        (CampaignHours(windows="Mon-Fri 09:00-17:00"), at(12, 15), True, at(15, 7)),  # over the week-end
        (CampaignHours(starts_on=date(2026, 6, 12)), at(10, 9), True, at(11, 22)),  # midnight in Oslo
        (
            CampaignHours(windows="Mon-Fri 09:00-17:00", starts_on=date(2026, 6, 12)),
            at(10, 9),
            True,
            at(12, 7),
        ),
        (CampaignHours(ends_on=date(2026, 6, 10)), at(10, 21, 59), False, None),  # the last day is one
        (CampaignHours(ends_on=date(2026, 6, 10)), at(10, 22), True, None),
        (CampaignHours(windows="Mon-Fri 09:00-17:00", ends_on=date(2026, 6, 12)), at(12, 15), True, None),
    ],
)
def test_a_campaign_calls_in_its_own_hours_and_says_when_it_does_again(
    hours: CampaignHours, now: datetime, until: datetime | None, *, shut: bool
) -> None:
    verdict = hours.verdict(OSLO, now)

    assert (verdict.rule, verdict.refuses, verdict.until) == (Rule.CAMPAIGN_OUTSIDE_HOURS, shut, until)
    assert not hours.verdict(OSLO, now, agreed=True).refuses, "a word given goes before a plan"


def test_a_near_number_is_shown_where_one_is_near() -> None:
    assert number_shown(POOL, "+4755999999", local=True) == "+4755000001"
    assert number_shown(POOL, "+442079461234", local=True) == "+442079460001"
    assert number_shown((), "+4755999999", local=True) == ""


@given(
    customer=st.from_regex(r"\+[1-9][0-9]{7,12}", fullmatch=True),
    pool=st.permutations(POOL),
    local=st.booleans(),
)
def test_a_customer_always_sees_the_same_number_of_the_pool(
    *, customer: str, pool: list[str], local: bool
) -> None:
    shown = number_shown(POOL, customer, local=local)

    assert shown in POOL
    assert number_shown(pool, customer, local=local) == shown, "in whatever order the pool is written"


def test_a_pool_is_used_as_a_whole() -> None:
    shown = {number_shown(POOL, f"+4799{number:06}", local=False) for number in range(60)}

    assert shown == set(POOL)

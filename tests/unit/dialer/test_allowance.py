"""What an agent may give without asking: limits in their order, days and campaigns, and what is left."""

from datetime import date

import pytest

from dialer.core.retention.allowance import (
    LIMIT_SENTENCES,
    AllowanceLimit,
    GivenSoFar,
    OfferTerms,
    left_today,
    limit_reached,
)

TODAY = date(2026, 11, 29)
NOTHING = GivenSoFar(customer=0, agent=0, team=0, everybody=0)
ALL = OfferTerms(per_customer=1, per_agent=2, per_team=5, per_day=9)


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        (NOTHING, None),
        (GivenSoFar(customer=None, agent=9, team=9, everybody=9), AllowanceLimit.UNKNOWN_CUSTOMER),
        (GivenSoFar(customer=1, agent=9, team=9, everybody=9), AllowanceLimit.CUSTOMER),
        (GivenSoFar(customer=0, agent=2, team=9, everybody=9), AllowanceLimit.AGENT),
        (GivenSoFar(customer=0, agent=1, team=5, everybody=9), AllowanceLimit.TEAM),
        (GivenSoFar(customer=0, agent=1, team=4, everybody=9), AllowanceLimit.DAY),
    ],
)
def test_the_customers_limit_comes_before_the_centres(
    given: GivenSoFar, limit: AllowanceLimit | None
) -> None:
    assert limit is limit_reached(ALL, given)
    assert limit is None or LIMIT_SENTENCES[limit].endswith(".")


def test_an_offer_without_limits_may_always_be_given() -> None:
    many = GivenSoFar(customer=None, agent=99, team=99, everybody=99)

    assert limit_reached(OfferTerms(), many) is None
    assert left_today(OfferTerms(), many) is None


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (NOTHING, 2),
        (GivenSoFar(customer=None, agent=0, team=4, everybody=4), 1),
        (GivenSoFar(customer=None, agent=3, team=3, everybody=3), 0),
    ],
)
def test_what_is_left_is_the_least_of_what_the_limits_leave(given: GivenSoFar, left: int) -> None:
    assert left == left_today(ALL, given)


@pytest.mark.parametrize(
    ("terms", "campaign", "holds"),
    [
        (OfferTerms(), None, True),
        (OfferTerms(valid_from=TODAY, valid_until=TODAY), 1, True),
        (OfferTerms(valid_from=date(2026, 11, 30)), 1, False),
        (OfferTerms(valid_until=date(2026, 11, 28)), 1, False),
        (OfferTerms(campaigns=frozenset({1, 2})), 2, True),
        (OfferTerms(campaigns=frozenset({1, 2})), 3, False),
        (OfferTerms(campaigns=frozenset({1, 2})), None, False),
    ],
)
def test_an_offer_holds_on_its_days_and_in_its_campaigns(
    terms: OfferTerms, campaign: int | None, *, holds: bool
) -> None:
    assert holds is terms.holds(TODAY, campaign)

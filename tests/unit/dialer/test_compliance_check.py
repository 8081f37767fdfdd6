"""Each rule of the compliance check, and the moment it names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import CallLimits, Purpose
from dialer.core.compliance.verdict import ALLOWED, Verdict
from dialer.core.compliance.windows import QueueHours, read_hours

STRICT = packaged_rulebook("strict")
COUNTRY = packaged_rulebook("country")
MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # no holiday anywhere in the tables
LONDON = ComplianceFacts(purpose=Purpose.MARKETING, country="GB", zones=("Europe/London",))
REQUESTED = replace(LONDON, purpose=Purpose.REQUESTED)


def refused(rule: str, until: datetime | None = None) -> Verdict:
    return Verdict(allowed=False, rule=rule, until=until)


def ago(**span: float) -> datetime:
    return MONDAY - timedelta(**span)


def ahead(**span: float) -> datetime:
    return MONDAY + timedelta(**span)


def test_a_weekday_morning_is_allowed() -> None:
    assert ALLOWED == judge(LONDON, STRICT, MONDAY)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (replace(LONDON, number_rule="number.class.premium"), "number.class.premium"),
        (replace(LONDON, in_the_air=True), "number.busy"),
        (replace(LONDON, do_not_call=True), "dnc.listed"),
        (replace(LONDON, promise_open=True), "promise.open"),
        (replace(LONDON, zones=()), "hours.no-zone"),
        (replace(LONDON, zones=("Mars/Base",)), "hours.no-zone"),
        (replace(LONDON, country="DE", zones=("Europe/Berlin",)), "consent.missing"),
    ],
)
def test_what_waiting_does_not_heal_is_refused_without_a_time(facts: ComplianceFacts, rule: str) -> None:
    assert refused(rule) == judge(facts, STRICT, MONDAY)


def test_after_closing_the_next_opening_is_named() -> None:
    evening = MONDAY.replace(hour=20)
    assert refused("hours.closed", MONDAY.replace(day=24, hour=9)) == judge(LONDON, STRICT, evening)


def test_the_weekend_is_closed_under_strict_rules_until_monday() -> None:
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert refused("hours.closed", MONDAY.replace(hour=9)) == judge(LONDON, STRICT, sunday)


def test_a_public_holiday_is_named_as_such() -> None:
    christmas = datetime(2026, 12, 25, 12, 0, tzinfo=UTC)
    verdict = judge(LONDON, STRICT, christmas)

    # the 28th is the substitute for Boxing Day on a Saturday
    assert refused("hours.holiday", datetime(2026, 12, 29, 9, 0, tzinfo=UTC)) == verdict


def test_a_holiday_of_one_region_closes_the_country_under_strict_rules_only() -> None:
    reformation = datetime(2028, 10, 31, 12, 0, tzinfo=UTC)  # a Tuesday, kept in nine of sixteen states
    germany = replace(LONDON, country="DE", zones=("Europe/Berlin",), consent=True)

    assert "hours.holiday" == judge(germany, STRICT, reformation).rule
    assert ALLOWED == judge(germany, COUNTRY, reformation)


def test_every_zone_a_number_may_be_in_must_be_open() -> None:
    anywhere = replace(LONDON, country="US", zones=("America/New_York", "America/Los_Angeles"))
    morning_in_new_york = MONDAY.replace(hour=15)

    assert refused("hours.closed", MONDAY.replace(hour=17)) == judge(anywhere, STRICT, morning_in_new_york)
    assert ALLOWED == judge(replace(anywhere, zones=("America/New_York",)), STRICT, morning_in_new_york)


@pytest.mark.parametrize(
    ("country", "zone", "moment", "rule"),
    [
        ("NO", "Europe/Oslo", "2026-11-23T19:30", "allowed"),  # 20:30
        ("NO", "Europe/Oslo", "2026-11-23T20:00", "hours.closed"),
        ("NO", "Europe/Oslo", "2026-11-28T11:00", "hours.closed"),  # Saturday
        ("GB", "Europe/London", "2026-11-28T11:00", "allowed"),
        ("GB", "Europe/London", "2026-11-29T11:00", "hours.closed"),
        ("US", "America/New_York", "2026-11-22T13:00", "allowed"),  # Sunday, 08:00
        ("US", "America/New_York", "2026-11-22T12:59", "hours.closed"),
        ("FR", "Europe/Paris", "2026-11-23T12:30", "hours.closed"),  # 13:30, the lunch break
        ("FR", "Europe/Paris", "2026-11-23T13:00", "allowed"),
        ("AU", "Australia/Sydney", "2026-11-28T05:30", "allowed"),  # Saturday 16:30
        ("AU", "Australia/Sydney", "2026-11-28T06:00", "hours.closed"),
        ("DE", "Europe/Berlin", "2026-11-28T11:00", "allowed"),
        ("DE", "Europe/Berlin", "2026-11-29T11:00", "hours.closed"),
        ("SE", "Europe/Stockholm", "2026-11-28T11:00", "hours.closed"),  # no pack: the strict table
    ],
)
def test_each_country_has_its_own_hours(country: str, zone: str, moment: str, rule: str) -> None:
    facts = replace(LONDON, country=country, zones=(zone,), consent=True)
    assert rule == judge(facts, COUNTRY, datetime.fromisoformat(moment).replace(tzinfo=UTC)).rule


def test_strict_rules_hold_a_countrys_statute_too() -> None:
    lunch = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    france = replace(LONDON, country="FR", zones=("Europe/Paris",))

    assert refused("hours.closed", lunch.replace(hour=13, minute=0)) == judge(france, STRICT, lunch)


def test_three_rings_in_a_day_are_enough() -> None:
    rings = (ago(hours=23), ago(hours=22), ago(hours=5))
    verdict = judge(replace(LONDON, rings=rings), STRICT, MONDAY)

    # the oldest leaves the day at noon; by then the spacing of the last one is over too
    assert refused("cap.day", ahead(hours=1)) == verdict


def test_twelve_rings_in_thirty_days_are_enough() -> None:
    rings = tuple(ago(days=29 - 2 * index, hours=12) for index in range(12))
    verdict = judge(replace(LONDON, rings=rings), STRICT, MONDAY)

    assert "cap.month" == verdict.rule
    assert verdict.until is not None
    assert verdict.until >= rings[0] + timedelta(days=30)


def test_a_country_may_allow_fewer() -> None:
    rings = tuple(ago(days=20 - 3 * index) for index in range(4))
    france = replace(LONDON, country="FR", zones=("Europe/Paris",), rings=rings)

    assert refused("cap.month", MONDAY.replace(day=3, month=12)) == judge(france, STRICT, MONDAY)


def test_two_offers_keep_their_distance() -> None:
    verdict = judge(replace(LONDON, rings=(ago(hours=1),)), STRICT, MONDAY)

    assert refused("spacing", ahead(hours=3)) == verdict


def test_an_agreed_call_needs_no_distance_but_all_the_rest() -> None:
    agreed = replace(LONDON, rings=(ago(hours=1),), asked_again=True)

    assert ALLOWED == judge(agreed, STRICT, MONDAY)
    assert "hours.closed" == judge(agreed, STRICT, MONDAY.replace(hour=21)).rule
    assert "dnc.listed" == judge(replace(agreed, do_not_call=True), STRICT, MONDAY).rule


def test_until_is_when_all_rules_agree_not_only_the_first() -> None:
    late = MONDAY.replace(hour=18)
    verdict = judge(replace(LONDON, rings=(late - timedelta(minutes=1),)), STRICT, late)

    # spacing ends at 21:59, when nobody may be called any more
    assert refused("spacing", MONDAY.replace(day=24, hour=9)) == verdict


def test_a_requested_call_ignores_the_list_spacing_and_offers_hours() -> None:
    facts = replace(REQUESTED, do_not_call=True, promise_open=True, rings=(ago(minutes=5),), zones=())

    assert ALLOWED == judge(facts, STRICT, MONDAY)
    assert ALLOWED == judge(facts, STRICT, MONDAY.replace(hour=21))


def test_a_requested_call_keeps_the_queues_hours() -> None:
    rules = replace(STRICT, queue=QueueHours(zone="Europe/Oslo", windows=read_hours("Mon-Fri 08:00-16:00")))

    assert ALLOWED == judge(REQUESTED, rules, MONDAY)
    assert refused("queue.closed", MONDAY.replace(day=24, hour=7)) == judge(
        REQUESTED, rules, MONDAY.replace(hour=15)
    )


def test_a_requested_call_stops_at_six_rings_a_day_and_needs_a_line_that_is_free() -> None:
    rings = tuple(ago(hours=hours) for hours in (20, 9, 8, 7, 6, 1))

    assert refused("cap.rings", ahead(hours=4)) == judge(replace(REQUESTED, rings=rings), STRICT, MONDAY)
    assert refused("number.busy") == judge(replace(REQUESTED, in_the_air=True), STRICT, MONDAY)


def test_after_an_abandoned_call_british_customers_get_an_agents_own_call_for_72_hours() -> None:
    abandoned = replace(LONDON, last_abandoned_at=ago(hours=24))

    assert refused("abandoned.agent-only", ahead(hours=48)) == judge(abandoned, STRICT, MONDAY)
    assert ALLOWED == judge(replace(abandoned, agent_reserved=True), STRICT, MONDAY)
    assert ALLOWED == judge(replace(abandoned, last_abandoned_at=ago(hours=72)), STRICT, MONDAY)


def test_who_said_no_in_france_is_left_alone_for_sixty_days() -> None:
    said_no = replace(LONDON, country="FR", zones=("Europe/Paris",), last_refused_at=ago(days=10))

    verdict = judge(said_no, STRICT, MONDAY)
    assert "refused.quiet" == verdict.rule
    assert verdict.until is not None
    assert verdict.until >= ahead(days=50)
    assert ALLOWED == judge(replace(said_no, purpose=Purpose.SERVICE), STRICT, MONDAY)


def test_service_is_not_marketing() -> None:
    service = replace(LONDON, country="DE", zones=("Europe/Berlin",), purpose=Purpose.SERVICE)

    assert ALLOWED == judge(service, STRICT, MONDAY)
    assert "dnc.listed" == judge(replace(service, do_not_call=True), STRICT, MONDAY).rule


def test_limits_of_the_centre_are_settings() -> None:
    loose = replace(STRICT, limits=CallLimits(attempts_per_day=9, spacing=timedelta(0), rings_per_day=9))
    rings = tuple(ago(minutes=minutes) for minutes in (50, 40, 30, 20, 10))

    assert ALLOWED == judge(replace(LONDON, rings=rings), loose, MONDAY)

"""Each rule of the compliance check, and the moment it names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import CallLimits, Purpose, Rulebook
from dialer.core.compliance.windows import QueueHours, read_hours

STRICT = packaged_rulebook("strict")
COUNTRY = packaged_rulebook("country")
MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # no holiday anywhere in the tables
LONDON = ComplianceFacts(purpose=Purpose.MARKETING, country="GB", zones=("Europe/London",))
REQUESTED = replace(LONDON, purpose=Purpose.REQUESTED)


def refused(rule: Rule, until: datetime | None = None) -> Refusal:
    return Refusal(rule=rule, until=until)


def rule_of(facts: ComplianceFacts, rules: Rulebook, moment: datetime) -> Rule | None:
    refusal = judge(facts, rules, moment)
    return refusal.rule if refusal is not None else None


def ago(**span: float) -> datetime:
    return MONDAY - timedelta(**span)


def ahead(**span: float) -> datetime:
    return MONDAY + timedelta(**span)


def test_a_weekday_morning_is_allowed() -> None:
    assert judge(LONDON, STRICT, MONDAY) is None


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (replace(LONDON, number_rule=Rule.NUMBER_CLASS_PREMIUM), Rule.NUMBER_CLASS_PREMIUM),
        (replace(LONDON, in_the_air=True), Rule.NUMBER_BUSY),
        (replace(LONDON, do_not_call=True), Rule.DNC_LISTED),
        (replace(LONDON, promise_open=True), Rule.PROMISE_OPEN),
        (replace(LONDON, zones=()), Rule.HOURS_NO_ZONE),
        (replace(LONDON, zones=("Mars/Base",)), Rule.HOURS_NO_ZONE),
        (replace(LONDON, country="DE", zones=("Europe/Berlin",)), Rule.CONSENT_MISSING),
    ],
)
def test_what_waiting_does_not_heal_is_refused_without_a_time(facts: ComplianceFacts, rule: Rule) -> None:
    assert refused(rule) == judge(facts, STRICT, MONDAY)


def test_after_closing_the_next_opening_is_named() -> None:
    evening = MONDAY.replace(hour=20)
    assert refused(Rule.HOURS_CLOSED, MONDAY.replace(day=24, hour=9)) == judge(LONDON, STRICT, evening)


def test_the_weekend_is_closed_under_strict_rules_until_monday() -> None:
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert refused(Rule.HOURS_CLOSED, MONDAY.replace(hour=9)) == judge(LONDON, STRICT, sunday)


def test_a_public_holiday_is_named_as_such() -> None:
    christmas = datetime(2026, 12, 25, 12, 0, tzinfo=UTC)
    refusal = judge(LONDON, STRICT, christmas)

    # the 28th is the substitute for Boxing Day on a Saturday
    assert refused(Rule.HOURS_HOLIDAY, datetime(2026, 12, 29, 9, 0, tzinfo=UTC)) == refusal


def test_a_holiday_of_one_region_closes_the_country_under_strict_rules_only() -> None:
    reformation = datetime(2028, 10, 31, 12, 0, tzinfo=UTC)  # a Tuesday, kept in nine of sixteen states
    germany = replace(LONDON, country="DE", zones=("Europe/Berlin",), consent=True)

    assert Rule.HOURS_HOLIDAY == rule_of(germany, STRICT, reformation)
    assert judge(germany, COUNTRY, reformation) is None


def test_every_zone_a_number_may_be_in_must_be_open() -> None:
    anywhere = replace(LONDON, country="US", zones=("America/New_York", "America/Los_Angeles"))
    morning_in_new_york = MONDAY.replace(hour=15)

    assert refused(Rule.HOURS_CLOSED, MONDAY.replace(hour=17)) == judge(anywhere, STRICT, morning_in_new_york)
    assert judge(replace(anywhere, zones=("America/New_York",)), STRICT, morning_in_new_york) is None


@pytest.mark.parametrize(
    ("country", "zone", "moment", "rule"),
    [
        ("NO", "Europe/Oslo", "2026-11-23T19:30", None),  # 20:30
        ("NO", "Europe/Oslo", "2026-11-23T20:00", Rule.HOURS_CLOSED),
        ("NO", "Europe/Oslo", "2026-11-28T11:00", Rule.HOURS_CLOSED),  # Saturday
        ("GB", "Europe/London", "2026-11-28T11:00", None),
        ("GB", "Europe/London", "2026-11-29T11:00", Rule.HOURS_CLOSED),
        ("US", "America/New_York", "2026-11-22T13:00", None),  # Sunday, 08:00
        ("US", "America/New_York", "2026-11-22T12:59", Rule.HOURS_CLOSED),
        ("FR", "Europe/Paris", "2026-11-23T12:30", Rule.HOURS_CLOSED),  # 13:30, the lunch break
        ("FR", "Europe/Paris", "2026-11-23T13:00", None),
        ("AU", "Australia/Sydney", "2026-11-28T05:30", None),  # Saturday 16:30
        ("AU", "Australia/Sydney", "2026-11-28T06:00", Rule.HOURS_CLOSED),
        ("DE", "Europe/Berlin", "2026-11-28T11:00", None),
        ("DE", "Europe/Berlin", "2026-11-29T11:00", Rule.HOURS_CLOSED),
        ("SE", "Europe/Stockholm", "2026-11-28T11:00", Rule.HOURS_CLOSED),  # no pack: the strict table
    ],
)
def test_each_country_has_its_own_hours(country: str, zone: str, moment: str, rule: Rule | None) -> None:
    facts = replace(LONDON, country=country, zones=(zone,), consent=True)
    assert rule == rule_of(facts, COUNTRY, datetime.fromisoformat(moment).replace(tzinfo=UTC))


def test_strict_rules_hold_a_countrys_statute_too() -> None:
    lunch = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    france = replace(LONDON, country="FR", zones=("Europe/Paris",))

    assert refused(Rule.HOURS_CLOSED, lunch.replace(hour=13, minute=0)) == judge(france, STRICT, lunch)


def test_three_rings_in_a_day_are_enough() -> None:
    rings = (ago(hours=23), ago(hours=22), ago(hours=5))
    refusal = judge(replace(LONDON, rings=rings), STRICT, MONDAY)

    # the oldest leaves the day at noon; by then the spacing of the last one is over too
    assert refused(Rule.CAP_DAY, ahead(hours=1)) == refusal


def test_twelve_rings_in_thirty_days_are_enough() -> None:
    rings = tuple(ago(days=29 - 2 * index, hours=12) for index in range(12))
    refusal = judge(replace(LONDON, rings=rings), STRICT, MONDAY)

    assert refusal is not None
    assert Rule.CAP_MONTH is refusal.rule
    assert refusal.until is not None
    assert refusal.until >= rings[0] + timedelta(days=30)


def test_a_country_may_allow_fewer() -> None:
    rings = tuple(ago(days=20 - 3 * index) for index in range(4))
    france = replace(LONDON, country="FR", zones=("Europe/Paris",), rings=rings)

    assert refused(Rule.CAP_MONTH, MONDAY.replace(day=3, month=12)) == judge(france, STRICT, MONDAY)


def test_two_offers_keep_their_distance() -> None:
    refusal = judge(replace(LONDON, rings=(ago(hours=1),)), STRICT, MONDAY)

    assert refused(Rule.SPACING, ahead(hours=3)) == refusal


def test_an_agreed_call_needs_no_distance_but_all_the_rest() -> None:
    agreed = replace(LONDON, rings=(ago(hours=1),), asked_again=True)

    assert judge(agreed, STRICT, MONDAY) is None
    assert Rule.HOURS_CLOSED == rule_of(agreed, STRICT, MONDAY.replace(hour=21))
    assert Rule.DNC_LISTED == rule_of(replace(agreed, do_not_call=True), STRICT, MONDAY)


def test_until_is_when_all_rules_agree_not_only_the_first() -> None:
    late = MONDAY.replace(hour=18)
    refusal = judge(replace(LONDON, rings=(late - timedelta(minutes=1),)), STRICT, late)

    # spacing ends at 21:59, when nobody may be called any more
    assert refused(Rule.SPACING, MONDAY.replace(day=24, hour=9)) == refusal


def test_a_requested_call_ignores_the_list_spacing_and_offers_hours() -> None:
    facts = replace(REQUESTED, do_not_call=True, promise_open=True, rings=(ago(minutes=5),), zones=())

    assert judge(facts, STRICT, MONDAY) is None
    assert judge(facts, STRICT, MONDAY.replace(hour=21)) is None


def test_a_requested_call_keeps_the_queues_hours() -> None:
    rules = replace(STRICT, queue=QueueHours(zone="Europe/Oslo", windows=read_hours("Mon-Fri 08:00-16:00")))

    assert judge(REQUESTED, rules, MONDAY) is None
    assert refused(Rule.QUEUE_CLOSED, MONDAY.replace(day=24, hour=7)) == judge(
        REQUESTED, rules, MONDAY.replace(hour=15)
    )


def test_a_requested_call_stops_at_six_rings_a_day_and_needs_a_line_that_is_free() -> None:
    rings = tuple(ago(hours=hours) for hours in (20, 9, 8, 7, 6, 1))

    assert refused(Rule.CAP_RINGS, ahead(hours=4)) == judge(replace(REQUESTED, rings=rings), STRICT, MONDAY)
    assert refused(Rule.NUMBER_BUSY) == judge(replace(REQUESTED, in_the_air=True), STRICT, MONDAY)


def test_after_an_abandoned_call_british_customers_get_an_agents_own_call_for_72_hours() -> None:
    abandoned = replace(LONDON, last_abandoned_at=ago(hours=24))

    assert refused(Rule.ABANDONED_AGENT_ONLY, ahead(hours=48)) == judge(abandoned, STRICT, MONDAY)
    assert judge(replace(abandoned, agent_reserved=True), STRICT, MONDAY) is None
    assert judge(replace(abandoned, last_abandoned_at=ago(hours=72)), STRICT, MONDAY) is None


def test_who_said_no_in_france_is_left_alone_for_sixty_days() -> None:
    said_no = replace(LONDON, country="FR", zones=("Europe/Paris",), last_refused_at=ago(days=10))

    refusal = judge(said_no, STRICT, MONDAY)
    assert refusal is not None
    assert Rule.REFUSED_QUIET is refusal.rule
    assert refusal.until is not None
    assert refusal.until >= ahead(days=50)
    assert judge(replace(said_no, purpose=Purpose.SERVICE), STRICT, MONDAY) is None


def test_service_is_not_marketing() -> None:
    service = replace(LONDON, country="DE", zones=("Europe/Berlin",), purpose=Purpose.SERVICE)

    assert judge(service, STRICT, MONDAY) is None
    assert Rule.DNC_LISTED == rule_of(replace(service, do_not_call=True), STRICT, MONDAY)


def test_limits_of_the_centre_are_settings() -> None:
    loose = replace(STRICT, limits=CallLimits(attempts_per_day=9, spacing=timedelta(0), rings_per_day=9))
    rings = tuple(ago(minutes=minutes) for minutes in (50, 40, 30, 20, 10))

    assert judge(replace(LONDON, rings=rings), loose, MONDAY) is None

"""The edges of the check that only a changed comparison would move: found by mutating `core.compliance`.

Each operator, constant and flag of caps, check and windows was changed once and judged by the unit tests;
what survived has a test here, or one of these reasons:

* `kw_only`, `frozen` and `slots` of a dataclass: how it may be called, not what it decides; mypy checks that;
* `MOST_STEPS`, `HORIZON_DAYS`, `CLOSING_DAYS` and ranges over them, one more or less: bounds of a search,
  wider than any case needs; so is the midnight of a closing, which is tried from the day before too;
* `> after` as `>=`: at `after` itself the clock is what the caller says it is, so it is never the answer;
* `maxsize` of a cache: how fast, not what;
* the bounds of the bisection in `_clock_change`, one more: it ends at the same second for every change from
  2024 to 2032, which tests/property/test_clock_changes.py holds.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks.refusals import Rule
from dialer.core.compliance.caps import DAY, room_again, spaced_again
from dialer.core.compliance.check import ComplianceFacts, ask, judge, refuse_night
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose
from dialer.core.compliance.windows import (
    Calendar,
    Hours,
    LocalClock,
    Observed,
    QueueHours,
    next_closing,
    read_hours,
)

RULES = packaged_rulebook()
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONDON = ("Europe/London",)
NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_ring_of_this_very_moment_counts_and_one_a_whole_span_ago_does_not() -> None:
    assert MOMENT + DAY == room_again([MOMENT], 1, DAY, MOMENT)
    assert None is room_again([MOMENT - DAY], 1, DAY, MOMENT)
    assert MOMENT + timedelta(hours=4) == spaced_again([MOMENT], timedelta(hours=4), MOMENT)
    assert None is spaced_again([MOMENT - timedelta(hours=4)], timedelta(hours=4), MOMENT)


def test_who_asked_an_hour_ago_is_rung_by_night_and_a_second_later_not() -> None:
    hour = RULES.requested.fresh

    assert None is refuse_night(LONDON, NIGHT - hour, RULES, NIGHT)
    refused = refuse_night(LONDON, NIGHT - hour - timedelta(seconds=1), RULES, NIGHT)
    assert refused is not None
    assert (Rule.HOURS_NIGHT, MORNING) == (refused.rule, refused.until)
    assert None is refuse_night(LONDON, NIGHT - timedelta(days=1), RULES, MORNING)


def test_the_night_is_the_persons_own_and_the_centres_where_nobody_knows_theirs() -> None:
    asked = NIGHT - timedelta(hours=5)
    tokyo = replace(RULES, queue=QueueHours(zone="Asia/Tokyo"))  # seven in the morning there

    unknown = refuse_night(("Nowhere/Land",), asked, tokyo, NIGHT)
    assert unknown is not None
    assert unknown.until == datetime(2026, 11, 24, 8, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert refuse_night((), asked, tokyo, NIGHT) == unknown
    known = refuse_night(("Nowhere/Land", *LONDON), asked, tokyo, NIGHT)
    assert known is not None
    assert known.until == MORNING


def test_a_promise_is_asked_about_the_night_and_an_offer_is_not() -> None:
    facts = ComplianceFacts(purpose=Purpose.REQUESTED, country="GB", zones=LONDON)
    asked = replace(facts, asked_at=NIGHT - timedelta(hours=2))

    assert Rule.HOURS_NIGHT not in {verdict.rule for verdict in ask(facts, RULES, NIGHT)}
    verdict = next(each for each in ask(asked, RULES, NIGHT) if each.rule is Rule.HOURS_NIGHT)
    assert (True, MORNING) == (verdict.refuses, verdict.until)
    awake = next(each for each in ask(asked, RULES, MORNING) if each.rule is Rule.HOURS_NIGHT)
    assert (False, None) == (awake.refuses, awake.until)


def test_what_another_record_forbids_refuses_an_offer_and_no_callback() -> None:
    facts = ComplianceFacts(purpose=Purpose.SERVICE, country="GB", zones=LONDON, others=Rule.LEAD_OTHER_FIRST)
    refused = judge(facts, RULES, MOMENT)

    assert refused is not None
    assert Rule.LEAD_OTHER_FIRST is refused.rule
    assert None is judge(replace(facts, purpose=Purpose.REQUESTED), RULES, MOMENT)


def test_a_holiday_closes_those_hours_that_observe_it_and_so_does_a_calendar_nobody_has() -> None:
    calendar = Calendar(first_year=2026, last_year=2026, national=frozenset({MOMENT.date()}))
    all_day = read_hours("Mon-Sun 00:00-24:00")

    def refusal(observed: Observed, known: Calendar | None) -> Rule | None:
        hours = Hours(windows=all_day, observed=observed)
        return LocalClock(zone="Europe/London", hours=hours, calendar=known).refusal(MOMENT)

    assert None is refusal(Observed.NONE, calendar)
    assert Rule.HOURS_NO_CALENDAR is refusal(Observed.NATIONAL, None)
    assert Rule.HOURS_HOLIDAY is refusal(Observed.NATIONAL, calendar)


def test_a_holiday_closes_an_all_night_window_at_its_midnight_and_a_window_until_midnight_at_its_end() -> (
    None
):
    christmas = Calendar(first_year=2026, last_year=2027, national=frozenset({date(2026, 12, 25)}))
    eve = datetime(2026, 12, 24, 12, tzinfo=UTC)

    def clock(hours: str, known: Calendar | None) -> LocalClock:
        observed = Observed.NATIONAL if known is not None else Observed.NONE
        windows = Hours(windows=read_hours(hours), observed=observed)
        return LocalClock(zone="America/New_York", hours=windows, calendar=known)

    midnight = datetime(2026, 12, 25, 5, tzinfo=UTC)  # in New York
    assert midnight == next_closing(clock("Mon-Sun 00:00-24:00", christmas), eve)
    assert midnight == next_closing(clock("Thu 09:00-24:00", None), eve)
    assert None is next_closing(clock("Mon-Sun 00:00-24:00", None), eve)


def test_days_are_read_by_their_first_three_letters() -> None:
    assert read_hours("Monday-Friday 09:00-20:00") == read_hours("Mon-Fri 09:00-20:00")


def test_an_open_queue_and_open_hours_speak_by_their_own_names() -> None:
    facts = ComplianceFacts(purpose=Purpose.SERVICE, country="GB", zones=LONDON)

    spoke = [each.rule for each in ask(facts, RULES, MOMENT) if not each.refuses]

    assert [1, 1] == [spoke.count(Rule.QUEUE_CLOSED), spoke.count(Rule.HOURS_CLOSED)]


def test_hours_that_never_open_name_what_closes_them_first() -> None:
    beyond = datetime(2045, 11, 22, 12, tzinfo=UTC)  # no calendar knows that year
    facts = ComplianceFacts(purpose=Purpose.SERVICE, country="GB", zones=LONDON)
    refused = judge(facts, RULES, beyond)

    assert refused is not None
    assert (Rule.HOURS_NO_CALENDAR, None) == (refused.rule, refused.until)

"""Each fact that time does not heal, and the purposes it forbids; the rules in the order they are asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.check import ComplianceFacts, ask, first_refusal, judge
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose

RULES = packaged_rulebook()
TUESDAY = datetime(2026, 11, 24, 11, tzinfo=UTC)
EVERY = {Purpose.MARKETING, Purpose.SERVICE, Purpose.REQUESTED}
UNASKED = {Purpose.MARKETING, Purpose.SERVICE}


def facts(purpose: Purpose, country: str = "GB", zone: str = "Europe/London", **told: Any) -> ComplianceFacts:
    return ComplianceFacts(**{"purpose": purpose, "country": country, "zones": (zone,), **told})


@pytest.mark.parametrize(
    ("told", "rule", "forbidden"),
    [
        ({"number_rule": Rule.NUMBER_WRONG}, Rule.NUMBER_WRONG, EVERY),
        ({"restricted": True}, Rule.PERSON_RESTRICTED, EVERY),
        ({"in_the_air": True}, Rule.NUMBER_BUSY, EVERY),
        ({"do_not_call": True}, Rule.DNC_LISTED, UNASKED),
        ({"put_off": True}, Rule.DNC_PERSON, UNASKED),
        ({"others": Rule.LEAD_OTHER_FIRST}, Rule.LEAD_OTHER_FIRST, UNASKED),
        ({"promise_open": True}, Rule.PROMISE_OPEN, UNASKED),
        ({"zones": ()}, Rule.HOURS_NO_ZONE, UNASKED),
        ({"zones": ("Europe/London", "Here/There")}, Rule.HOURS_NO_ZONE, UNASKED),
        ({"registered": True}, Rule.DNC_REGISTER, {Purpose.MARKETING}),
        ({"register_stale": True}, Rule.DNC_REGISTER_STALE, {Purpose.MARKETING}),
        ({"country": "DE", "zone": "Europe/Berlin"}, Rule.CONSENT_MISSING, {Purpose.MARKETING}),
        ({"residence": ("DE",), "consent": False}, Rule.CONSENT_MISSING, {Purpose.MARKETING}),
        ({"consent_refused": True}, Rule.CONSENT_REFUSED, {Purpose.MARKETING}),
        ({"country": "DE", "zone": "Europe/Berlin", "consent": True}, Rule.CONSENT_MISSING, set()),
        ({}, Rule.DNC_LISTED, set()),
    ],
)
def test_a_fact_forbids_these_purposes_for_good_and_no_other(
    told: dict[str, Any], rule: Rule, forbidden: set[Purpose]
) -> None:
    for purpose in Purpose:
        refused = judge(facts(purpose, **told), RULES, TUESDAY)
        assert refused == (Refusal(rule=rule) if purpose in forbidden else None), purpose
        assert (
            rule in {each.rule for each in ask(facts(purpose, **told), RULES, TUESDAY) if each.refuses}
        ) is (purpose in forbidden)


def test_the_rules_are_asked_in_this_order() -> None:
    lasting = [Rule.PERSON_RESTRICTED, Rule.NUMBER_BUSY]
    listed = [Rule.DNC_LISTED, Rule.DNC_PERSON]
    register = [Rule.DNC_REGISTER, Rule.DNC_REGISTER_STALE]
    clocks = [Rule.QUEUE_CLOSED, Rule.HOURS_CLOSED]
    caps = [Rule.CAP_DAY, Rule.CAP_MONTH, Rule.SPACING]

    def asked(told: ComplianceFacts) -> list[Rule]:
        return [verdict.rule for verdict in ask(told, RULES, TUESDAY)]

    assert [
        *(*lasting, *listed, *register, Rule.PROMISE_OPEN, Rule.CONSENT_MISSING, Rule.HOURS_NO_ZONE),
        *(*clocks, Rule.CAP_RINGS, *caps),
    ] == asked(facts(Purpose.MARKETING, country="DE", zone="Europe/Berlin"))
    assert [
        *(*lasting, *listed, Rule.PROMISE_OPEN, Rule.HOURS_NO_ZONE),
        *(*clocks, Rule.CAP_RINGS, *caps, Rule.ABANDONED_AGENT_ONLY),
    ] == asked(facts(Purpose.SERVICE))
    agreed = facts(Purpose.SERVICE, country="FR", zone="Europe/Paris", asked_again=True)
    assert Rule.SPACING not in asked(agreed)
    assert [*lasting, Rule.QUEUE_CLOSED, Rule.HOURS_NIGHT, Rule.CAP_RINGS] == asked(
        facts(Purpose.REQUESTED, asked_at=TUESDAY)
    )


def test_of_two_that_refuse_the_first_is_said() -> None:
    told = facts(Purpose.MARKETING, do_not_call=True, restricted=True)

    assert Refusal(rule=Rule.PERSON_RESTRICTED) == judge(told, RULES, TUESDAY)
    assert Refusal(rule=Rule.PERSON_RESTRICTED) == first_refusal(ask(told, RULES, TUESDAY))
    assert None is first_refusal(ask(facts(Purpose.MARKETING), RULES, TUESDAY))


def test_the_narrowest_cap_counts_and_says_when_there_is_room_again() -> None:
    rules = replace(RULES, limits=replace(RULES.limits, attempts_per_day=9, spacing=timedelta(0)))
    rings = tuple(TUESDAY - timedelta(hours=hours) for hours in (23, 22))

    # Brazil allows two in a day, Britain says nothing
    refused = judge(
        facts(Purpose.SERVICE, "BR", "America/Sao_Paulo", rings=rings), rules, TUESDAY + timedelta(hours=2)
    )
    assert refused is None
    now = datetime(2026, 11, 24, 15, tzinfo=UTC)
    rings = (now - timedelta(hours=2), now - timedelta(hours=1))
    refused = judge(facts(Purpose.SERVICE, "BR", "America/Sao_Paulo", rings=rings), rules, now)
    assert Refusal(rule=Rule.CAP_DAY, until=rings[0] + timedelta(days=1)) == refused
    assert None is judge(facts(Purpose.SERVICE, rings=rings), rules, now)


def test_rest_after_harm_ends_at_its_moment_and_is_some_purposes_only() -> None:
    abandoned = TUESDAY - timedelta(hours=72)
    told = facts(Purpose.SERVICE, last_abandoned_at=abandoned)

    assert None is judge(told, RULES, TUESDAY)
    refused = judge(told, RULES, TUESDAY - timedelta(seconds=1))
    assert Refusal(rule=Rule.ABANDONED_AGENT_ONLY, until=TUESDAY) == refused
    assert None is judge(replace(told, agent_reserved=True), RULES, TUESDAY - timedelta(seconds=1))

    said_no = TUESDAY - timedelta(days=60)
    asked = facts(Purpose.MARKETING, "FR", "Europe/Paris", last_refused_at=said_no)
    assert None is judge(asked, RULES, TUESDAY)
    refused = judge(asked, RULES, TUESDAY - timedelta(seconds=1))
    assert Refusal(rule=Rule.REFUSED_QUIET, until=TUESDAY) == refused
    assert None is judge(replace(asked, purpose=Purpose.SERVICE), RULES, TUESDAY - timedelta(seconds=1))


def test_where_no_moment_is_found_none_is_said() -> None:
    nowhere_open = replace(RULES, queue=replace(RULES.queue, windows=()))

    assert Refusal(rule=Rule.QUEUE_CLOSED) == judge(facts(Purpose.SERVICE), nowhere_open, TUESDAY)

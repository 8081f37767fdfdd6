"""Consent in a customer file: a yes, its day, and the day it ends; what is unclear is no consent."""

from datetime import UTC, datetime

import pytest

from dialer.core.compliance.consent import has_consent, refuses_consent, says_yes

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attributes", "consent"),
    [
        ({"marketing_consent": "yes"}, True),
        ({"Markedsføringssamtykke": "Ja"}, True),
        ({"Soittolupa": "kyllä"}, True),
        ({"Soittolupa": "ei"}, False),
        ({"marketing_consent": ""}, False),
        ({"marketing_consent": "yes", "phone consent": "no"}, False),
        ({"plan": "yes"}, False),
        ({}, False),
        # the column says when instead of whether
        ({"marketing_consent": "2025-03-01"}, True),
        ({"marketing_consent": "2026-11-28"}, True),  # the day itself
        ({"marketing_consent": "2027-03-01"}, False),
        ({"marketing_consent": "some day"}, False),
        # a column for the day beside it, or alone
        ({"marketing_consent": "yes", "Samtykkedato": "2025-03-01"}, True),
        ({"marketing_consent": "yes", "Samtykkedato": ""}, True),
        ({"marketing_consent": "no", "Samtykkedato": "2025-03-01"}, False),
        ({"Einwilligungsdatum": "2025-03-01"}, True),
        ({"Einwilligungsdatum": ""}, False),
        ({"Einwilligungsdatum": "2026-11-29"}, False),
        # until when
        ({"marketing_consent": "yes", "consent valid until": "2026-11-28"}, True),
        ({"marketing_consent": "yes", "consent valid until": "2026-11-27"}, False),
        ({"marketing_consent": "yes", "consent valid until": ""}, True),
        ({"marketing_consent": "yes", "consent valid until": "spring"}, False),
        ({"consent valid until": "2027-01-01"}, False),
    ],
)
def test_consent_is_a_yes_or_a_day_that_has_come_and_has_not_run_out(
    attributes: dict[str, str],
    consent: bool,  # noqa: FBT001
) -> None:
    assert has_consent(attributes, NOW) is consent


@pytest.mark.parametrize(
    ("attributes", "yes"),
    [
        ({"Survey OK": "ja"}, True),
        ({"survey_ok": "Yes", "plan": "no"}, True),
        ({"Survey OK": "nei"}, False),
        ({"Survey OK": "perhaps"}, False),
        ({"Survey OK": ""}, False),
        ({"Survey OK": "yes", "survey-ok": "no"}, False),
        ({"plan": "yes"}, False),
        ({}, False),
    ],
)
def test_a_column_says_yes_where_it_is_there_and_says_nothing_else(
    attributes: dict[str, str],
    yes: bool,  # noqa: FBT001
) -> None:
    assert says_yes(attributes, "survey ok") is yes


@pytest.mark.parametrize(
    ("attributes", "refused"),
    [
        ({"Marketing consent": "No"}, True),
        ({"Soittolupa": "E"}, True),
        ({"Werbung": "nein"}, True),
        ({"Samtykke": "Trukket tilbake"}, True),
        ({"phone_opt_in": "Do not call"}, True),
        ({"marketing_consent": "0.0"}, True),
        ({"plan": "XL", "Marketing consent": "yes", "Werbeeinwilligung": "widerrufen"}, True),
        ({"Marketing_Consent__c": "false"}, True),
        ({"Marketing consent": "yes"}, False),
        ({"Marketing consent": ""}, False),
        ({"Marketing consent": "unknown"}, False),
        ({"Marketing consent": "2025-03-01"}, False),
        ({"Newsletter": "no"}, False),
        ({"consent date": "no"}, False),
        ({}, False),
    ],
)
def test_a_plain_no_or_a_consent_taken_back_refuses(attributes: dict[str, str], *, refused: bool) -> None:
    assert refuses_consent(attributes) is refused

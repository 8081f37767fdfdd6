"""Why a promise ended is said in words, in the language of the page."""

import pytest

from dialer.services.promises.outage import OUTAGE
from dialer.web.languages import speaking
from dialer.web.promise_reasons import write_reason


@pytest.mark.parametrize(
    ("reason", "english", "german"),
    [
        ("attempts.used-up", "not reached", "nicht erreicht"),
        ("hours.closed", "Outside the calling hours", "Außerhalb"),
        (OUTAGE, "An outage", "Ausfall"),
        ("no_answer", "no answer", "keine Antwort"),
        ("asked again, for another number", "another number", "andere Nummer"),
        ("she wrote to us", "she wrote to us", "she wrote to us"),
    ],
)
def test_a_reason_is_a_sentence_or_plain_words(reason: str, english: str, german: str) -> None:
    assert english in write_reason(reason)
    with speaking("de"):
        assert german in write_reason(reason)

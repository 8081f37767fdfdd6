"""Remarks that refuse calls in a sentence, and those that only speak of calls."""

import pytest

from dialer.core.importing.spoken_refusals import refuses


@pytest.mark.parametrize(
    "remark",
    [
        "Ring ikke",
        "ønsker ikke at blive ringet op",
        "Vil ikke ringes",
        "Vill inte bli uppringd",
        "möchte nicht angerufen werden",
        "Bitte keine Anrufe",
        "ei halua puheluita",
        "ne veut pas être appelé",
        "wil niet gebeld worden",
        "does not want calls",
        "please do not call",
        "Bitte nicht anrufen",
        "Kunden ønsker ikke telefonsalg",
        "undanbeder sig samtal",
        "Ønsker ikke å bli kontaktet på telefon",
        "customer asked not to be called",
        "Do not call this customer!",
        "not to be rung",
        "Skal ikke ringes",
        "Får inte ringas",
        "Darf nicht angerufen werden",
        "Må ikke kontaktes",
    ],
)
def test_a_sentence_that_wants_no_calls_refuses_them(remark: str) -> None:
    assert refuses(remark)


@pytest.mark.parametrize(
    "remark",
    [
        "Ring ikke før kl. 16",
        "not called yet",
        "nicht angerufen",
        "did not call back",
        "ring ikke om morgenen",
        "do not call before noon",
        "kein Anruf erhalten",
        "wants a call",
        "möchte Rückruf",
        "ønsker tilbud",
        "Customer called, no answer",
        "not interested",
        "Ønsker ikke nyhetsbrev",
        "vill ha samtal på kvällen",
        "Anruf nicht vor Mittag",
        "ikke ringt ennå",
        "Kunden har ikke kontaktet os",
        "Customer has not called",
        "will not contact us",
        "Kontakt: ikke besvart",
        "no contact person",
        "Please call",
        "Bitte anrufen",
        "no calls made",
        "ikke kontaktet",
        "ingen kontakt",
        "wants no calls and has told us so in a letter that came with the last bill",
    ],
)
def test_a_sentence_about_some_hours_or_what_was_done_refuses_none(remark: str) -> None:
    assert not refuses(remark)

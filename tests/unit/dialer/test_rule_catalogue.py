"""Every rule has a sentence for the person who reads it."""

from callbacks.refusals import Rule
from dialer.core.compliance.catalogue import SENTENCES


def test_every_rule_is_explained_and_no_explanation_is_left_over() -> None:
    assert set(Rule) == set(SENTENCES)


def test_an_explanation_is_one_whole_sentence() -> None:
    odd = [sentence for sentence in SENTENCES.values() if sentence[-1] not in ".?" or sentence[0].islower()]

    assert [] == odd

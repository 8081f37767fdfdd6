"""What an agent was told since they looked last, in the language of their page."""

from typing import Final

from dialer.services.agents.leaves import SAID
from dialer.services.agents.previews import NOT_PLACED
from dialer.web.languages import say, translate

#: messages of which only the end is another's: a rule's sentence, or a team lead's own words
TOLD: Final = (NOT_PLACED, *SAID.values())
WHY: Final = "%(why)s"


def write_told(told: str) -> str:
    """It in the language spoken; what a person wrote stays as it is."""
    for message in TOLD:
        begins = message.removesuffix(WHY)
        if told.startswith(begins):
            why = told.removeprefix(begins)
            return say(message, why=translate(why) if message == NOT_PLACED else why)
    return translate(told)

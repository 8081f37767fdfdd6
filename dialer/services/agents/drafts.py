"""What an agent types about a talk is kept while they type, so that no reload and no next call loses it."""

from datetime import datetime

from callbacks.refusals import Refusal, Rule
from dialer.db.queries import dispositions
from dialer.db.session import Database
from dialer.services.agents.agent_call import take_talk
from dialer.services.agents.dispositions import NOTE_LENGTH


def keep_draft(  # noqa: PLR0917 - one form of an agent's page, in the order of its fields
    database: Database, agent: str, attempt: str, note: str, call_again_at: str, now: datetime
) -> Refusal | None:
    """Keep what was typed about a talk, in place of what was kept before; nothing typed is nothing kept.

    Refused with `attempt.unknown`, `attempt.not-connected`, `attempt.other-agent`, or
    `disposition.recorded` where the word is in: what is typed then belongs to its correction.
    """
    with database.write() as tx:
        row = take_talk(tx, agent, attempt)
        if isinstance(row, Refusal):
            return row
        if dispositions.find(tx, attempt) is not None:
            return Refusal(rule=Rule.DISPOSITION_RECORDED)
        if not note and not call_again_at:
            dispositions.drop_draft(tx, attempt)
            return None
        dispositions.keep_draft(
            tx,
            attempt_id=attempt,
            agent=agent,
            note=note[:NOTE_LENGTH],
            call_again_at=call_again_at,
            saved_at=now,
        )
        return None

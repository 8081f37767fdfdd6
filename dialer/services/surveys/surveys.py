"""The one question after a call, to who agreed to it: by text, answered behind a signed link, or by key."""

from datetime import datetime, timedelta
from typing import Final

from dialer.core.calling.disposition import Disposition
from dialer.core.outbox.message import MessageChannel
from dialer.core.outbox.signed_links import LinkPurpose, sign_link
from dialer.core.surveys.promoter_score import HIGHEST, LOWEST, SurveyWay, may_ask
from dialer.db.queries import outbox, surveys
from dialer.db.session import Database
from dialer.services.outbox.outbox import MOBILE
from dialer.settings import Settings
from telephony.numbers import E164, NumberError

ASKED: Final = "survey.asked"  # the text's kind
#: of a talk; who was not asked by then (no worker ran) is not asked about a talk they have half forgotten
ASKED_WITHIN: Final = timedelta(hours=6)
AT_ONCE: Final = 100  # talks in one transaction


def ask_after_calls(database: Database, settings: Settings, now: datetime) -> int:
    """Put the question to whoever is due, through the outbox; how many. Nobody is asked unless all is set."""
    survey = settings.survey
    if not survey.ask or settings.texts.way == "none" or not settings.public.open:
        return 0
    until, rest, asked = now - timedelta(minutes=survey.after_min), timedelta(days=survey.rest_d), 0
    words = [Disposition(word) for word in survey.words]
    with database.write() as tx:
        for talk in surveys.talks_over(tx, now - ASKED_WITHIN, until, words, AT_ONCE):
            if not _takes_texts(talk.e164):
                continue
            before = surveys.asked_of(tx, talk.customer)
            if not may_ask(talk.attributes, survey.consent, asked_before=before, rest=rest, now=now):
                continue
            key = surveys.add(tx, talk, SurveyWay.TEXT, now)
            outbox.add(
                tx,
                MessageChannel.TEXT,
                ASKED,
                now,
                key=f"survey-{key}",
                e164=talk.e164,
                language=talk.language,
                data={"survey": key},
                expires_at=now + ASKED_WITHIN,
            )
            asked += 1
    return asked


def ask_by_key(database: Database, settings: Settings, call: str, now: datetime) -> int | None:
    """Write down that whoever is still on the line of this call is asked; its id, None where they are not.

    The agent's word may come later than the question: only where it is in already does it decide.
    """
    survey = settings.survey
    if not survey.by_key:
        return None
    words = {Disposition(word) for word in survey.words}
    with database.write() as tx:
        found = surveys.talk_on_line(tx, settings.pbx.name, call)
        if found is None or (found.word is not None and found.word not in words):
            return None
        talk, rest = found.talk, timedelta(days=survey.rest_d)
        before = surveys.asked_of(tx, talk.customer)
        if not may_ask(talk.attributes, survey.consent, asked_before=before, rest=rest, now=now):
            return None
        return surveys.add(tx, talk, SurveyWay.KEY, now)


def _takes_texts(e164: str) -> bool:
    try:
        return E164.parse(e164).kind in MOBILE
    except NumberError:
        return False


def survey_link(settings: Settings, survey: int, now: datetime) -> str:
    """The address at which whoever has it may answer one question; empty where links cannot be made."""
    public = settings.public
    if public.key is None or not public.open:
        return ""
    ends_at = now + timedelta(days=public.link_days)
    token = sign_link(LinkPurpose.SURVEY, survey, ends_at, public.key.get_secret_value().encode())
    return f"{public.address}/s/{token}"


def answer_survey(database: Database, survey: int, score: int, now: datetime) -> bool:
    """Keep an answer of 0 to 10, in place of one given before; False where the question is gone."""
    if not LOWEST <= score <= HIGHEST:
        raise ValueError(f"a score is {LOWEST} to {HIGHEST}: {score}")
    with database.write() as tx:
        row = surveys.find(tx, survey)
        if row is None:
            return False
        row.score, row.answered_at = score, now
        return True


def given_score(database: Database, survey: int) -> tuple[bool, int | None]:
    """Whether there is such a question, and what was answered."""
    with database.read() as tx:
        row = surveys.find(tx, survey)
        return row is not None, row.score if row is not None else None

"""Promises: accepted callbacks, with the queue position their callers had in the queue, and their history."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callbacks.lifecycle import PromiseEvent, PromiseState
from callbacks.spoken_code import ProofWay
from dialer.db.base import Base, UtcDateTime, word


class Promise(Base):
    """An accepted "we will call you back"."""

    __tablename__ = "promise"
    __table_args__ = (
        Index("ix_promise_due", "state", "next_action_at", "virtual_join"),
        Index("ix_promise_source_made_at", "source", "made_at"),
        # one open promise a number: asking again keeps the earlier queue position
        Index(
            "uq_promise_open",
            "e164",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    e164: Mapped[str] = mapped_column(String(16), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    queue: Mapped[str] = mapped_column(String(60))  # the queue the caller was waiting in
    source_call: Mapped[str] = mapped_column(
        String(150), unique=True
    )  # asking twice in one call is one promise
    virtual_join: Mapped[datetime] = mapped_column(UtcDateTime)  # never changes: the caller's queue position
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    source: Mapped[str] = mapped_column(String(16), default="", server_default="")  # who asked; "": hidden
    # of the caller's channel, as sounds are named on the PBX; "": the PBX's own
    language: Mapped[str] = mapped_column(String(16), default="", server_default="")
    said_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what the caller was told; None: no time
    said_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[PromiseState] = mapped_column(word(PromiseState), default=PromiseState.WAITING)
    attempts_made: Mapped[int] = mapped_column(default=0)
    ours_in_a_row: Mapped[int] = mapped_column(default=0)  # failures on our side since the last that counted
    # the first call's earliest moment: the caller was on the line until then; None: nobody looked
    rung_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wanted_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of a call at a chosen time
    owner: Mapped[str | None] = mapped_column(String(60))  # the agent who is to call; None: whoever is free
    handed_on_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it stopped being one agent's
    next_action_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None only while an attempt is open
    # overdue after an outage: not rung until a person has decided
    held_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(80))
    # the sound in which the caller says who they are and why they call, by its name on the PBX
    reason_recording: Mapped[str | None] = mapped_column(String(80))
    followed_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # somebody saw to a closed one
    followed_up: Mapped[str | None] = mapped_column(String(200))  # what was done about it


class ToldWait(Base):
    """What each method guessed of a caller's wait when they asked for a call, and what was made of it.

    Of those who were promised one it becomes known how long it was: then the methods are judged by it.
    """

    __tablename__ = "told_wait"
    __table_args__ = (Index("ix_told_wait_queue_asked_at", "queue", "asked_at"),)

    call: Mapped[str] = mapped_column(String(150), primary_key=True)  # as the promise's `source_call`
    queue: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hour: Mapped[int]  # on the centre's clock
    queue_length_s: Mapped[float | None]
    head_of_line_s: Mapped[float | None]
    last_served_s: Mapped[float | None]
    staffing_s: Mapped[float | None]
    method: Mapped[str | None] = mapped_column(String(20))  # in use; None: not enough was known
    middle_s: Mapped[float | None]  # what was expected; None: no time was said


class CallbackBlock(Base):
    """A number that is never called back: somebody there did not ask for it."""

    __tablename__ = "callback_block"

    id: Mapped[int] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(String(16), unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallbackWish(Base):
    """A call that somebody on the web wants; promised once they have proven that the number is theirs."""

    __tablename__ = "callback_wish"
    __table_args__ = (
        Index("ix_callback_wish_address_made_at", "address", "made_at"),
        Index(
            "ix_callback_wish_due",
            "rung_from",
            sqlite_where=text("rung_from IS NOT NULL"),
            postgresql_where=text("rung_from IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # the same wish sent twice is one
    e164: Mapped[str] = mapped_column(String(16), index=True)
    language: Mapped[str] = mapped_column(String(16), default="")
    wanted_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # an hour's start; None: the queue
    address: Mapped[str] = mapped_column(String(45))  # where it came from
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    code_tries: Mapped[int] = mapped_column(default=0)
    way: Mapped[ProofWay] = mapped_column(word(ProofWay), default=ProofWay.TEXT, server_default="text")
    rung_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a code is to be spoken; None: none is
    spoken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # somebody heard it
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id", ondelete="SET NULL"))


class PromiseStep(Base):
    """One step in a promise's life. Only ever added to; the ledger is checked against it (invariant 6)."""

    __tablename__ = "promise_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[PromiseEvent | None] = mapped_column(word(PromiseEvent))  # None: it was made
    state: Mapped[PromiseState] = mapped_column(word(PromiseState))
    attempt_id: Mapped[str | None] = mapped_column(String(43))
    reason: Mapped[str | None] = mapped_column(String(80))


class LedgerBalance(Base):
    """What the ledger came to when it was audited last, up to one step of the history; one row, or none."""

    __tablename__ = "ledger_balance"

    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int]  # the last step that is counted here
    promise_id: Mapped[int]  # the last promise that there was then
    audited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made: Mapped[int]  # by the history
    ended: Mapped[int]  # likewise
    kept: Mapped[int]  # by the promises themselves
    settled: Mapped[int]
    cancelled: Mapped[int]
    closed: Mapped[int]

"""Who may log in, as what, and for which teams; sessions and tokens are kept as digests alone."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer.core.access.rights import UserRole
from dialer.db.base import Base, UtcDateTime, word


class UserAccount(Base):
    """A person who may log in. Without `password_hash` they come by an invitation, a provider or a proxy."""

    __tablename__ = "user_account"
    __table_args__ = (Index("ix_user_account_issuer_subject", "issuer", "subject", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)  # lower case
    display: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[UserRole] = mapped_column(word(UserRole))
    agent_id: Mapped[str | None] = mapped_column(String(60), unique=True)  # whom they are on the floor
    language: Mapped[str] = mapped_column(String(2), default="")  # of pages; empty: not chosen
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2id
    #: who they are at the OpenID provider, since they came from it: names there are given to others in time
    issuer: Mapped[str | None] = mapped_column(String(255))
    subject: Mapped[str | None] = mapped_column(String(255))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int] = mapped_column(default=0)  # of the code used last: none is used twice
    invitation: Mapped[str | None] = mapped_column(String(64), unique=True)  # digest of the one-time link
    invited_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    logged_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # last


class UserSession(Base):
    """A browser that is logged in, until it ends."""

    __tablename__ = "user_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    address: Mapped[str] = mapped_column(String(60), default="")


class AccessToken(Base):
    """What a program asks with: a person's own (`user_id`), or a service's with scopes alone."""

    __tablename__ = "access_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasswordTry(Base):
    """A password that was tried and was not right, for as long as tries are counted."""

    __tablename__ = "password_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(60))


class Team(Base):
    """Agents who take the same calls."""

    __tablename__ = "team"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    queue: Mapped[str | None] = mapped_column(String(60))  # its outbound queue; NULL: named by its id


class TeamAgent(Base):
    """An agent of a team; one agent may be in several, who have their time by `weight`."""

    __tablename__ = "team_agent"

    team_id: Mapped[str] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
    weight: Mapped[float] = mapped_column(default=1.0, server_default="1")


class UserTeam(Base):
    """A team that a person is for; a person with none is for all."""

    __tablename__ = "user_team"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[str] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)

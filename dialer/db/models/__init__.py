"""The tables, by what they are about."""

from dialer.db.models.agents import Agent, CoachNote, DispositionRow, NoteDraft, Preview
from dialer.db.models.arrivals import InboundArrival, InboundCall
from dialer.db.models.attempts import Attempt, DoNotCall, RefusalRow, SetAsideFact
from dialer.db.models.campaigns import CallCount, Campaign, Lead, SavedList
from dialer.db.models.customers import (
    Customer,
    CustomerNumber,
    CustomerSnapshot,
    DialingRegion,
    ImportBatch,
    ModelVersion,
    Prohibition,
    RememberLine,
    Score,
    WrongNumber,
)
from dialer.db.models.engine import Audit, EngineDashboard, LastRoster, Lease, RenderingRow
from dialer.db.models.evidence import EvidenceHead, EvidenceRow
from dialer.db.models.learning import AssignmentRow, ChurnLabelRow, ContactModelRow, SaveRateEstimate
from dialer.db.models.offers import GivenOffer, RetentionOffer
from dialer.db.models.organisation import (
    CentreRow,
    DispositionWordRow,
    InboundQueueRow,
    NumberShownRow,
    PauseReasonRow,
    StaffAgentRow,
    TrunkRow,
)
from dialer.db.models.outbox import OutboxMessage
from dialer.db.models.persons import ErasedObjection, ErasureKey, Restriction
from dialer.db.models.promises import (
    CallbackBlock,
    CallbackWish,
    LedgerBalance,
    Promise,
    PromiseStep,
    ToldWait,
)
from dialer.db.models.registers import Register, RegisteredNumber
from dialer.db.models.reports import ReportDay, ReportMailing
from dialer.db.models.schedule import ScheduledJobRow
from dialer.db.models.sources import ImportSource, ReceivedFile, SourceMember
from dialer.db.models.surveys import Survey
from dialer.db.models.users import (
    AccessToken,
    PasswordTry,
    Team,
    TeamAgent,
    UserAccount,
    UserSession,
    UserTeam,
)

__all__ = [
    "AccessToken",
    "Agent",
    "AssignmentRow",
    "Attempt",
    "Audit",
    "CallCount",
    "CallbackBlock",
    "CallbackWish",
    "Campaign",
    "CentreRow",
    "ChurnLabelRow",
    "CoachNote",
    "ContactModelRow",
    "Customer",
    "CustomerNumber",
    "CustomerSnapshot",
    "DialingRegion",
    "DispositionRow",
    "DispositionWordRow",
    "DoNotCall",
    "EngineDashboard",
    "ErasedObjection",
    "ErasureKey",
    "EvidenceHead",
    "EvidenceRow",
    "GivenOffer",
    "ImportBatch",
    "ImportSource",
    "InboundArrival",
    "InboundCall",
    "InboundQueueRow",
    "LastRoster",
    "Lead",
    "Lease",
    "LedgerBalance",
    "ModelVersion",
    "NoteDraft",
    "NumberShownRow",
    "OutboxMessage",
    "PasswordTry",
    "PauseReasonRow",
    "Preview",
    "Prohibition",
    "Promise",
    "PromiseStep",
    "ReceivedFile",
    "RefusalRow",
    "Register",
    "RegisteredNumber",
    "RememberLine",
    "RenderingRow",
    "ReportDay",
    "ReportMailing",
    "Restriction",
    "RetentionOffer",
    "SaveRateEstimate",
    "SavedList",
    "ScheduledJobRow",
    "Score",
    "SetAsideFact",
    "SourceMember",
    "StaffAgentRow",
    "Survey",
    "Team",
    "TeamAgent",
    "ToldWait",
    "TrunkRow",
    "UserAccount",
    "UserSession",
    "UserTeam",
    "WrongNumber",
]

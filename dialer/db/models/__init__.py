"""The tables, by what they are about."""

from dialer.db.models.agents import Agent, Disposition, Preview
from dialer.db.models.arrivals import CallersHeard
from dialer.db.models.attempts import Attempt, DoNotCall, Refusal
from dialer.db.models.campaigns import Campaign, Lead
from dialer.db.models.customers import (
    Customer,
    CustomerNumber,
    CustomerPast,
    ImportBatch,
    ModelVersion,
    Place,
    Score,
)
from dialer.db.models.duties import DutyRow
from dialer.db.models.engine import Audit, EngineView, Lease
from dialer.db.models.learning import Assignment, ContactLearned, CustomerOutcome, SaveRateSettled
from dialer.db.models.promises import Promise, PromiseStep

__all__ = [
    "Agent",
    "Assignment",
    "Attempt",
    "Audit",
    "CallersHeard",
    "Campaign",
    "ContactLearned",
    "Customer",
    "CustomerNumber",
    "CustomerOutcome",
    "CustomerPast",
    "Disposition",
    "DoNotCall",
    "DutyRow",
    "EngineView",
    "ImportBatch",
    "Lead",
    "Lease",
    "ModelVersion",
    "Place",
    "Preview",
    "Promise",
    "PromiseStep",
    "Refusal",
    "SaveRateSettled",
    "Score",
]

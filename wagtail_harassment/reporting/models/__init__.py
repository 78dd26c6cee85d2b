"""What reporting keeps: form versions, drafts, reports as received, evidence, and what waits under a return code."""

from wagtail_harassment.reporting.models.drafts import Draft, DraftFile, DraftStep
from wagtail_harassment.reporting.models.evidence import CopyState, Evidence, EvidenceSource
from wagtail_harassment.reporting.models.kept import KeptFile, KeptPart, KeptRecord
from wagtail_harassment.reporting.models.monitoring import MonitoringCount, MonitoringPool
from wagtail_harassment.reporting.models.questionnaire import FormVersion
from wagtail_harassment.reporting.models.reports import Report
from wagtail_harassment.reporting.models.returning import (
    Invitation,
    Message,
    MessageKind,
    Party,
    ReturnCode,
    Thread,
)

__all__ = [
    "CopyState",
    "Draft",
    "DraftFile",
    "DraftStep",
    "Evidence",
    "EvidenceSource",
    "FormVersion",
    "Invitation",
    "KeptFile",
    "KeptPart",
    "KeptRecord",
    "Message",
    "MessageKind",
    "MonitoringCount",
    "MonitoringPool",
    "Party",
    "Report",
    "ReturnCode",
    "Thread",
]

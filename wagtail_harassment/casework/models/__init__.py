"""The case, the people who may work it, and what they write."""

from wagtail_harassment.casework.models.access import (
    Block,
    CaseMember,
    Digest,
    Grant,
    Preference,
    Role,
    Scope,
)
from wagtail_harassment.casework.models.alerts import Alert, AlertState, Beat, Delivery, Level
from wagtail_harassment.casework.models.assigning import AssignmentRule
from wagtail_harassment.casework.models.case import Case, CaseStatus, RiskLevel, Team
from wagtail_harassment.casework.models.closing import Closing, MessageTemplate, TemplateParagraph
from wagtail_harassment.casework.models.evidence import Handover
from wagtail_harassment.casework.models.linking import (
    CaseLink,
    DismissedLink,
    LinkBasis,
    LinkKind,
    PlaceEntry,
)
from wagtail_harassment.casework.models.meeting import Meeting, MeetingState
from wagtail_harassment.casework.models.notes import Note, NoteDraft, NoteKind
from wagtail_harassment.casework.models.notices import Notice
from wagtail_harassment.casework.models.outgoing import Outgoing, OutgoingState, Sending
from wagtail_harassment.casework.models.people import IndexEntry, IndexKind, Part, Person, PersonVersion
from wagtail_harassment.casework.models.planning import (
    Checklist,
    ChecklistStep,
    Task,
    TaskKind,
    TaskState,
)
from wagtail_harassment.casework.models.pointing import GivenHow, GivenState, ServiceGiven
from wagtail_harassment.casework.models.referring import (
    Purpose,
    Referral,
    ReferralLink,
    ReferralReply,
    ReferralState,
    ReplyKind,
)
from wagtail_harassment.casework.models.saving import Audience, Every, ListMail, SavedList
from wagtail_harassment.casework.models.spending import PaidTime, TimeSpent, Work

__all__ = [
    "Alert",
    "AlertState",
    "AssignmentRule",
    "Audience",
    "Beat",
    "Block",
    "Case",
    "CaseLink",
    "CaseMember",
    "CaseStatus",
    "Checklist",
    "ChecklistStep",
    "Closing",
    "Delivery",
    "Digest",
    "DismissedLink",
    "Every",
    "GivenHow",
    "GivenState",
    "Grant",
    "Handover",
    "IndexEntry",
    "IndexKind",
    "Level",
    "LinkBasis",
    "LinkKind",
    "ListMail",
    "Meeting",
    "MeetingState",
    "MessageTemplate",
    "Note",
    "NoteDraft",
    "NoteKind",
    "Notice",
    "Outgoing",
    "OutgoingState",
    "PaidTime",
    "Part",
    "Person",
    "PersonVersion",
    "PlaceEntry",
    "Preference",
    "Purpose",
    "Referral",
    "ReferralLink",
    "ReferralReply",
    "ReferralState",
    "ReplyKind",
    "RiskLevel",
    "Role",
    "SavedList",
    "Scope",
    "Sending",
    "ServiceGiven",
    "Task",
    "TaskKind",
    "TaskState",
    "Team",
    "TemplateParagraph",
    "TimeSpent",
    "Work",
]

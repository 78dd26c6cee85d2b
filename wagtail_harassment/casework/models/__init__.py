"""The case, the people who may work it, and what they write."""

from wagtail_harassment.casework.models.access import Block, CaseMember, Grant, Role
from wagtail_harassment.casework.models.case import Case, CaseStatus
from wagtail_harassment.casework.models.work import Alert, AlertState, Delivery, Note

__all__ = [
    "Alert",
    "AlertState",
    "Block",
    "Case",
    "CaseMember",
    "CaseStatus",
    "Delivery",
    "Grant",
    "Note",
    "Role",
]

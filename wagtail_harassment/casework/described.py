"""A case with what its pages tell of it."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Block, Case, CaseLink, Closing, Meeting, NoteDraft

__all__ = ["described"]


def described(cases: QuerySet[Case], person: AbstractBaseUser) -> QuerySet[Case]:
    """Cases, each with what the pages of one tell of it to ``person``.

    ``was_closed``: ever. ``begun``: they have begun a note that was not added. ``assignee_blocked``: its case manager
    is kept out of it. ``has_meetings``, and ``has_links`` with a case that is there for them: what there is none of is
    not asked for.
    """
    seen = policy.visible_cases(person).order_by().values("pk")
    drafts = NoteDraft.objects.filter(case=OuterRef("pk"), author=person, body__isnull=False)
    return (
        cases.select_related("campus", "assignee", "team", "outcome", "report__form_version")
        .annotate(
            was_closed=Exists(Closing.objects.filter(case=OuterRef("pk"))),
            begun=Exists(drafts),
            has_meetings=Exists(Meeting.objects.filter(case=OuterRef("pk"))),
            has_links=Exists(CaseLink.objects.filter(case=OuterRef("pk"), other__in=seen)),
            assignee_blocked=Exists(Block.objects.filter(case=OuterRef("pk"), user=OuterRef("assignee"))),
        )
        .prefetch_related("incident_types")
    )

"""Support matched to what a reporter said: what it was about, who they are here, where it was, what time it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.reporting import flow
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.models import Audience, SupportService

__all__ = ["Offered", "facts", "offered"]

#: A reporter's link with the university -> whose services are for them. Others are shown everybody's: apprentices
#: and research students too, because many of them are both.
AUDIENCES = {
    "undergraduate": Audience.STUDENTS,
    "postgraduate_taught": Audience.STUDENTS,
    "academic_staff": Audience.STAFF,
    "professional_staff": Audience.STAFF,
    "agency_contractor": Audience.STAFF,
}


@sensitive_variables()
def facts(definition: flow.Definition, answers: flow.Answers) -> dict[str, Any]:
    """What of the answers support is matched to: ``{"topics", "audience", "campus"}``, empty where unsaid.

    They are codes, and they stay in the sealed receipt.
    """
    campuses = [
        answers[code].get("campus", "")
        for code, question in flow.applicable(definition, answers).items()
        if question["kind"] == "place" and answers.get(code)
    ]
    relation = answers.get("reporter_relation")
    return {
        "topics": answers.get("incident_type", []),
        "audience": str(AUDIENCES.get(relation, "")) if isinstance(relation, str) else "",
        "campus": next((campus for campus in campuses if campus), ""),
    }


@dataclass(frozen=True)
class Offered:
    """What the receipt shows."""

    services: list[SupportService]

    @property
    def by_the_clock(self) -> bool:
        """Whether anything is said of them that a bank holiday would make wrong."""
        return any(service.opening and service.opening.by_the_clock for service in self.services)


@sensitive_variables()
def offered(receipt: dict[str, Any]) -> Offered:
    """The services for whoever holds this receipt, as they are at this moment. Three queries."""
    return Offered(
        directory.matching(
            receipt["topics"],
            receipt.get("audience") or None,
            at=timezone.now(),
            campus=receipt.get("campus") or None,
        )
    )

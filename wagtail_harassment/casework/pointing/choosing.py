"""Which services fit a case: what helps with its types first, on its campus, open now."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_harassment.casework.models import Case
from wagtail_harassment.signposting import directory
from wagtail_harassment.signposting.models import Audience, SupportService

__all__ = ["Choice", "choices_for"]


@dataclass(frozen=True)
class Choice:
    """A service with why it fits; ``fits`` says whether anything speaks for it."""

    service: SupportService
    fits: bool
    why: str

    @property
    def words(self) -> str:
        """What stands beside its box: what it is for, for whom, when, and why it fits."""
        service = self.service
        facts = [
            service.for_what.rstrip("."),
            "" if service.audience == Audience.EVERYONE else str(service.get_audience_display()),
            service.region,
            service.hours.rstrip("."),
            self.why,
        ]
        return f"{service.name}: " + ". ".join(fact for fact in facts if fact) + "."


def choices_for(case: Case) -> list[Choice]:
    """Every published service, those that fit the case first. Six queries, however many services there are."""
    topics = {term.code: term.spoken_label for term in case.incident_types.all()}
    campus = case.campus.code if case.campus else None
    now = timezone.now()
    matched = directory.matching(topics, limit=None, at=now, campus=campus)
    found = [Choice(service, True, _why(service, topics)) for service in matched]
    there = {service.pk for service in matched}
    others = directory.live().exclude(pk__in=there).order_by("-internal", "sort_order", "name", "pk")
    return [*found, *(Choice(service, False, "") for service in directory.spoken(others))]


def _why(service: SupportService, topics: dict[str, str]) -> str:
    helps = [topics[term.code] for term in service.topics.all() if term.code in topics]
    parts = [_("Helps with: %(topics)s") % {"topics": ", ".join(helps)}] if helps else []
    if service.opening:
        parts.append(service.opening.label)
    return ". ".join(parts)

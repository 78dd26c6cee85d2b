"""Those who work cases, signed in, and a case that has been worked: made ready on one database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

__all__ = ["staff"]

NOTES = 30
#: Open, of cases that came over five years: what a university works at a time.
OPEN_DAYS = 60


def staff() -> dict[str, Any]:
    """Session cookies of the lead and of a superuser, the worked case, and a page to edit."""
    from bench.benchsite.models import BarePage

    users = {user.username: user for user in get_user_model().objects.filter(username__in=("lead", "admin"))}
    spread(users["lead"])
    sessions = {}
    for name, user in users.items():
        client = Client()
        client.force_login(user)
        sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "sessions": sessions,
        "case": str(worked(users["lead"])),
        "page": BarePage.objects.earliest("pk").pk,
    }


def spread(lead: Any) -> None:
    """Cases as they are after years: most of them closed and opened by somebody, of several types and campuses."""
    from wagtail_harassment.casework.models import Case
    from wagtail_harassment.institution.models import Campus, Term

    old = timezone.localdate() - timedelta(days=OPEN_DAYS)
    cases = Case.objects.all()
    cases.filter(day_received__lt=old).update(status="closed")
    cases.exclude(reference__startswith="00").update(first_viewed_on=F("day_received"))
    cases.filter(reference__gte="1", reference__lt="6").update(assignee=lead)
    other = Campus.objects.exclude(code="city").earliest("pk")
    cases.filter(reference__gte="6", reference__lt="8").update(campus=other)
    links = Case.incident_types.through.objects.filter(case__reference__gte="8", case__reference__lt="9")
    terms = Term.objects.filter(vocabulary="incident_type")
    links.filter(term__in=terms.filter(code="racism")).update(term=terms.get(code="bullying"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def worked(lead: Any) -> Any:
    """A case that came the real way, with notes, tasks and messages on it: its id."""
    from bench.prepare import codes
    from wagtail_harassment.casework import actions
    from wagtail_harassment.casework.models import Case
    from wagtail_harassment.casework.planning import verbs

    before = set(Case.objects.filter(day_received=timezone.localdate()).values_list("pk", flat=True))
    codes(1)
    case = Case.objects.filter(day_received=timezone.localdate()).exclude(pk__in=before).get()
    case = actions.take(case=case, by=lead) or Case.objects.get(pk=case.pk)
    thread = case.report.threads.first()
    for number in range(NOTES):
        actions.add_note(case=case, text=f"What was said on the telephone, number {number}.", by=lead)
        if number % 6 == 0:
            verbs.add_task(case=case, words=f"Ring back, number {number}", assignee=lead, by=lead)
            if thread is not None:
                actions.write_to_reporter(case=case, thread=thread, text=f"Word {number}", by=lead)
    return case.pk

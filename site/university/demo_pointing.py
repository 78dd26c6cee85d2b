"""Services that were given on the demo's cases, and the hours that went into them."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from wagtail_harassment.casework.models import Case, GivenHow, GivenState, Part, ServiceGiven, Work
from wagtail_harassment.casework.pointing.choosing import choices_for
from wagtail_harassment.casework.pointing.verbs import follow, give
from wagtail_harassment.casework.spending.verbs import set_paid, spend

__all__ = ["give_two", "log"]

#: Minutes, work, and how many days ago.
HOURS = ((60, Work.MEET, 6), (30, Work.CALL, 5), (45, Work.WRITE, 5), (90, Work.MEET, 2), (15, Work.READ, 0))


def give_two(case: Case, by: User) -> None:
    """One of the university's own and one from outside: she went to the first."""
    fitting = [choice.service for choice in choices_for(case) if choice.fits]
    own = next((service for service in fitting if service.internal), fitting[0])
    outside = next(service for service in fitting if service != own and not service.internal)
    give(
        case=case,
        services=[own, outside],
        to=Part.REPORTER,
        how=GivenHow.SAID,
        note="At our first meeting. She wants to try the first one this week.",
        by=by,
    )
    row = ServiceGiven.objects.get(case=case, service=own)
    follow(
        case=case,
        given=row,
        state=GivenState.TAKEN_UP,
        words="She had a first talk on Monday and is going again.",
        by=by,
        expected_version=row.version,
    )


def log(case: Case, by: User) -> None:
    """What the case has taken so far, and what its manager is paid for: 7.5 hours a week."""
    for minutes, work, days_ago in HOURS:
        day = max(timezone.localdate() - timedelta(days=days_ago), case.day_received)
        spend(case=case, minutes=minutes, work=work, day=day, by=by)
    set_paid(user=by, minutes=450, by=User.objects.get(username="lead"))

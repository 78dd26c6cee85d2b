"""The demo's rules that give cases, and a list that all who work cases share."""

from __future__ import annotations

from django.contrib.auth.models import User

from wagtail_harassment.casework.models import AssignmentRule, Audience, SavedList
from wagtail_harassment.casework.saving import verbs

__all__ = ["set_up"]

RULES = (
    # name, ways, user name, position
    ("Please meet me: Priya", ["meeting"], "manager", 10),
    ("Please meet me: Tom, where Priya should not", ["meeting"], "manager2", 20),
)
LIST, FILTERS = "Open and taken by nobody", "status=open&assignee=nobody"


def set_up() -> None:
    """Two rules, not in use so that they can be tried first, and a list shared with everybody who works cases."""
    lead = User.objects.get(username="lead")
    for name, routes, username, position in RULES:
        AssignmentRule.objects.get_or_create(
            name=name,
            defaults={
                "routes": routes,
                "person": User.objects.get(username=username),
                "sort_order": position,
            },
        )
    if not SavedList.objects.filter(owner=lead, name=LIST).exists():
        verbs.keep(by=lead, name=LIST, query=FILTERS, audience=Audience.ALL)

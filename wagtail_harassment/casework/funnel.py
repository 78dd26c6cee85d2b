"""The funnel: what stands between every case view of the admin and the database.

Wagtail's ModelViewSet asks the model's permission and never the object's. Here every view is constructed
with :class:`Scoped` in front, so that a case which is not visible to this person is not found by any of
them, whatever view is added later.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from wagtail.permission_policies.base import BasePermissionPolicy

from wagtail_harassment.casework import actions, hosts, policy
from wagtail_harassment.casework.described import described
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.reporting.discretion import keep_quiet

__all__ = ["CasePermissionPolicy", "Scoped", "works_cases"]


def works_cases(request: HttpRequest) -> bool:
    """Whether whoever asks holds a case role now, and asks where cases are worked. A superuser without one doesn't."""
    return hosts.serves_cases(request) and policy.holds(request.user, *CASE_ROLES)


class Scoped:
    """In front of a view class: nothing here exists for those who work no cases, nor what they may not see.

    Not found, never forbidden: for whoever may not see it, a case is like an address nobody ever made. A view with
    ``for_roles`` is for those who hold one of them instead.
    """

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        keep_quiet(request)
        held = policy.holds(request.user, *getattr(self, "for_roles", CASE_ROLES))
        if not held or not hosts.serves_cases(request):
            raise Http404
        super().setup(request, *args, **kwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        # Not "no-referrer": with that, browsers send "Origin: null", and Django refuses every form.
        response["Referrer-Policy"] = "same-origin"
        return hosts.harden(response)

    def get_object(self, queryset: QuerySet | None = None) -> Case:
        """The case that the address names, if it is there for whoever asks. Where a page of it is looked at
        (``opens``), this is what records that: one look for both."""
        if getattr(self, "opens", False) and self.request.method == "GET":
            try:
                return actions.view(case=Case(pk=self.kwargs["pk"]), by=self.request.user)
            except actions.NotAllowed:
                raise Http404 from None
        cases = policy.visible_cases(self.request.user)
        return get_object_or_404(described(cases, self.request.user), pk=self.kwargs["pk"])


class CasePermissionPolicy(BasePermissionPolicy):
    """What Wagtail asks about cases in general. Permissions of groups, and being a superuser, open nothing.

    Nothing is added, changed or deleted through Wagtail's own views: the verbs do that.
    """

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and policy.holds(user, *CASE_ROLES)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Case) -> bool:
        return action == "view" and policy.may(user, "view", instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: list[str]) -> QuerySet[Case]:
        return policy.visible_cases(user) if "view" in actions else Case.objects.none()

    def users_with_any_permission(self, actions: list[str]) -> list[Any]:
        return list(policy.holders()) if "view" in actions else []

    def users_with_any_permission_for_instance(self, actions: list[str], instance: Case) -> list[Any]:
        return policy.people_who("view", instance) if "view" in actions else []

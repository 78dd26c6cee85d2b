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

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.reporting.discretion import keep_quiet

__all__ = ["CasePermissionPolicy", "Scoped", "works_cases"]


def works_cases(request: HttpRequest) -> bool:
    """Whether whoever asks holds a case role now. A superuser without one doesn't."""
    return policy.holds(request.user, *CASE_ROLES)


class Scoped:
    """In front of a view class: nothing here exists for those who work no cases, nor what they may not see.

    Not found, never forbidden: for whoever may not see it, a case is like an address nobody ever made.
    """

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        keep_quiet(request)
        if not works_cases(request):
            raise Http404
        super().setup(request, *args, **kwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        # Not "no-referrer": with that, browsers send "Origin: null", and Django refuses every form.
        response["Referrer-Policy"] = "same-origin"
        return response

    def get_object(self, queryset: QuerySet | None = None) -> Case:
        cases = policy.visible_cases(self.request.user)
        cases = cases.select_related("campus", "assignee", "report__form_version")
        return get_object_or_404(cases.prefetch_related("incident_types"), pk=self.kwargs["pk"])


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

"""What an auditor sees: that there are cases, and what was done on each, by whom and when. No word of any.

No type, no campus, no person of the case: who did what is enough to see whether the rules are kept. Looking at
what happened on a case is an event on it too.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import day
from wagtail_harassment.casework.listing import slice_of
from wagtail_harassment.casework.models import Case, Role
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.timeline import trail
from wagtail_harassment.vault import ledger

__all__ = ["ADDRESSES", "CaseTrailView", "TrailView", "look"]

SIZE, PAGE = 50, 100


@transaction.atomic
def look(*, case: Case, by: AbstractBaseUser) -> None:
    """Record that an auditor looks at what happened on a case, before any of it is shown. Event "trail.viewed".

    Raises ``Case.DoesNotExist`` for a case whose trail they may not see.
    """
    row = policy.audited_cases(by).select_for_update().get(pk=case.pk)
    ledger.append(chain=row.pk, kind="trail.viewed", actor=by)


class TrailView(WagtailAdminTemplateMixin, TemplateView):
    """Every case, newest first: its reference, its day, its status."""

    for_roles = (Role.AUDITOR,)
    template_name = "wagtail_harassment/casework/access/trails.html"
    page_title = gettext_lazy("What was done on cases")
    header_icon = "history"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:trail"), "label": _("What was done on cases")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cases = policy.audited_cases(self.request.user).only("reference", "day_received", "status")
        page = slice_of(cases, self.request.GET, SIZE)
        return super().get_context_data(
            slice=page, rows=[(case, day(case.day_received)) for case in page.cases], **kwargs
        )


class CaseTrailView(TrailView):
    """What was done on one case, newest first. The page's title is its reference."""

    template_name = "wagtail_harassment/casework/access/trail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        cases = policy.audited_cases(request.user).only("reference", "day_received", "status")
        self.object = get_object_or_404(cases, pk=self.kwargs["pk"])
        try:
            look(case=self.object, by=request.user)
        except Case.DoesNotExist:
            raise Http404 from None
        return super().get(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return self.object.reference

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        own = reverse("harassment_case:case_trail", args=[self.object.pk])
        return [*super().get_breadcrumbs_items(), {"url": own, "label": self.object.reference}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(trail(self.object), PAGE).get_page(self.request.GET.get("p"))
        context = WagtailAdminTemplateMixin.get_context_data(self, **kwargs)
        return context | {"case": self.object, "received": day(self.object.day_received), "page_obj": page}


ADDRESSES = (
    Address("trail", "trail/", TrailView),
    Address("case_trail", "trail/<uuid:pk>/", CaseTrailView),
)

"""The page on which people see their own hours, and leads what comes in against what is paid for."""

from __future__ import annotations

from decimal import ROUND_HALF_UP
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import Role
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.spending import verbs
from wagtail_harassment.casework.spending.forms import PaidForm
from wagtail_harassment.casework.spending.sums import Who, in_hours, mine, team

__all__ = ["ADDRESSES", "HoursView", "PaidView"]


class HoursView(WagtailAdminTemplateMixin, TemplateView):
    """One's own hours by the week; for leads, everybody's too."""

    template_name = "wagtail_harassment/casework/spending/hours.html"
    header_icon = "time"

    def get_page_title(self) -> str:
        return _("Hours")

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": reverse("harassment_case:hours"), "label": _("Hours")},
        ]

    def get_context_data(self, bound: tuple[Any, PaidForm] | None = None, **kwargs: Any) -> dict[str, Any]:
        own = mine(self.request.user)
        weeks = [
            {
                "monday": week.monday,
                "hours": in_hours(week.minutes),
                "cases": [(case, in_hours(minutes)) for case, minutes in week.cases],
                "elsewhere": in_hours(week.elsewhere) if week.elsewhere else "",
            }
            for week in own.weeks
        ]
        context = super().get_context_data(weeks=weeks, paid=own.paid and in_hours(own.paid), **kwargs)
        if policy.holds(self.request.user, Role.CASE_LEAD):
            all_ = team(self.request.user)
            most = max([all_.needed, all_.paid, 1])
            context |= {
                "team": all_,
                "people": [self.entry(who, bound) for who in all_.people],
                "bars": [
                    (_("What new cases take"), in_hours(all_.needed), round(100 * all_.needed / most)),
                    (_("What is paid for"), in_hours(all_.paid), round(100 * all_.paid / most)),
                ],
            }
        return context

    def entry(self, who: Who, bound: tuple[Any, PaidForm] | None) -> dict[str, Any]:
        """One person, with the form in which it is said how long they are paid for."""
        form = PaidForm(
            initial={"hours": None if who.paid is None else f"{who.paid / 60:g}"},
            auto_id=f"id_{who.user.pk}_%s",
        )
        return {
            "name": who.name,
            "logged": in_hours(who.logged),
            "paid": "" if who.paid is None else in_hours(who.paid),
            "form": bound[1] if bound and bound[0] == who.user.pk else form,
            "url": reverse("harassment_case:paid", args=[who.user.pk]),
        }


class PaidView(HoursView):
    """Say how long somebody is paid for: for leads."""

    for_roles = (Role.CASE_LEAD,)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("harassment_case:hours")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = next((user for user in policy.holders() if str(user.pk) == self.kwargs["user"]), None)
        if user is None:
            raise Http404
        form = PaidForm(request.POST, auto_id=f"id_{user.pk}_%s")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(bound=(user.pk, form)), status=422)
        hours = form.cleaned_data["hours"]
        minutes = None if hours is None else int((hours * 60).to_integral_value(ROUND_HALF_UP))
        try:
            verbs.set_paid(user=user, minutes=minutes, by=request.user)
        except PermissionDenied:
            raise Http404 from None
        messages.success(request, _("It is written down."))
        return redirect("harassment_case:hours")


ADDRESSES = (
    Address("hours", "hours/", HoursView),
    Address("paid", "hours/<str:user>/", PaidView),
)

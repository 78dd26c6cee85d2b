"""The page on which those who work cases publish the times at which they can be met, and see which are taken.

A time that was taken for a case that its owner may not see is "taken", and nothing else.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.meeting.forms import TimesForm
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.institution import slots
from wagtail_harassment.institution.slot_models import Booking, Slot

__all__ = ["ADDRESSES", "TimesView", "WithdrawSeriesView", "WithdrawTimeView"]

#: Times that are shown. Half a year of three mornings a week, with four times each, is fewer.
MOST = 500


@dataclass(frozen=True)
class Time:
    """One time of somebody's own."""

    slot: Slot
    taken: bool
    reference: str = ""
    url: str = ""


@dataclass
class Day:
    """The times of one day."""

    day: date
    times: list[Time] = field(default_factory=list)


class TimesView(WagtailAdminTemplateMixin, TemplateView):
    """One's own times, and a form for more."""

    template_name = "wagtail_harassment/casework/meeting/times.html"
    page_title = gettext_lazy("Times to meet")
    header_icon = "calendar"
    http_method_names = ["get", "post"]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": reverse("harassment_case:times"), "label": _("Times to meet")},
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(TimesForm(prefix="times"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = TimesForm(request.POST, prefix="times")
        if form.is_valid():
            try:
                done = slots.publish(person=request.user, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _in_words(done))
                return redirect("harassment_case:times")
        return self.show(form, status=422)

    def show(self, form: TimesForm, status: int = 200) -> HttpResponse:
        """The page with its form."""
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        days = _days(self.request.user)
        times = [time for each in days for time in each.times]
        return super().get_context_data(
            days=days,
            free=sum(not time.taken for time in times),
            taken=sum(time.taken for time in times),
            more=len(times) >= MOST,
            **kwargs,
        )


class WithdrawTimeView(TimesView):
    """Take back one time of one's own."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("harassment_case:times")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        count = slots.withdraw(person=request.user, **self.which(kwargs))
        if count:
            words = ngettext("%(count)s time is taken back.", "%(count)s times are taken back.", count)
            messages.success(request, words % {"count": count})
        else:
            # Also for a time that is none of theirs: no other words.
            messages.warning(request, _("Nothing was taken back: no such time is free any more."))
        return redirect("harassment_case:times")

    def which(self, kwargs: dict[str, Any]) -> dict[str, uuid.UUID]:
        """Which."""
        return {"slot": kwargs["slot"]}


class WithdrawSeriesView(WithdrawTimeView):
    """Take back what is free of all that was published at once."""

    def which(self, kwargs: dict[str, Any]) -> dict[str, uuid.UUID]:
        return {"series": kwargs["series"]}


def _days(person: Any) -> list[Day]:
    """Their times from today on, day by day. Two queries."""
    held = Booking.objects.filter(slot=OuterRef("pk"), released=False)
    rows = Slot.objects.filter(person=person.pk, ends_at__gte=timezone.now())
    rows = rows.annotate(record=Subquery(held.values("record")[:1])).order_by("starts_at")[:MOST]
    rows = [row for row in rows if row.offered or row.record]
    named = dict(
        policy.visible_cases(person)
        .filter(pk__in=[row.record for row in rows if row.record])
        .values_list("pk", "reference")
    )
    days: list[Day] = []
    for row in rows:
        day = timezone.localtime(row.starts_at).date()
        if not days or days[-1].day != day:
            days.append(Day(day))
        reference = named.get(row.record, "")
        url = reverse("harassment_case:others", args=[row.record]) if reference else ""
        days[-1].times.append(Time(row, row.record is not None, reference, url))
    return days


def _in_words(done: slots.Published) -> str:
    words = ngettext("%(count)s time is published.", "%(count)s times are published.", done.made)
    words %= {"count": done.made}
    if done.left_out:
        left = ngettext(
            "%(count)s was left out: you have something else then.",
            "%(count)s were left out: you have something else then.",
            done.left_out,
        )
        words += " " + left % {"count": done.left_out}
    return words


ADDRESSES = (
    Address("times", "times/", TimesView),
    Address("withdraw_time", "times/<uuid:slot>/withdraw/", WithdrawTimeView),
    Address("withdraw_times", "times/all/<uuid:series>/withdraw/", WithdrawSeriesView),
)

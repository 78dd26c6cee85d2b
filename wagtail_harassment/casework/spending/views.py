"""The addresses at which time is logged on a case, and taken back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.models import TimeSpent
from wagtail_harassment.casework.pressing import OthersPanelView, OthersVerbView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.spending import verbs
from wagtail_harassment.casework.spending.card import SpendPanel
from wagtail_harassment.casework.spending.forms import SpendForm

__all__ = ["ADDRESSES", "SpendView", "TakeBackView"]


class SpendView(OthersPanelView):
    """Log time."""

    panel = SpendPanel
    not_done = gettext_lazy("The time was not logged.")
    place = "#hours"

    def press(self, form: SpendForm) -> str:
        verbs.spend(case=self.object, by=self.request.user, **form.cleaned_data)
        return _("The time is logged.")


class TakeBackView(OthersVerbView):
    """Take one's own time back: a row of another case is like one that never was."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row()
        return super().get(request)

    def row(self) -> TimeSpent:
        """The row that the address names, if it is one of this case."""
        return get_object_or_404(TimeSpent, pk=self.kwargs["time"], case=self.object.pk)

    def act(self) -> HttpResponse:
        verbs.take_back(case=self.object, spent=self.row(), by=self.request.user)
        return self.done(_("It was taken back."), "#hours")


ADDRESSES = (
    Address("spend", "<uuid:pk>/hours/", SpendView),
    Address("take_back_time", "<uuid:pk>/hours/<uuid:time>/", TakeBackView),
)

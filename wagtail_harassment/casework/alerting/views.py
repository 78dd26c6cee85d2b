"""The pages on which people see which alerts did not get through, and say how they want to be told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.alerting import outbox, preferences
from wagtail_harassment.casework.alerting.forms import PreferenceForm
from wagtail_harassment.casework.alerting.kinds import WORDS
from wagtail_harassment.casework.alerting.standing import state_of_alerts
from wagtail_harassment.casework.labels import when
from wagtail_harassment.casework.models import Alert, AlertState, Role
from wagtail_harassment.casework.notifications import NOBODY
from wagtail_harassment.casework.pressing import VerbView
from wagtail_harassment.casework.screen import Address

__all__ = ["ADDRESSES", "OutboxView", "PreferencesView", "ToldView", "TryAgainView"]

#: Alerts on one page: what is more comes when these are done.
MOST = 100


@dataclass(frozen=True)
class Entry:
    """One alert that did not get through, in words."""

    alert: Alert

    @property
    def kind(self) -> str:
        return str(WORDS.get(self.alert.kind, self.alert.kind))

    @property
    def failure(self) -> str:
        """What went wrong, as far as a person can do something about it."""
        known = {
            NOBODY: _("Nobody who may see the case has an e-mail address."),
            "refused": _("The mail server does not know an address."),
        }
        return known.get(
            self.alert.failure, _("The mail server could not be reached, or did not take the e-mail.")
        )

    @property
    def next_try(self) -> str:
        if self.alert.state == AlertState.FAILED:
            return _("Given up: it is not tried again by itself.")
        if self.alert.not_before is None:
            return _("It is tried again within minutes.")
        return _("It is tried again %(when)s.") % {"when": when(self.alert.not_before)}


class Page(WagtailAdminTemplateMixin, TemplateView):
    """A page below the list of cases."""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": "", "label": self.page_title},
        ]


class OutboxView(Page):
    """Alerts of the cases one may see that did not get through."""

    template_name = "wagtail_harassment/casework/outbox.html"
    page_title = gettext_lazy("Alerts that did not get through")
    header_icon = "mail"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        alerts = list(outbox.stuck(self.request.user).select_related("case")[: MOST + 1])
        return super().get_context_data(
            entries=[Entry(alert) for alert in alerts[:MOST]],
            more=len(alerts) > MOST,
            standing=[one for one in state_of_alerts(self.request.user) if not one.url],
            lead=policy.holds(self.request.user, Role.CASE_LEAD),
            **kwargs,
        )


class AlertVerbView(VerbView):
    """A verb on one alert of a case, named by ``alert`` in what is sent; then back to the others."""

    def act(self) -> HttpResponse:
        try:
            alert = uuid.UUID(self.request.POST.get("alert", ""))
        except ValueError:
            alert = uuid.UUID(int=0)
        if self.press(alert):
            messages.success(self.request, self.done_words)
        else:
            messages.warning(self.request, _("That alert does not wait any more. Nothing was changed."))
        return redirect("harassment_case:outbox")

    done_words: Any = ""

    def press(self, alert: uuid.UUID) -> bool:
        """Do it. Raises ``NotAllowed``."""
        raise NotImplementedError


class TryAgainView(AlertVerbView):
    """Have it sent now."""

    done_words = gettext_lazy("It is being sent now. If it is here again in a few minutes, mail still fails.")

    def press(self, alert: uuid.UUID) -> bool:
        return outbox.try_again(case=self.object, alert=alert, by=self.request.user)


class ToldView(AlertVerbView):
    """Say that everybody was told another way."""

    done_words = gettext_lazy("It is written down that you told everybody.")

    def press(self, alert: uuid.UUID) -> bool:
        return outbox.told_by_hand(case=self.object, alert=alert, by=self.request.user)


class PreferencesView(Page):
    """How I am told, and who stands in for me."""

    template_name = "wagtail_harassment/casework/preferences.html"
    page_title = gettext_lazy("How I am told")
    header_icon = "user"

    def form(self, data: Any = None) -> PreferenceForm:
        mine = preferences.preference_of(self.request.user)
        initial = {"digest": mine.digest, "stand_in": mine.stand_in_id, "away_until": mine.away_until}
        return PreferenceForm(data, initial=initial, people=preferences.stand_ins(self.request.user))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": self.form()} | kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                preferences.set_preference(by=request.user, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            except actions.NotAllowed:
                form.add_error(None, _("You work no cases any more. Ask a case lead."))
            else:
                messages.success(request, _("Kept."))
                return redirect("harassment_case:preferences")
        return self.render_to_response(self.get_context_data(form=form), status=422)


ADDRESSES = (
    Address("outbox", "outbox/", OutboxView),
    Address("preferences", "preferences/", PreferencesView),
    Address("try_again", "<uuid:pk>/alerts/again/", TryAgainView),
    Address("told", "<uuid:pk>/alerts/told/", ToldView),
)

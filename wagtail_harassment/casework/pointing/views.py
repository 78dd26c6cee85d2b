"""The addresses at which services are given and followed up, each below its case."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.models import ServiceGiven
from wagtail_harassment.casework.pointing import verbs
from wagtail_harassment.casework.pointing.card import GivePanel, follow_name
from wagtail_harassment.casework.pointing.forms import FollowForm, GiveForm
from wagtail_harassment.casework.pressing import OthersPanelView, OthersVerbView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESSES", "FollowView", "GiveView"]


class GiveView(OthersPanelView):
    """Write down which services somebody was given."""

    panel = GivePanel
    not_done = gettext_lazy("It was not written down.")
    place = "#services"

    @sensitive_variables()
    def press(self, form: GiveForm) -> str:
        verbs.give(case=self.object, by=self.request.user, **form.cleaned_data)
        return _("It was written down.")


class FollowView(OthersVerbView):
    """Write down what became of one: a row of another case is like one that never was."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row()
        return super().get(request)

    def row(self) -> ServiceGiven:
        """The row that the address names, if it is one of this case."""
        return get_object_or_404(ServiceGiven, pk=self.kwargs["given"], case=self.object.pk)

    @sensitive_variables()
    def act(self) -> HttpResponse:
        row = self.row()
        if "signpost" not in self.may:
            raise actions.NotAllowed
        form, status = FollowForm(self.request.POST, row=row), 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            try:
                verbs.follow(
                    case=self.object,
                    given=row,
                    by=self.request.user,
                    expected_version=given.pop("version"),
                    **given,
                )
                return self.done(_("It was written down."), "#services")
            except ValidationError as error:
                form.add_error(None, error)
            except actions.Stale:
                form.add_error(
                    None, _("Somebody else wrote down something else meanwhile. Look at it again.")
                )
                status = 409
            except (CannotOpen, KeyDestroyed, KeyringError, Tampered):
                form.add_error(None, _("What you wrote cannot be kept: its key does not open here."))
                status = 409
        name = follow_name(row)
        return self.show(
            status=status,
            trouble=_("It was not written down."),
            trouble_place=f"#{name}",
            panels={name: form},
        )


ADDRESSES = (
    Address("signpost", "<uuid:pk>/services/", GiveView, giving_words_back),
    Address("follow_service", "<uuid:pk>/services/<uuid:given>/", FollowView, giving_words_back),
)

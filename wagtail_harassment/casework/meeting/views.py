"""The addresses of meetings, each below its case: a meeting of another case is not found."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.meeting import verbs
from wagtail_harassment.casework.meeting.card import MeetingPanel, free_for
from wagtail_harassment.casework.meeting.forms import EndForm, MoveForm
from wagtail_harassment.casework.models import Meeting, MeetingState
from wagtail_harassment.casework.pressing import OthersPanelView, OthersVerbView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESSES", "ArrangeView", "CancelMeetingView", "EndMeetingView", "MoveMeetingView"]

MEETINGS = "#meetings"


class ArrangeView(OthersPanelView):
    """Arrange a meeting."""

    panel, place = MeetingPanel, MEETINGS
    not_done = gettext_lazy("The meeting was not arranged.")

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        given = form.cleaned_data
        verbs.arrange(
            case=self.object,
            by=self.request.user,
            when=form.when,
            thread=given["thread"],
            invite=given["invite"],
            once=given["once"],
        )
        return _("The meeting is arranged.")


class MeetingVerbView(OthersVerbView):
    """A verb on one meeting. What is wrong is said beside it. ``name`` is that of its form."""

    name = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(f"{self.url('others')}#meeting-{self.meeting.pk.hex}")

    @cached_property
    def meeting(self) -> Meeting:
        """The meeting that the address names, if it is this case's."""
        rows = Meeting.objects.select_related("booking__slot__person")
        found = rows.filter(pk=self.kwargs["meeting"], case=self.object.pk).first()
        if found is None:
            raise Http404
        return found

    @sensitive_variables()
    def act(self) -> HttpResponse:
        meeting, status = self.meeting, 422
        if "meet" not in self.may:
            raise actions.NotAllowed
        form = self.make_form(meeting)
        if form.is_valid():
            try:
                return self.done(self.press(meeting, form), MEETINGS)
            except ValidationError as error:
                form.add_error(None, error)
            except (CannotOpen, KeyDestroyed, KeyringError, Tampered):
                words = _("What you wrote cannot be kept: the key of this meeting does not open here.")
                form.add_error(None, words)
                status = 409
        return self.show(
            status=status,
            trouble=_("The meeting was not changed."),
            trouble_place=f"#meeting-{meeting.pk.hex}",
            panels={f"{self.name}-{meeting.pk.hex}": form},
        )

    def make_form(self, meeting: Meeting) -> forms.Form:
        """The form as it was sent."""
        raise NotImplementedError

    def press(self, meeting: Meeting, form: forms.Form) -> str:
        """Do it; returns what to say of it. Raises ``NotAllowed`` and ``ValidationError``."""
        raise NotImplementedError


class EndMeetingView(MeetingVerbView):
    """Say what became of a meeting."""

    name = "end"

    @sensitive_variables()
    def make_form(self, meeting: Meeting) -> forms.Form:
        return EndForm(self.request.POST, meeting=meeting)

    @sensitive_variables()
    def press(self, meeting: Meeting, form: forms.Form) -> str:
        ended = verbs.end(case=self.object, meeting=meeting, by=self.request.user, **form.cleaned_data)
        return (
            _("The meeting took place.") if ended.state == MeetingState.HELD else _("That is written down.")
        )


class MoveMeetingView(MeetingVerbView):
    """Move a meeting."""

    name = "move"

    @sensitive_variables()
    def make_form(self, meeting: Meeting) -> forms.Form:
        return MoveForm(self.request.POST, meeting=meeting, slots=free_for(self.screen()))

    @sensitive_variables()
    def press(self, meeting: Meeting, form: forms.Form) -> str:
        verbs.move(case=self.object, meeting=meeting, by=self.request.user, when=form.when)
        return _("The meeting is moved.")


class CancelMeetingView(MeetingVerbView):
    """Cancel a meeting."""

    name = "cancel"

    def make_form(self, meeting: Meeting) -> forms.Form:
        return forms.Form(self.request.POST)

    def press(self, meeting: Meeting, form: forms.Form) -> str:
        verbs.cancel(case=self.object, meeting=meeting, by=self.request.user)
        return _("The meeting is cancelled.")


_MEETING = "<uuid:pk>/meeting/<uuid:meeting>/"
ADDRESSES = (
    Address("meeting", "<uuid:pk>/meeting/", ArrangeView, giving_words_back),
    Address("end_meeting", f"{_MEETING}end/", EndMeetingView, giving_words_back),
    Address("move_meeting", f"{_MEETING}move/", MoveMeetingView, giving_words_back),
    Address("cancel_meeting", f"{_MEETING}cancel/", CancelMeetingView),
)

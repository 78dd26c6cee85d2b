"""The addresses of notes: one is added, or kept for later."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.forms import NoteForm
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.noting import drafts
from wagtail_harassment.casework.noting.notes import NotePanel
from wagtail_harassment.casework.pressing import PanelView, VerbView
from wagtail_harassment.casework.screen import Address

__all__ = ["ADDRESSES", "NoteDraftView", "NoteView"]


class NoteView(PanelView):
    """Add a note. Whatever goes wrong, the words that were typed come back."""

    panel = NotePanel
    not_done = gettext_lazy("Your note was not added.")
    place = "#notes"

    @sensitive_variables()
    def press(self, form: NoteForm) -> str:
        actions.add_note(case=self.object, by=self.request.user, **form.cleaned_data)
        drafts.discard(case=self.object, by=self.request.user)
        return _("Note added.")


class NoteDraftView(VerbView):
    """Keep what was written so far. A browser that keeps it by itself gets no page."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        quiet = "quiet" in self.request.POST
        try:
            drafts.keep(case=self.object, text=self.request.POST.get("note-text", ""), by=self.request.user)
        except ValidationError as error:
            if quiet:
                return HttpResponse(status=422)
            form = NoteForm(self.request.POST, prefix="note")
            form.add_error("text", error)
            return self.show(
                status=422,
                trouble=_("Your note was not kept."),
                trouble_place="#note",
                panels={"note": form},
            )
        if quiet:
            return HttpResponse(status=204)
        return self.done(_("What you wrote is kept for you. Nobody else sees it."), "#note")


ADDRESSES = (
    Address("note", "<uuid:pk>/note/", NoteView, giving_words_back),
    Address("note_draft", "<uuid:pk>/note/draft/", NoteDraftView, giving_words_back),
)

"""Closing a case, opening it again and correcting it, as they are pressed on its screen."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.closing import verbs
from wagtail_harassment.casework.closing.panels import ClosePanel, ReopenPanel, TypesPanel
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.pressing import PanelView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.writing.views import TROUBLES, trouble_in_words

__all__ = ["ADDRESSES", "CloseView", "ReopenView", "TypesView"]


class CloseView(PanelView):
    """Close the case."""

    panel = ClosePanel
    not_done = gettext_lazy("The case was not closed.")
    place = "#closed"

    def press(self, form: forms.Form) -> str:
        given = form.cleaned_data
        try:
            verbs.close_case(
                case=self.object,
                by=self.request.user,
                outcome=given["outcome"],
                reason=given["reason"],
                told=given.get("told", ""),
                lessons=given["lessons"],
                drop_tasks=given["tasks"] if given.get("drop") else 0,
                expected_version=given["version"],
                expected_heard=given["heard"],
                once=given["once"],
            )
        except TROUBLES as error:
            raise ValidationError(trouble_in_words(error)) from None
        return _("The case is closed.")


class ReopenView(PanelView):
    """Open it again."""

    panel = ReopenPanel
    not_done = gettext_lazy("The case was not opened again.")

    def press(self, form: forms.Form) -> str:
        given = form.cleaned_data
        verbs.reopen_case(
            case=self.object,
            reason=given["reason"],
            by=self.request.user,
            expected_version=given["version"],
            once=given["once"],
        )
        return _("The case is open again.")


class TypesView(PanelView):
    """Correct the types or the campus."""

    panel = TypesPanel
    not_done = gettext_lazy("Nothing was corrected.")

    def press(self, form: forms.Form) -> str:
        given = form.cleaned_data
        verbs.correct_types(
            case=self.object,
            types=given["types"],
            campus=given["campus"],
            reason=given["reason"],
            by=self.request.user,
            expected_version=given["version"],
            once=given["once"],
        )
        return _("Corrected.")


ADDRESSES = (
    Address("close", "<uuid:pk>/close/", CloseView, giving_words_back),
    Address("reopen", "<uuid:pk>/reopen/", ReopenView, giving_words_back),
    Address("types", "<uuid:pk>/types/", TypesView, giving_words_back),
)

"""Writing to somebody, as it is pressed on the screen of a case."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.pressing import VerbView
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.writing import templates, verbs
from wagtail_harassment.casework.writing.forms import WriteForm
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.reporting.threads import Refused
from wagtail_harassment.signposting.language import default_language
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["ADDRESSES", "TROUBLES", "FillView", "WriteView", "trouble_in_words"]

TROUBLES = (Refused, Tampered, KeyDestroyed, CannotOpen, KeyringError)


def trouble_in_words(error: Exception) -> str:
    """What kept a message from being written, one of :data:`TROUBLES`, for people."""
    if isinstance(error, Refused):
        return _("They do not want to be written to. They may have said so while you were writing.")
    if isinstance(error, Tampered):
        return _(
            "The key that messages to them are locked with is not the one they gave. Nothing was sent, so that "
            "nobody else can read it. Tell whoever looks after this site today."
        )
    if isinstance(error, KeyDestroyed):
        return _("The report was erased for good. Nobody can be written to about it any more.")
    return _("This server does not hold the key that is needed to write to them.")


class ThreadView(VerbView):
    """A verb on one of this case's threads."""

    def thread(self) -> Thread:
        """The thread that was named, if it is one of this case: any other is like one that never was."""
        try:
            return Thread.objects.get(
                pk=uuid.UUID(self.request.POST.get("thread", "")), report=self.object.pk
            )
        except (ValueError, Thread.DoesNotExist):
            raise Http404 from None


class WriteView(ThreadView):
    """Write to the person of one of this case's threads. Whatever goes wrong, the words that were typed come back."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        thread = self.thread()
        form, status = WriteForm(self.request.POST, thread=thread), 422
        if form.is_valid():
            try:
                verbs.write(case=self.object, thread=thread, by=self.request.user, **form.cleaned_data)
            except ValidationError as error:
                form.add_error("text", error)
            except TROUBLES as error:
                form.add_error("text", trouble_in_words(error))
                status = 409
        if form.errors:
            return self.show(
                status=status,
                trouble=_("Your message was not sent."),
                trouble_place=f"#write-{thread.pk.hex}",
                write_form=(thread.pk, form),
            )
        return self.done(_("Message sent."), "#messages")


class FillView(ThreadView):
    """Put a template into the message box, after what was typed there; or, where none was named, show them. Nothing is
    stored, and nothing is sent."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        if "write" not in self.may:
            raise actions.NotAllowed
        thread, sent = self.thread(), self.request.POST
        account = first_account(self.object).account
        language = account.language if account else default_language()
        known = {each.code: each for each in templates.offered(self.object, self.request.user, language)}
        chosen = known.get(sent.get("template", ""))
        text = sent.get("write-text", "").replace("\r\n", "\n").strip()
        if chosen is not None:
            ticked = sent.getlist(f"paragraph-{chosen.code}")
            text = "\n\n".join(filter(None, (text, templates.put_together(chosen, ticked))))
        initial = {"text": text, "tell": "write-tell" in sent}
        form = WriteForm(initial=initial, thread=thread, filled=chosen is not None)
        place = f"#write-{thread.pk.hex}"
        if thread.refused:
            trouble = _("They do not want to be written to. They may have said so while you were writing.")
            return self.show(status=409, trouble=trouble, trouble_place=place, write_form=(thread.pk, form))
        if chosen is None and not sent.get("template"):
            return self.show(write_form=(thread.pk, form), choosing=True)
        if chosen is None:
            trouble = _("That template is not there any more. Choose another. What you typed is still there.")
            return self.show(
                status=422,
                trouble=trouble,
                trouble_place=place,
                write_form=(thread.pk, form),
                choosing=True,
            )
        return self.show(write_form=(thread.pk, form))


ADDRESSES = (
    Address("write", "<uuid:pk>/write/", WriteView, giving_words_back),
    Address("fill", "<uuid:pk>/write/template/", FillView, giving_words_back),
)

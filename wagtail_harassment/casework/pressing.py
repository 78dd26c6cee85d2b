"""The verbs of a case, as they are pressed on its screen: a plain POST, then back to the case."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from wagtail.admin import messages

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.forms import AssignForm, NoteForm, StatusForm, WriteForm
from wagtail_harassment.casework.models import CaseStatus, Grant
from wagtail_harassment.casework.timeline import changes
from wagtail_harassment.casework.workspace import WorkspaceView
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.reporting.threads import Refused
from wagtail_harassment.vault.envelope import CannotOpen, KeyDestroyed, Tampered
from wagtail_harassment.vault.keyring import KeyringError

__all__ = [
    "AnsweredView",
    "AssignView",
    "GenuineView",
    "NoteView",
    "StatusView",
    "TakeView",
    "WriteView",
    "giving_words_back",
]


class VerbView(WorkspaceView):
    """One verb: pressed by POST, then back to the case. What goes wrong is said on the case's own screen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.url("workspace"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self.act()
        except actions.NotAllowed:
            return self.refuse()

    def act(self) -> HttpResponse:
        """Do it. Raises ``NotAllowed``."""
        raise NotImplementedError

    def refuse(self) -> HttpResponse:
        """The policy said no: to what is no longer there for this person, or to this verb only."""
        if not policy.may(self.request.user, "view", self.object):
            raise Http404
        return self.show(status=403, trouble=_("You cannot do that on this case. Ask a case lead."))

    def done(self, words: str, place: str = "") -> HttpResponse:
        """Back to the case, with a word on what was done that would say nothing to a stranger."""
        messages.success(self.request, words)
        return redirect(self.url("workspace") + place)


class TakeView(VerbView):
    """Take the case."""

    def act(self) -> HttpResponse:
        if "seen" in self.request.POST and self.request.POST["seen"] != str(self.object.assignee_id or ""):
            if self.object.assignee_id == self.request.user.pk:
                return self.done(_("You have this case already."))
            words = _(
                "%(name)s got this case while you had it open. Nothing was changed. You can still take it over."
            )
            name = policy.display_name(self.object.assignee) if self.object.assignee else _("Nobody")
            return self.show(status=409, trouble=words % {"name": name})
        actions.take(case=self.object, by=self.request.user)
        return self.done(_("You have taken this case."))


class AssignView(VerbView):
    """Give the case to somebody."""

    def act(self) -> HttpResponse:
        if "assign" not in self.may:
            raise actions.NotAllowed
        form = AssignForm(self.request.POST, prefix="assign", case=self.object, people=self.people)
        if not form.is_valid():
            return self.show(
                status=422,
                trouble=_("The case was not given to anybody."),
                trouble_place="#assign",
                assign_form=form,
            )
        to = form.cleaned_data["to"]
        actions.assign(case=self.object, to=to, by=self.request.user)
        return self.done(_("The case is with %(name)s now.") % {"name": policy.display_name(to)})


class GenuineView(VerbView):
    """Take away the mark that the report may be from a machine."""

    def act(self) -> HttpResponse:
        actions.clear_doubt(case=self.object, by=self.request.user)
        return self.done(_("The mark is gone."))


class NoteView(VerbView):
    """Add a note. Whatever goes wrong, the words that were typed come back."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        form = NoteForm(self.request.POST, prefix="note")
        if form.is_valid():
            try:
                actions.add_note(case=self.object, by=self.request.user, **form.cleaned_data)
            except ValidationError as error:
                form.add_error("text", error)
        if form.errors:
            trouble = _("Your note was not added.")
            return self.show(status=422, trouble=trouble, trouble_place="#note", note_form=form)
        return self.done(_("Note added."), "#notes")


class WriteView(VerbView):
    """Write to the person of one of this case's threads. Whatever goes wrong, the words that were typed come back."""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        thread = self.thread()
        form, status = WriteForm(self.request.POST, thread=thread), 422
        if form.is_valid():
            try:
                actions.write_to_reporter(
                    case=self.object, thread=thread, by=self.request.user, **form.cleaned_data
                )
            except ValidationError as error:
                form.add_error("text", error)
            except TROUBLES as error:
                form.add_error("text", _trouble(error))
                status = 409
        if form.errors:
            return self.show(
                status=status,
                trouble=_("Your message was not sent."),
                trouble_place=f"#write-{thread.pk.hex}",
                write_form=(thread.pk, form),
            )
        return self.done(_("Message sent."), "#messages")

    def thread(self) -> Thread:
        """The thread that was named, if it is one of this case: any other is like one that never was."""
        try:
            return Thread.objects.get(
                pk=uuid.UUID(self.request.POST.get("thread", "")), report=self.object.pk
            )
        except (ValueError, Thread.DoesNotExist):
            raise Http404 from None


TROUBLES = (Refused, Tampered, KeyDestroyed, CannotOpen, KeyringError)


def _trouble(error: Exception) -> str:
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


class AnsweredView(VerbView):
    """Say that what came needs no answer."""

    def act(self) -> HttpResponse:
        actions.nothing_to_answer(case=self.object, by=self.request.user)
        return self.done(_("Nothing waits for an answer."), "#messages")


class StatusView(VerbView):
    """Change the status, if the case is still as this person saw it."""

    def act(self) -> HttpResponse:
        form = StatusForm(self.request.POST, prefix="status", case=self.object)
        if form.data.get("status-version") != str(self.object.version):
            return self.stale(form.data.get("status-status", ""))
        if not form.is_valid():
            return self.show(
                status=422,
                trouble=_("The status was not changed."),
                trouble_place="#status",
                status_form=form,
            )
        status = form.cleaned_data["status"]
        try:
            actions.set_status(
                case=self.object, status=status, by=self.request.user, expected_version=self.object.version
            )
        except actions.Stale:
            self.object = self.get_object()
            return self.stale(status)
        return self.done(_("Status changed to %(status)s.") % {"status": CaseStatus(status).label})

    def stale(self, status: str) -> HttpResponse:
        """Somebody else was quicker: say what they did and what was not done, and keep the choice."""
        chosen = dict(CaseStatus.choices).get(status)
        last = next(iter(changes(self.object, 1)), None)
        parts = [_("This case changed while you had it open.")]
        if last:
            parts.append(f"{last.words}, {last.when}.")
        if chosen and status == self.object.status:
            parts.append(_("It is “%(status)s” already, as you wanted.") % {"status": chosen})
        elif chosen:
            parts.append(
                _("Your choice, “%(status)s”, was not saved. Press “Change status” if you still want it.")
                % {"status": chosen}
            )
        form = StatusForm(prefix="status", case=self.object, initial={"status": status})
        return self.show(status=409, trouble=" ".join(parts), status_form=form)


def giving_words_back(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a note or a message that can no longer be kept come back to whoever wrote it.

    A case that went out of reach while it was typed answers "not found", like one that never was, and
    the answer holds the words: it depends on nothing but what was sent. For people who had a case role once.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            message = request.POST.get("write-text", "")
            text = message or request.POST.get("note-text", "")
            if not text.strip() or not Grant.history.filter(user=request.user.pk).exists():
                raise
            context = {"text": text, "message": bool(message)}
            return render(request, "wagtail_harassment/casework/note_back.html", context, status=404)

    return wrapped

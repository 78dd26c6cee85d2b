"""The verbs of a case, as they are pressed on its screen: a plain POST, then back to the case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from wagtail.admin import messages

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.access.card import ReadersPanel
from wagtail_harassment.casework.forms import StatusForm
from wagtail_harassment.casework.models import CaseStatus
from wagtail_harassment.casework.others import OthersView
from wagtail_harassment.casework.pages import CasePage
from wagtail_harassment.casework.screen import Address, Panel
from wagtail_harassment.casework.timeline import changes
from wagtail_harassment.casework.workspace import WorkspaceView

__all__ = [
    "ADDRESSES",
    "AnsweredView",
    "GenuineView",
    "OthersPanelView",
    "OthersVerbView",
    "PanelAloneView",
    "PanelView",
    "StatusView",
    "TakeView",
    "VerbView",
]


class Verb:
    """Before a page of a case: one verb, pressed by POST, then back to that page. What goes wrong is said there."""

    opens = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.url(self.page))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self.act()
        except actions.NotAllowed:
            return self.refuse()

    def act(self) -> HttpResponse:
        """Do it. Raises ``NotAllowed``."""
        raise NotImplementedError

    def done(self, words: str, place: str = "") -> HttpResponse:
        """Back to the case, with a word on what was done that would say nothing to a stranger."""
        messages.success(self.request, words)
        return redirect(self.url(self.page) + place)


class PanelVerb(Verb):
    """A verb with a form, which is a panel of that page. Whatever goes wrong, what was typed comes back there.

    ``not_done`` is said when the form was not accepted, ``place`` is where the screen shows what was done.
    """

    panel: type[Panel]
    not_done: Any = ""
    place = ""

    @sensitive_variables()
    def act(self) -> HttpResponse:
        panel = self.panel(self.screen())
        if panel.action not in self.may:
            raise actions.NotAllowed
        form, status = panel.make_form(self.request.POST), 422
        if form.is_valid():
            try:
                return self.done(self.press(form), self.place)
            except ValidationError as error:
                form.add_error(None, error)
            except actions.Stale as error:
                form.add_error(None, str(error))
                self.object, status = self.get_object(), 409
        return self.show(
            status=status,
            trouble=str(self.not_done),
            trouble_place=f"#{panel.name}",
            panels={panel.name: form},
        )

    def press(self, form: forms.Form) -> str:
        """Do it; returns what to say of it, which would say nothing to a stranger.

        Raises ``NotAllowed``, ``Stale`` and ``ValidationError``.
        """
        raise NotImplementedError


class VerbView(Verb, WorkspaceView):
    """A verb of the workspace."""


class PanelView(PanelVerb, WorkspaceView):
    """A panel of the workspace."""


class OthersVerbView(Verb, OthersView):
    """A verb of the page of what is done with others."""


class OthersPanelView(PanelVerb, OthersView):
    """A panel of that page."""


class PanelAloneView(CasePage):
    """One panel by itself, open, for a page of the case that puts it in place. It shows nothing that was written."""

    template_name = "wagtail_harassment/casework/panel.html"
    opens = False
    panels = (*WorkspaceView.panels, ReadersPanel)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        screen = replace(self.screen(), query=QueryDict(f"do={self.kwargs['name']}"))
        for made in self.panels:
            if made.name == self.kwargs["name"] and (panel := self.offered(made, screen)):
                return render(request, self.template_name, {"panel": panel})
        raise Http404


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


class GenuineView(VerbView):
    """Take away the mark that the report may be from a machine."""

    def act(self) -> HttpResponse:
        actions.clear_doubt(case=self.object, by=self.request.user)
        return self.done(_("The mark is gone."))


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
        except ValidationError as error:
            # Closed: there is no form for it.
            return self.show(status=409, trouble=" ".join(error.messages), trouble_place="#reopen")
        return self.done(_("Status changed to %(status)s.") % {"status": CaseStatus(status).label})

    def stale(self, status: str) -> HttpResponse:
        """Somebody else was quicker: say what they did and what was not done, and keep the choice."""
        chosen = CaseStatus(status).label if status in actions.STAGES else ""
        last = next(iter(changes(self.object, 1)), None)
        parts = [_("This case changed while you had it open.")]
        if last:
            parts.append(f"{last.words}, {last.when}.")
        if chosen and status == self.object.status:
            parts.append(_("It is “%(status)s” already, as you wanted.") % {"status": chosen})
        elif self.object.status == CaseStatus.CLOSED:
            parts.append(_("It is closed now: open it again first, if you still want to change its status."))
            return self.show(status=409, trouble=" ".join(parts), trouble_place="#reopen")
        elif chosen:
            parts.append(
                _("Your choice, “%(status)s”, was not saved. Press “Change status” if you still want it.")
                % {"status": chosen}
            )
        form = StatusForm(prefix="status", case=self.object, initial={"status": status})
        return self.show(status=409, trouble=" ".join(parts), status_form=form)


ADDRESSES = (
    Address("take", "<uuid:pk>/take/", TakeView),
    Address("answered", "<uuid:pk>/answered/", AnsweredView),
    Address("status", "<uuid:pk>/status/", StatusView),
    Address("panel", "<uuid:pk>/panel/<slug:name>/", PanelAloneView),
    Address("genuine", "<uuid:pk>/genuine/", GenuineView),
)

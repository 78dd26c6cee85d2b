"""The one screen of a case, and the verbs that are pressed on it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.conversations import Conversation, correspondence
from wagtail_harassment.casework.forms import AssignForm, NoteForm, StatusForm, WriteForm
from wagtail_harassment.casework.labels import ago, label, route_label, when
from wagtail_harassment.casework.models import Case, CaseStatus
from wagtail_harassment.casework.next_steps import next_steps
from wagtail_harassment.casework.reaching import ways_to_reach
from wagtail_harassment.casework.reading import first_account
from wagtail_harassment.casework.related import related
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.vault.envelope import CannotOpen

__all__ = ["HistoryView", "WorkspaceView"]

#: What is shown before "show all".
NOTES, LETTERS, HAPPENINGS, ROWS_LOOKED_AT, PAGE = 20, 20, 10, 100, 100


class CaseView(WagtailAdminTemplateMixin, BaseObjectMixin, View):
    """A view of one case. The page's title is its reference: browsers keep titles."""

    model = Case
    header_icon = "folder-open-1"
    index_url_name = None
    workspace_url_name = None
    history_url_name = None
    take_url_name = None
    assign_url_name = None
    note_url_name = None
    status_url_name = None
    genuine_url_name = None
    write_url_name = None
    answered_url_name = None

    def get_page_title(self) -> str:
        return self.object.reference

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": _("Cases")},
            {"url": self.url("workspace"), "label": self.object.reference},
        ]

    def url(self, name: str) -> str:
        """The address of a view of this case."""
        return reverse(getattr(self, f"{name}_url_name"), args=[self.object.pk])


class WorkspaceView(CaseView):
    """Everything about one case on one screen. Opening it is recorded before anything is shown."""

    template_name = "wagtail_harassment/casework/workspace.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    @sensitive_variables()
    def show(
        self,
        *,
        status: int = 200,
        trouble: str = "",
        trouble_place: str = "",
        write_form: tuple[Any, forms.Form] | None = None,
        **bound: forms.Form,
    ) -> HttpResponse:
        """The screen, with forms as they were sent where something is wrong with them."""
        actions.view(case=self.object, by=self.request.user)
        context = self.get_context_data(
            trouble=trouble, trouble_place=trouble_place, **self.forms(bound), **self.words(write_form)
        )
        return self.render_to_response(context, status=status)

    @cached_property
    def may(self) -> frozenset[str]:
        """What this person may do on this case."""
        asked = ("note", "write", "take", "assign", "set_status")
        if self.object.doubtful:
            asked += ("clear_doubt",)
        return policy.which(self.request.user, asked, self.object)

    def forms(self, bound: dict[str, forms.Form]) -> dict[str, forms.Form]:
        """The forms this person may use, by the names the template knows."""
        made = {}
        if "note" in self.may:
            made["note_form"] = NoteForm(prefix="note")
        if "assign" in self.may:
            made["assign_form"] = AssignForm(prefix="assign", case=self.object, people=self.people)
        if "set_status" in self.may:
            made["status_form"] = StatusForm(prefix="status", case=self.object)
        return made | bound

    @cached_property
    def people(self) -> list[Any]:
        """Those the case may be given to."""
        return policy.people_who("be_assigned", self.object)

    @sensitive_variables()
    def words(self, write_form: tuple[Any, forms.Form] | None) -> dict[str, Any]:
        """What is sealed, opened: the first account, messages and notes, and what follows from them."""
        account = first_account(self.object)
        try:
            notes, trouble = actions.read_notes(case=self.object, by=self.request.user), ""
        except CannotOpen:
            notes, trouble = [], _("This server does not hold the key that opens the notes.")
        written = correspondence(self.object, None if self.request.GET.get("messages") == "all" else LETTERS)
        self.add_write_forms(written.conversations, write_form)
        reach = ways_to_reach(self.object, account, written)
        shown = notes if self.request.GET.get("notes") == "all" else notes[-NOTES:]
        steps = next_steps(
            self.object,
            self.request.user,
            may=self.may,
            noted=bool(notes),
            reachable=any(card.open for card in reach),
            danger=account.answers.get("danger_now") == "yes",
            waiting=written.waiting if self.object.answer_waiting else "",
        )
        threads = [one.thread for one in written.conversations]
        found = happenings(self.object, ROWS_LOOKED_AT, written.letters)
        return {
            "account": account,
            "may_clear_doubt": "clear_doubt" in self.may,
            "reach": reach,
            "related": related(self.object, threads, self.request.user) if threads else [],
            "written": written,
            "may_write": "write" in self.may,
            "happenings": found[:HAPPENINGS],
            "notes": [(note, policy.display_name(note.author), when(note.created_at)) for note in shown],
            "notes_count": len(notes),
            "notes_hidden": len(notes) - len(shown),
            "notes_trouble": trouble,
            "primary": steps[0] if steps else None,
            "further": steps[1:],
        }

    def add_write_forms(
        self, conversations: list[Conversation], bound: tuple[Any, forms.Form] | None
    ) -> None:
        """A form in each thread whose person may be written to; the one as it was sent, whatever they want."""
        for one in conversations:
            if bound and bound[0] == one.thread.pk:
                one.form = bound[1]
            elif "write" in self.may and not one.thread.refused:
                one.form = WriteForm(thread=one.thread)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        readers = policy.people_who("view", self.object)
        return super().get_context_data(
            case=self.object,
            label=label(self.object),
            sentence=sentence(self.object, self.request.user),
            route=route_label(self.object),
            assignee=policy.display_name(self.object.assignee) if self.object.assignee else "",
            readers=sorted(policy.display_name(user) for user in readers),
            **{
                f"{name}_url": self.url(name)
                for name in (
                    *("workspace", "history", "take", "assign", "note", "status"),
                    *("write", "answered", "genuine"),
                )
            },
            **kwargs,
        )


def sentence(case: Case, person: Any) -> str:
    """Where a case stands, in one sentence: "New, received 3 days ago. Nobody has taken it."."""
    stage = _("%(status)s, received %(ago)s.") % {
        "status": case.get_status_display(),
        "ago": ago(case.day_received),
    }
    if case.assignee is None:
        whose = _("Nobody has taken it.")
    elif case.assignee_id == person.pk:
        whose = _("It is yours.") if case.status == CaseStatus.CLOSED else _("You work it.")
    else:
        whose = _("%(name)s works it.") % {"name": policy.display_name(case.assignee)}
    parts = [stage, whose]
    if case.answer_waiting:
        closed = case.status == CaseStatus.CLOSED
        parts.append(
            _("Something came from them since.") if closed else _("Something from them waits for an answer.")
        )
    return " ".join(parts)


class HistoryView(CaseView):
    """Everything that happened on a case, newest first."""

    template_name = "wagtail_harassment/casework/history.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actions.view(case=self.object, by=request.user)
        letters = correspondence(self.object).letters
        page = Paginator(happenings(self.object, letters=letters), PAGE).get_page(request.GET.get("p"))
        return self.render_to_response(self.get_context_data(case=self.object, page_obj=page))

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": self.url("history"), "label": _("History")}]

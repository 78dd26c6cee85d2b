"""The panels in which a case is closed, opened again, and corrected."""

from __future__ import annotations

from functools import cached_property

from django import forms
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_harassment.casework.closing.forms import CloseForm, ReopenForm, TypesForm
from wagtail_harassment.casework.closing.verbs import kept_until
from wagtail_harassment.casework.models import CaseStatus, TaskState
from wagtail_harassment.casework.screen import Panel
from wagtail_harassment.institution.models import Campus, Term, Vocabulary
from wagtail_harassment.reporting.models import MessageKind, Thread

__all__ = ["ClosePanel", "ReopenPanel", "TypesPanel"]


class SeenPanel(Panel):
    """A panel whose form says what its person had seen. Shown again after an error, it says what is there now."""

    @property
    def seen(self) -> dict[str, int]:
        """What the form brings back, as it is now."""
        return {"version": self.screen.case.version}

    @cached_property
    def form(self) -> forms.Form:
        form = super().form
        if form.is_bound:
            form.data = form.data.copy()
            for name, value in self.seen.items():
                form.data[form.add_prefix(name)] = str(value)
        return form

    @property
    def closed(self) -> bool:
        """Whether the case is closed. A panel that was sent is shown all the same: it holds words."""
        return self.screen.case.status == CaseStatus.CLOSED


class ClosePanel(SeenPanel):
    """Close the case."""

    name = "close"
    action = "close"
    main = True
    heading = gettext_lazy("Close the case")
    button = gettext_lazy("Close the case")
    icon = "lock"
    guards_words = True

    @property
    def shown(self) -> bool:
        return not self.closed or self.bound

    @cached_property
    def threads(self) -> list[Thread]:
        """Those who speak on the case, with how often each wrote (``heard``)."""
        wrote = Count("messages", filter=Q(messages__kind=MessageKind.REPORTER))
        return list(Thread.objects.filter(report=self.screen.case.pk).annotate(heard=wrote))

    @property
    def reachable(self) -> bool:
        """Whether there is somebody who may be written to."""
        return any(not thread.refused for thread in self.threads)

    @cached_property
    def seen(self) -> dict[str, int]:
        return super().seen | {
            "heard": sum(thread.heard for thread in self.threads),
            "tasks": self.screen.case.tasks.filter(state=TaskState.OPEN).count(),
        }

    @cached_property
    def form(self) -> forms.Form:
        sent = self.screen.bound.get(self.name)
        agreed = sent.data.get(sent.add_prefix("tasks")) if sent else None
        form = super().form
        if sent and agreed != str(self.seen["tasks"]):
            # The tick was for other tasks than are open now.
            form.data.pop(form.add_prefix("drop"), None)
        return form

    def make_form(self, data: QueryDict | None = None) -> CloseForm:
        outcomes = Term.objects.filter(vocabulary=Vocabulary.OUTCOME, active=True)
        return CloseForm(
            data,
            prefix=self.name,
            outcomes=outcomes.order_by("sort_order", "label"),
            reachable=self.reachable,
            seen=self.seen,
        )

    @property
    def sentence(self) -> str:
        day = date_format(kept_until(self.screen.today), "DATE_FORMAT")
        parts = [_("Everyone who can see the case reads why it was closed, and what can be learnt.")]
        if self.reachable:
            parts.append(_("They read what you tell them, and that it is closed, when they come back."))
        elif self.threads:
            parts.append(
                _("Nobody can be told: they do not want to be written to. They still see that it is closed.")
            )
        else:
            parts.append(_("Nobody can be told: this report came without a return code."))
        if self.screen.case.hold_until:
            parts.append(_("The hold ends."))
        parts.append(_("The case is kept until %(day)s. Until then it can be opened again.") % {"day": day})
        return " ".join(parts)


class ReopenPanel(SeenPanel):
    """Open a closed case again."""

    name = "reopen"
    action = "close"
    main = True
    heading = gettext_lazy("Open the case again")
    button = gettext_lazy("Open it again")
    icon = "lock-open"
    guards_words = True

    @property
    def shown(self) -> bool:
        return self.closed or self.bound

    def make_form(self, data: QueryDict | None = None) -> ReopenForm:
        return ReopenForm(data, prefix=self.name, seen=self.seen)

    @property
    def sentence(self) -> str:
        parts = [_("The case is in progress again. How it was closed stays readable.")]
        assignee = self.screen.case.assignee_id
        if assignee is None:
            parts.append(_("Those who may see the case are told by e-mail, without a word of why."))
        elif assignee != self.screen.person.pk:
            parts.append(_("The case manager is told by e-mail, without a word of why."))
        parts.append(
            _("They see, when they come back, that somebody is working on it. Nobody writes to them.")
        )
        return " ".join(parts)


class TypesPanel(SeenPanel):
    """Put right what the case is found and counted by."""

    name = "types"
    action = "judge"
    heading = gettext_lazy("Correct the types or the campus")
    button = gettext_lazy("Correct")
    icon = "tag"

    def make_form(self, data: QueryDict | None = None) -> TypesForm:
        case = self.screen.case
        mine = list(case.incident_types.all())
        terms = Term.objects.filter(
            Q(active=True) | Q(pk__in=[term.pk for term in mine]), vocabulary=Vocabulary.INCIDENT_TYPE
        )
        campuses = Campus.objects.filter(Q(active=True) | Q(pk=case.campus_id))
        return TypesForm(
            data,
            prefix=self.name,
            types=terms.order_by("sort_order", "label"),
            campuses=campuses,
            chosen={
                "types": [term.code for term in mine],
                "campus": case.campus.code if case.campus else "",
            },
            seen=self.seen,
        )

    @property
    def sentence(self) -> str:
        return _(
            "Lists and figures go by these. What the reporter wrote, and what they ticked, stays as it was sent. "
            "Everyone who can see the case reads why. They are not told."
        )

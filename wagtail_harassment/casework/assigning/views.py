"""The addresses at which cases change hands: one, several ticked in the list, all of somebody who leaves."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.assigning.forms import AssignForm, GiveForm, LeaverForm
from wagtail_harassment.casework.assigning.giving import holder
from wagtail_harassment.casework.assigning.holding import open_with
from wagtail_harassment.casework.assigning.leaving import Gift, find, hand_over, leavers
from wagtail_harassment.casework.assigning.panel import AssignPanel
from wagtail_harassment.casework.assigning.takers import takers
from wagtail_harassment.casework.assigning.trial import try_rules
from wagtail_harassment.casework.giving_back import giving_words_back
from wagtail_harassment.casework.hosts import on_case_host
from wagtail_harassment.casework.labels import label
from wagtail_harassment.casework.listing import CaseFilterSet
from wagtail_harassment.casework.models import Case, CaseStatus
from wagtail_harassment.casework.pressing import PanelView
from wagtail_harassment.casework.roster import LeadsOnly
from wagtail_harassment.casework.screen import Address

__all__ = ["ADDRESSES", "AT_ONCE", "AssignView", "GiveView", "LeaverView", "TryRulesView"]

#: Cases that change hands in one press.
AT_ONCE = 100
#: The register of rules.
RULES_URL = "wagtail_harassment_assignmentrule_modeladmin_index"


class AssignView(PanelView):
    """Give the case to somebody, if it is still with whom this person saw it."""

    panel = AssignPanel
    not_done = gettext_lazy("The case was not given to anybody.")

    @sensitive_variables()
    def press(self, form: AssignForm) -> str:
        data = form.cleaned_data
        to = data["to"]
        seen = data["seen"] if "assign-seen" in form.data else None
        to.give(case=self.object, by=self.request.user, note=data["note"], once=data["once"], expected=seen)
        if to.person is to.team is None:
            return _("The case is with no team now.")
        return _("The case is with %(name)s now.") % {"name": to.name}


class PlainView(WagtailAdminTemplateMixin, TemplateView):
    """A page beside the list of cases."""

    http_method_names = ["get", "post"]
    header_icon = "folder-open-1"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": "", "label": self.page_title},
        ]

    def page(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page, with what is shown on it."""
        return self.render_to_response(self.get_context_data(**context), status=status)

    def posted_cases(self) -> list[Case]:
        """The cases that were named in what was sent, newest first: those this person may see, and no others."""
        pks = set()
        for sent in self.request.POST.getlist("case"):
            try:
                pks.add(uuid.UUID(sent))
            except ValueError:
                continue
        return list(_listed(policy.visible_cases(self.request.user).filter(pk__in=pks)))


class GiveView(PlainView):
    """Give the cases that were ticked in the list: first to whom, then it is done, each case by itself.

    A case that this person may not see is like one that never was, here as everywhere.
    """

    template_name = "wagtail_harassment/casework/assigning/give.html"
    page_title = gettext_lazy("Give cases to somebody")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("harassment_case:index")

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if len(request.POST.getlist("case")) > AT_ONCE:
            messages.error(request, _("At most 100 cases can be given at once. Nothing was changed."))
            return self.back()
        cases = self.posted_cases()
        if not cases:
            messages.error(request, _("Tick the cases first that you want to give to somebody."))
            return self.back()
        found = takers(policy.holders())
        form = GiveForm(request.POST if "give" in request.POST else None, takers=found)
        if form.is_valid():
            return self.give(cases, form)
        rows = [(case, label(case), holder(case)) for case in cases]
        status = 422 if form.is_bound else 200
        return self.page(status=status, form=form, rows=rows, back=request.POST.get("back", ""))

    @sensitive_variables()
    def give(self, cases: list[Case], form: GiveForm) -> HttpResponse:
        """Give each of them, and say how many went and how many did not; never which, nor why."""
        to, told, left = form.cleaned_data["to"], False, 0
        for case in cases:
            seen = self.request.POST.get(f"seen-{case.pk.hex}")
            words = {name: form.cleaned_data[name] for name in ("note", "once")}
            try:
                to.give(case=case, by=self.request.user, expected=seen, tell=not told, **words)
            except (actions.NotAllowed, actions.Stale, ValidationError):
                left += 1
            else:
                told = told or not to.has(case)
        if given := len(cases) - left:
            words = ngettext(
                "%(count)s case is with %(name)s now.", "%(count)s cases are with %(name)s now.", given
            )
            messages.success(self.request, words % {"count": given, "name": to.name})
        if left:
            words = ngettext(
                "%(count)s case could not be given to them.",
                "%(count)s cases could not be given to them.",
                left,
            )
            messages.warning(self.request, words % {"count": left})
        return self.back()

    def back(self) -> HttpResponse:
        """To the list, with the filters that were in force."""
        kept = QueryDict(self.request.POST.get("back", "")[:2000], mutable=True)
        for name in set(kept) - set(CaseFilterSet.base_filters):
            del kept[name]
        address = reverse("harassment_case:index")
        return redirect(f"{address}?{kept.urlencode()}" if kept else address)


class LeaverView(LeadsOnly, PlainView):
    """Hand over what somebody has who leaves."""

    template_name = "wagtail_harassment/casework/assigning/leaver.html"
    page_title = gettext_lazy("Somebody leaves")
    header_icon = "group"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "who" not in request.GET:
            return self.choose()
        who = self.who(request.GET)
        cases = list(_listed(open_with(who, policy.visible_cases(request.user)))[: AT_ONCE + 1])
        return self.ask(who, self.form(who, cases[:AT_ONCE]), more=len(cases) > AT_ONCE)

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.POST.get("who"):
            return self.choose(status=422)
        who = self.who(request.POST)
        form = self.form(who, self.posted_cases()[:AT_ONCE], request.POST)
        if not form.is_valid():
            return self.ask(who, form, status=422)
        outcome = hand_over(
            who=who,
            gifts=[Gift(case, form.taker_of(case), form.note_of(case)) for case in form.cases],
            by=request.user,
            once=form.cleaned_data["once"],
            withdraw=form.cleaned_data["withdraw"],
        )
        name = policy.display_name(who)
        given, left = _named(outcome.given), _named(outcome.left)
        return self.page(name=name, who_pk=who.pk, done=outcome, given=given, left=left)

    def who(self, sent: QueryDict) -> Any:
        """Whom it is about. Not found where they never worked cases."""
        who = find(self.request.user, sent["who"])
        if who is None:
            raise Http404
        return who

    def choose(self, status: int = 200) -> HttpResponse:
        """The page on which whoever leaves is chosen, with what they have of what this lead may see."""
        visible = policy.visible_cases(self.request.user).exclude(status=CaseStatus.CLOSED).order_by()
        counts = dict(visible.values_list("assignee").annotate(Count("pk")))
        people = [
            (user, policy.display_name(user), counts.get(user.pk, 0)) for user in leavers(self.request.user)
        ]
        people.sort(key=lambda row: (row[1].casefold(), str(row[0].pk)))
        return self.page(people=people, status=status)

    def form(self, who: Any, cases: list[Case], data: QueryDict | None = None) -> LeaverForm:
        """The form for these cases, with all who could get one."""
        found = takers(user for user in policy.holders() if user.pk != who.pk)
        return LeaverForm(data, cases=cases, takers=found, person=self.request.user)

    def ask(self, who: Any, form: forms.Form, *, status: int = 200, more: bool = False) -> HttpResponse:
        """The page on which it is chosen who gets what."""
        rows = [(case, label(case), to, note) for case, to, note in form.rows()]
        name = policy.display_name(who)
        return self.page(status=status, who=who, name=name, form=form, rows=rows, more=more)


class TryRulesView(LeadsOnly, PlainView):
    """Try the rules that give cases against past ones, before they go live."""

    http_method_names = ["get"]
    template_name = "wagtail_harassment/casework/assigning/trial.html"
    page_title = gettext_lazy("Try the rules that give cases")
    header_icon = "user"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drafts = self.request.GET.get("with") == "drafts"
        trial = try_rules(self.request.user, drafts=drafts)
        # On a case host there are no registers.
        rules_url = "" if on_case_host(self.request) else reverse(RULES_URL)
        return super().get_context_data(
            trial=trial, total=len(trial.outcomes), drafts=drafts, rules_url=rules_url, **kwargs
        )


def _listed(cases: QuerySet[Case]) -> QuerySet[Case]:
    cases = cases.select_related("assignee", "campus", "team").prefetch_related("incident_types")
    return cases.order_by("-day_received", "-id")


def _named(found: Iterable[tuple[Case, str]]) -> list[tuple[Case, str, str]]:
    return [(case, label(case), words) for case, words in found]


ADDRESSES = (
    Address("give", "give/", GiveView),
    Address("leaver", "people/leaver/", LeaverView),
    Address("try_rules", "people/rules/", TryRulesView),
    Address("assign", "<uuid:pk>/assign/", AssignView, giving_words_back),
)

"""My day: what someone who works cases sees first. How many wait, each with the list it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from wagtail_harassment.casework import hosts, policy
from wagtail_harassment.casework.alerting.standing import state_of_alerts
from wagtail_harassment.casework.evidence.standing import state_of_files
from wagtail_harassment.casework.listing import COUNT_UP_TO, CaseFilterSet
from wagtail_harassment.casework.models import Role
from wagtail_harassment.casework.saving.counting import cases_of, count_all
from wagtail_harassment.casework.saving.verbs import shown_to
from wagtail_harassment.casework.waiting import count_for_person

__all__ = ["CasesPanel", "ElsewherePanel", "say_waiting", "waiting_for"]

#: What the menu says at most.
BADGE_UP_TO = 99


class CasesPanel(Component):
    """A panel on Wagtail's home page. Each number is counted by the filters of the list it links to."""

    name = "harassment_cases"
    template_name = "wagtail_harassment/casework/home.html"
    order = 50

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        lead = policy.holds(request.user, Role.CASE_LEAD)
        mine = [
            (_("with a reply from the reporter"), "message=waiting"),
            (_("with something due today"), "due=today"),
            (_("with something overdue"), "due=overdue"),
            (_("waiting on others"), "hold=yes"),
        ]
        new = [
            (_("opened by nobody"), "opened=no"),
            (_("taken by nobody"), "assignee=nobody&status=open"),
        ]
        if lead:
            new.append((_("with a late first answer"), "answer=late"))
        kept = [(row.name, row.query) for row in shown_to(request.user)]
        counts = iter(self.counts(request, [query for _words, query in mine + new], kept))
        return {
            "groups": [
                (heading, [self.row(words, query, next(counts)) for words, query in wanted])
                for heading, wanted in ((_("To do"), mine), (_("New"), new), (_("Your lists"), kept))
                if wanted
            ],
            "alerts": state_of_alerts(request.user),
            "files": state_of_files(request.user),
            "url": reverse("harassment_case:index"),
        }

    def counts(
        self, request: HttpRequest, queries: list[str], kept: list[tuple[str, str]] | None = None
    ) -> list[int]:
        """How many cases each list has, then each that was kept, up to a thousand and one. One query, beside what the
        filters ask.
        """
        cases = policy.visible_cases(request.user)
        lists = [CaseFilterSet(QueryDict(query), cases, request=request).qs for query in queries]
        lists += cases_of((query for _name, query in kept or ()), cases, request)
        return count_all(lists, cases.db)

    def row(self, words: str, query: str, count: int) -> dict[str, Any]:
        """One number with its words and its address."""
        number = (
            _("more than %(count)s") % {"count": f"{COUNT_UP_TO:,}"} if count > COUNT_UP_TO else str(count)
        )
        return {
            "words": words,
            "count": number,
            "url": f"{reverse('harassment_case:index')}?{query}",
        }


class ElsewherePanel(Component):
    """Tells those who work cases where that is done, on every other host."""

    name = "harassment_cases_elsewhere"
    template_name = "wagtail_harassment/casework/elsewhere.html"
    order = 50

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        url = hosts.case_host_url(parent_context["request"])
        return {"url": url, "host": urlsplit(url).netloc}


def waiting_for(request: HttpRequest) -> str:
    """How many cases wait for whoever asks, for the menu: "3", "99+", or nothing. One query a request."""
    if not hasattr(request, "_harassment_waiting"):
        say_waiting(request, count_for_person(policy.visible_cases(request.user), request.user))
    return request._harassment_waiting


def say_waiting(request: HttpRequest, count: int) -> None:
    """Let the menu know, where somebody asked already how many wait."""
    request._harassment_waiting = f"{BADGE_UP_TO}+" if count > BADGE_UP_TO else str(count or "")

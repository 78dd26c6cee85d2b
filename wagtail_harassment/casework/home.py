"""What someone who works cases sees first: how many wait, each with the list it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.listing import COUNT_UP_TO, CaseFilterSet

__all__ = ["CasesPanel"]


class CasesPanel(Component):
    """A panel on Wagtail's home page. Each number is counted by the filters of the list it links to."""

    name = "harassment_cases"
    template_name = "wagtail_harassment/casework/home.html"
    order = 50

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        wanted = [
            (_("open and not taken"), "assignee=nobody&status=open"),
            (_("open and mine"), "assignee=me&status=open"),
            (_("with a new message"), "message=waiting"),
        ]
        return {
            "rows": [self.row(request, words, query) for words, query in wanted],
            "url": reverse("harassment_case:index"),
        }

    def row(self, request: HttpRequest, words: str, query: str) -> dict[str, Any]:
        """One number with its words and its address."""
        filters = CaseFilterSet(QueryDict(query), policy.visible_cases(request.user), request=request)
        count = filters.qs.order_by().values("pk")[: COUNT_UP_TO + 1].count()
        number = (
            _("more than %(count)s") % {"count": f"{COUNT_UP_TO:,}"} if count > COUNT_UP_TO else str(count)
        )
        return {"words": words, "count": number, "url": f"{reverse('harassment_case:index')}?{query}"}

"""What is seen of a report after it was written down: its code, once, and where to go on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.entering import drafts
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting import codes, versions
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.pages import InboxPage, ReportFormPage

__all__ = ["TEMPLATES", "Receipt"]

TEMPLATES = "wagtail_harassment/casework/entering/"


class Receipt:
    """A part of the page on which a report is written down: ``draft`` and ``url`` are the page's."""

    request: HttpRequest
    draft: OpenDraft | None
    url: str

    @property
    def receipt(self) -> dict[str, Any] | None:
        """What was recorded last with this browser, until it is taken away."""
        return self.draft.receipt if self.draft else None

    @cached_property
    def case(self) -> Case | None:
        """The case of what was recorded, if it is there for whoever recorded it."""
        return policy.visible_cases(self.request.user).filter(pk=self.receipt["record"]).first()

    @sensitive_variables()
    def entered(self) -> HttpResponse:
        """That it was recorded; to whom the case is there, its code and where to go on."""
        self.template_name = TEMPLATES + "entered.html"
        context = self.get_context_data(case=self.case, action=self.url)
        if self.case:
            context |= {
                "case_url": reverse("harassment_case:workspace", args=[self.case.pk]),
                "code": self.receipt["code"],
                "inbox": self.inbox,
                "notices": self.request.GET,
            }
        return self.render_to_response(context)

    @property
    def inbox(self) -> str:
        """The address of the page that a return code opens; empty where the site has none."""
        form = ReportFormPage.objects.filter(pk=versions.page_of(self.draft.row.form_version_id)).first()
        page = InboxPage.objects.live().sibling_of(form).first() if form else None
        return page.full_url or "" if page else ""

    @sensitive_variables()
    def compare(self) -> HttpResponse:
        """Say whether the code that was read back is the right one."""
        if not self.receipt:
            return redirect(self.url)
        try:
            same = codes.parse(self.request.POST.get("_typed", "")) == self.receipt["code"]
        except codes.NotACode:
            same = False
        return redirect(f"{self.url}?{'same' if same else 'other'}=1#code")

    def take_away(self) -> HttpResponse:
        """Whoever recorded it has what they need: on to the case, to the list, or to another report."""
        if not self.receipt:
            return redirect(self.url)
        case = self.case
        if self.request.POST.get("_next") == "another":
            response = redirect(self.url)
        else:
            response = (
                redirect("harassment_case:workspace", case.pk) if case else redirect("harassment_case:index")
            )
        return drafts.drop(response, self.draft, self.request.user)

"""Pages of the reporter's journey."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.blocks import StepBlock
from wagtail_harassment.reporting.defaults import default_steps
from wagtail_harassment.signposting.language import speaking

__all__ = ["InboxPage", "ReportFormPage"]


class ReportFormPage(Page):
    """The form. Holds the questions and never an answer: deleting it deletes no report."""

    steps = StreamField(
        [("step", StepBlock())],
        verbose_name=_("steps"),
        default=default_steps,
        help_text=_("One step is one page. The first one begins the report."),
    )
    what_happens_next = RichTextField(
        _("what happens next"),
        blank=True,
        features=["bold", "link", "ul", "ol"],
        help_text=_("Shown before sending and on the confirmation."),
    )

    ask_monitoring = models.BooleanField(
        _("ask for equality monitoring after sending"),
        default=True,
        help_text=_(
            "A few questions that can all be skipped. The answers are only counted, never kept with the report. "
            "The questions are those whose list of answers has a term in use."
        ),
    )

    parent_page_types = ["wagtail_harassment.LandingPage"]
    subpage_types: list[str] = []

    content_panels = [
        *Page.content_panels,
        HelpPanel(template="wagtail_harassment/reporting/admin/form_help.html"),
        FieldPanel("what_happens_next"),
        FieldPanel("ask_monitoring"),
        FieldPanel("steps"),
    ]

    class Meta:
        verbose_name = _("report form")
        verbose_name_plural = _("report forms")

    def clean(self) -> None:
        super().clean()
        from wagtail_harassment.reporting.editing import problems

        found = problems(self)
        if found:
            raise ValidationError({"steps": [ValidationError(problem) for problem in found]})

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """A form that was unpublished is still there for those who began: nobody loses a draft to an editor."""
        if not self.live and conf.draft_cookie not in request.COOKIES:
            raise Http404
        if len(path_components) > 1:
            raise Http404
        return RouteResult(self, kwargs={"where": path_components[0] if path_components else ""})

    def serve(self, request: HttpRequest, where: str = "") -> HttpResponse:
        from wagtail_harassment.reporting.journey import respond

        with speaking(self):
            response = respond(self, request, where)
            response.headers["Content-Language"] = get_language()
        return response

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """A preview of each step."""
        return [(step.value["code"], step.value["title"]) for step in self.steps] or [("", _("Default"))]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show one step as it would be asked. A preview cannot be sent, and knows of no draft."""
        from wagtail_harassment.reporting.preview import show

        with speaking(self):
            return show(self, request, mode_name)


class InboxPage(Page):
    """Where a return code is typed, and what waits for whoever holds one. Holds no message itself."""

    introduction = models.TextField(
        _("introduction"), blank=True, help_text=_("Shown above the place where the code is typed.")
    )

    parent_page_types = ["wagtail_harassment.LandingPage"]
    subpage_types: list[str] = []

    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("return page")
        verbose_name_plural = _("return pages")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        if not self.live or len(path_components) > 2:
            raise Http404
        return RouteResult(self, kwargs={"where": "/".join(path_components)})

    def serve(self, request: HttpRequest, where: str = "") -> HttpResponse:
        from wagtail_harassment.reporting.returning import respond

        with speaking(self):
            return respond(self, request, where)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The place where the code is typed, with the editor's words. Nothing is open in a preview."""
        request.is_preview = True
        return self.serve(request)

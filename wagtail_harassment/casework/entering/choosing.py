"""Which form a report is written down with, and the draft that begins with it."""

from __future__ import annotations

import uuid
from functools import cached_property

from django.http import HttpRequest, HttpResponse

from wagtail_harassment.casework.entering import drafts
from wagtail_harassment.casework.entering.receipts import TEMPLATES
from wagtail_harassment.reporting import versions
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.models import FormVersion
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.language import language_of, name_of

__all__ = ["ChosenForm"]


class ChosenForm:
    """A part of the page on which a report is written down: ``draft`` is the page's, and so is its ``secret``."""

    request: HttpRequest
    draft: OpenDraft | None
    secret: str

    @cached_property
    def pages(self) -> list[ReportFormPage]:
        """The forms that people can report with."""
        return list(ReportFormPage.objects.live().order_by("pk"))

    def chosen_version(self) -> FormVersion | None:
        """What to ask; ``None`` where there are several forms, or none, and none was chosen."""
        wanted = self.request.GET.get("form", "")
        pages = [page for page in self.pages if str(page.pk) == wanted] if wanted else self.pages
        if len(pages) != 1:
            return None
        return versions.current(pages[0].pk) or versions.publish(pages[0])

    def choose(self) -> HttpResponse:
        """The forms there are."""
        self.template_name = TEMPLATES + "choose.html"
        pages = [(page, name_of(language_of(page), here=True)) for page in self.pages]
        return self.render_to_response(self.get_context_data(pages=pages))

    def begin(self, version: FormVersion) -> None:
        """A new draft, in place of what there was."""
        self.draft, self.secret = drafts.begin(version, self.request.user)

    def remembering(self, response: HttpResponse) -> HttpResponse:
        """The response, with the secret of a draft that began with this request, if one did."""
        if self.secret:
            drafts.remember(response, self.request, self.request.user, self.secret)
        return response

    def posted_version(self) -> FormVersion | None:
        """The version that the page asked."""
        try:
            pk = uuid.UUID(self.request.POST.get("_version", ""))
        except ValueError:
            return None
        return FormVersion.objects.filter(pk=pk).defer("definition").first()

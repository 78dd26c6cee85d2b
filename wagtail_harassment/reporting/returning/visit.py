"""One request on the return page: whose pass, what it opens, and how to answer the browser."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import inbox, passes
from wagtail_harassment.reporting.flow import LEAVE
from wagtail_harassment.reporting.inbox import Visitor
from wagtail_harassment.reporting.journey.leaving import posted_from_behind
from wagtail_harassment.reporting.journey.visit import forget_draft_cookie, set_draft_cookie
from wagtail_harassment.reporting.passes import Pass
from wagtail_harassment.signposting.headers import harden

if TYPE_CHECKING:
    from wagtail_harassment.reporting.pages import InboxPage, ReportFormPage

__all__ = ["JOIN", "KEPT", "TYPING", "Return"]

TEMPLATES = "wagtail_harassment/reporting/returning/"

#: What the cookie holds while the code is typed. A page that is posted without it is one of a browser's history,
#: sent again after somebody left: what stands in it is not shown.
TYPING = "new"

#: Addresses under the page that are no report's.
KEPT, JOIN = "kept", "join"


class Return:
    """One request, with what the browser's pass opens, read when it is asked for."""

    def __init__(self, page: InboxPage, request: HttpRequest) -> None:
        self.page, self.request = page, request
        self.url = page.get_url(request) or "/"
        self.preview = bool(getattr(request, "is_preview", False))

    @property
    def posted(self) -> bool:
        """Whether something is to be done."""
        return self.request.method == "POST"

    @property
    def cookie(self) -> str:
        """What the browser holds: a pass, whether or not its time is over; or ``TYPING``; or nothing."""
        return self.request.COOKIES.get(conf.draft_cookie, "")

    @cached_property
    def given(self) -> Pass | None:
        """The pass that the browser holds, unless its time is over."""
        return passes.read(self.cookie)

    @property
    def from_behind(self) -> bool:
        """Whether a browser posts a page of its history, after somebody left."""
        return not self.cookie and posted_from_behind(self.request)

    @cached_property
    def visitor(self) -> Visitor | None:
        """Who holds it; ``None`` when it is for an invitation, or what it opened is gone. One query."""
        return inbox.visit(self.given) if self.given and self.given.code.row else None

    @property
    def is_open(self) -> bool:
        """Whether there is something that the pass opens."""
        return self.given is not None and (self.given.invitation is not None or self.visitor is not None)

    def open(self, given: Pass) -> None:
        """Go on with this pass, and give it to the browser with the answer."""
        self.__dict__.pop("visitor", None)
        self.given = given

    @cached_property
    def form_page(self) -> ReportFormPage | None:
        """The form beside this page. One query."""
        from wagtail_harassment.reporting.pages import ReportFormPage

        return ReportFormPage.objects.live().sibling_of(self.page).first()

    def once(self) -> uuid.UUID:
        """The mark of one act: that of the form that was posted, or a new one."""
        try:
            return uuid.UUID(self.request.POST.get("once", ""))
        except ValueError:
            return uuid.uuid4()

    @sensitive_variables()
    def typed(self) -> dict[str, list[tuple[str, str]]]:
        """What was posted, but for the code: words to see and mend, and the rest to send along unseen."""
        pairs = [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in ("csrfmiddlewaretoken", "code")
            for value in values
        ]
        words = [pair for pair in pairs if len(pair[1].split()) > 1]
        return {"words": words, "others": [pair for pair in pairs if pair not in words]}

    def address(self, where: str) -> str:
        """Address of a place under the page."""
        return f"{self.url}{where}/" if where else self.url

    # Answering

    def go(self, where: str, *, notice: str = "", to: str = "", keep: bool = False) -> HttpResponse:
        """Send the browser on, with the name of a notice to show there and the id of what to go to.

        ``keep`` takes along what the next page shows once.
        """
        query = f"?{urlencode({notice: '1'})}" if notice else ""
        address = self.address(where) + query + (f"#{to}" if to else "")
        return self._answered(HttpResponseRedirect(address), shows=keep)

    def lead(self, cookie: str, form: ReportFormPage, target: str) -> HttpResponse:
        """Send the browser on to the form, with the secret of a draft that is waiting there."""
        response = HttpResponseRedirect(target)
        set_draft_cookie(
            response, cookie, url=form.get_url(self.request) or "/", secure=self.request.is_secure()
        )
        return harden(response, private=True)

    def expect_code(self, response: HttpResponse) -> HttpResponse:
        """Let the browser know that a code is being typed. The response is hardened already."""
        if not self.preview:
            set_draft_cookie(response, TYPING, url=self.url, secure=self.request.is_secure())
        return response

    @sensitive_variables()
    def _answered(
        self, response: HttpResponse, *, shows: bool = False, uploads: bool = False
    ) -> HttpResponse:
        """Start the idle time anew; words that were to be shown once go with the page that shows them."""
        if self.given is not None and self.is_open and not self.preview:
            given = self.given if shows else replace(self.given, shown="")
            set_draft_cookie(response, passes.issue(given), url=self.url, secure=self.request.is_secure())
        return harden(response, private=True, preview=self.preview, uploads=uploads)

    def forget(self, response: HttpResponse) -> HttpResponse:
        """Let the browser forget the pass. The response is hardened already."""
        forget_draft_cookie(response, url=self.url)
        return response

    def give(self, content: str, *, name: str, media_type: str) -> HttpResponse:
        """Give a small file, to be kept."""
        response = HttpResponse(content, content_type=media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return self._answered(response)

    @sensitive_variables()
    def render(
        self,
        template: str,
        context: dict[str, Any] | None = None,
        *,
        title: str,
        tab: str = "",
        status: int = 200,
        shows: bool = False,
    ) -> HttpResponse:
        """Show a page. Its title, which stays in a browser's history, says ``tab`` and never ``title``."""
        tab = tab or _("Messages")
        if status >= 400:
            tab = _("Error: %(title)s") % {"title": tab}
        context = {
            "page": self.page,
            "base_template": conf.base_template,
            "service_name": conf.service_name,
            "title": title,
            "page_title": f"{conf.service_name}: {tab}",
            "leave_address": self.address(LEAVE),
            "action": self.request.path,
            "home": self.url,
            "is_open": self.is_open,
            "minutes": conf.shared_device_minutes,
            "notices": self.request.GET,
            "once": self.once(),
            "preview": self.preview,
            **(context or {}),
        }
        response = render(self.request, TEMPLATES + template, context, status=status)
        return self._answered(response, shows=shows, uploads=bool(context.get("takes_files")))

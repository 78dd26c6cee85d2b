"""One request on a form page: whose draft, which questions, and how to answer the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.models import Site

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import drafts, versions
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.flow import CHECK, LEAVE, RESERVED
from wagtail_harassment.reporting.models import FormVersion
from wagtail_harassment.reporting.throttle import FIELD
from wagtail_harassment.signposting.headers import harden

if TYPE_CHECKING:
    from wagtail_harassment.reporting.pages import ReportFormPage

__all__ = ["Visit", "forget_draft_cookie", "set_draft_cookie"]

TEMPLATES = "wagtail_harassment/reporting/"


def set_draft_cookie(response: HttpResponse, value: str, *, url: str, secure: bool) -> None:
    """Give the browser the draft's secret: for this session, for the form's address and nothing else."""
    response.set_cookie(
        conf.draft_cookie, value, path=urlsplit(url).path, secure=secure, httponly=True, samesite="Lax"
    )


def forget_draft_cookie(response: HttpResponse, *, url: str) -> None:
    """Let the browser forget the draft's secret."""
    response.delete_cookie(conf.draft_cookie, path=urlsplit(url).path, samesite="Lax")


class Visit:
    """One request, with what is known of the reporter's draft, read when it is asked for."""

    def __init__(self, page: ReportFormPage, request: HttpRequest) -> None:
        self.page, self.request = page, request
        self.url = page.get_url(request) or "/"

    @property
    def cookie(self) -> str | None:
        """The draft's secret, as the browser sent it."""
        return self.request.COOKIES.get(conf.draft_cookie)

    @cached_property
    def draft(self) -> OpenDraft | None:
        """The draft of this form that the browser's cookie opens."""
        draft = drafts.find(self.cookie)
        if draft is not None and versions.page_of(draft.row.form_version_id) != self.page.pk:
            return None
        return draft

    @cached_property
    def version(self) -> FormVersion:
        """The version that a new draft begins on."""
        version = versions.current(self.page.pk)
        if version is not None:
            return version
        if not self.page.live:
            raise Http404
        return versions.publish(self.page)

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The questions: those the draft began on, or those of today."""
        return versions.frozen(self.draft.row.form_version_id if self.draft else self.version.pk)

    @cached_property
    def answers(self) -> dict[str, Any]:
        """What was answered before this request, hidden answers included; nothing after leaving."""
        return self.draft.answers() if self.draft and not self.left else {}

    @property
    def left(self) -> bool:
        """Whether there is a draft that the reporter left, on a device of their own."""
        return self.draft is not None and self.draft.left

    @property
    def site(self) -> Site | None:
        """The site that was asked."""
        return Site.find_for_request(self.request)

    @property
    def codes(self) -> list[str]:
        """Codes of all steps, those included that do not apply."""
        return [step["code"] for step in self.definition["steps"]]

    @property
    def first(self) -> str:
        """Code of the step that begins the report; its address is the form's own."""
        return self.codes[0]

    def step(self, code: str) -> dict[str, Any]:
        """One step of the definition."""
        return next(step for step in self.definition["steps"] if step["code"] == code)

    @property
    def returning(self) -> str:
        """Where the reporter came from to change something, and wants to go back to: the check, or a step."""
        where = self.request.POST.get("return") or self.request.GET.get("return") or ""
        return where if where == CHECK or where in self.codes else ""

    @property
    def may_mark_test(self) -> bool:
        """Whether this is somebody who signs in to the CMS, trying the form out."""
        user = self.request.user
        return user.is_authenticated and user.has_perm("wagtailadmin.access_admin")

    def address(self, where: str) -> str:
        """Address of a step or of a reserved word under the form."""
        if where and (where in RESERVED or where != self.first):
            return f"{self.url}{where}/"
        return self.url

    @cached_property
    def inbox(self) -> str:
        """Address of the page that a return code opens; empty where the site has none. One query."""
        from wagtail_harassment.reporting.pages import InboxPage

        page = InboxPage.objects.live().sibling_of(self.page).first()
        return page.get_url(self.request) or "" if page else ""

    def go(self, where: str, *, notice: str = "", returning: str = "", to: str = "") -> HttpResponse:
        """Send the browser on, with the name of a notice to show there and the id of what to go to."""
        query = {notice: "1"} if notice else {}
        if returning and where not in RESERVED:
            query["return"] = returning
        address = self.address(where) + (f"?{urlencode(query)}" if query else "") + (f"#{to}" if to else "")
        return harden(HttpResponseRedirect(address), private=True)

    def remember(self, response: HttpResponse, cookie: str) -> None:
        """Let the browser keep the draft's secret."""
        set_draft_cookie(response, cookie, url=self.url, secure=self.request.is_secure())

    def remembering(self, response: HttpResponse, cookie: str | None) -> HttpResponse:
        """The response, with the secret of a draft that began with this request, if one did."""
        if cookie is not None:
            self.remember(response, cookie)
        return response

    def unmark(self, response: HttpResponse) -> HttpResponse:
        """Take the mark of having left from the browser's cookie, once the reporter is back."""
        if self.cookie and self.cookie.endswith(drafts.LEFT) and not self.left:
            self.remember(response, self.cookie.removesuffix(drafts.LEFT))
        return response

    def forget(self, response: HttpResponse) -> HttpResponse:
        """Let the browser forget the draft's secret."""
        forget_draft_cookie(response, url=self.url)
        return response

    def render(
        self, template: str, context: dict[str, Any], *, title: str, tab: str = "", failed: bool = False
    ) -> HttpResponse:
        """Show a page. ``tab`` is for the browser's tab and history, where ``title`` would say too much."""
        heading = tab or title
        if failed:
            heading = _("Error: %(title)s") % {"title": heading}
        context |= {
            "page": self.page,
            "base_template": conf.base_template,
            "service_name": conf.service_name,
            "title": title,
            "page_title": f"{conf.service_name}: {heading}",
            "leave_address": self.address(LEAVE),
            "honeypot": FIELD,
        }
        response = render(self.request, TEMPLATES + template, context)
        return harden(response, private=True, uploads=bool(context.get("takes_files")))

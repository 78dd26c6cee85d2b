"""The page behind a link: a button, then a code, then what was passed on, for half an hour in one browser."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.models import ReferralLink
from wagtail_harassment.casework.referring import links
from wagtail_harassment.casework.referring.forms import ReplyForm
from wagtail_harassment.casework.referring.receiving import ShutView, page
from wagtail_harassment.casework.referring.uploads import FIELD

__all__ = ["PASS", "SharedView"]

#: The cookie of the browser in which the code was given. It is sent to this one address only.
PASS = "harassment-pass"  # noqa: S105


class SharedView(ShutView):
    """Whoever opens the link sees a button, and so does a machine that reads mail. Nothing is changed by looking."""

    @sensitive_variables()
    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        link = links.find(secret)
        if link is None:
            return self.gone()
        if self.has_pass(link):
            return self.show(link.referral, link=link)
        return page(request, "button", {})

    @sensitive_variables()
    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        link, words = links.find(secret), request.POST.get("reply-words", "")
        if link is None:
            return self.gone(words)
        if "code" in request.POST:
            return self.enter(link, request.POST["code"], words)
        if self.has_pass(link):
            return (
                self.answer(link.referral, link) if "reply-kind" in request.POST else redirect(request.path)
            )
        return self.ask(words)

    @staticmethod
    @sensitive_variables()
    def takes_files(request: HttpRequest, secret: str) -> bool:
        """Whether the browser that asks may add files: the code was given in it, not long ago."""
        link = links.find(secret)
        return link is not None and links.let_in(link, request.COOKIES.get(PASS, ""))

    def has_pass(self, link: ReferralLink) -> bool:
        return links.let_in(link, self.request.COOKIES.get(PASS, ""))

    @sensitive_variables()
    def ask(self, words: str, trouble: str = "") -> HttpResponse:
        """Ask for the code. An answer that came too late goes along, so that nobody types it twice."""
        lost = bool(self.request.FILES.getlist(FIELD)) or "lost-files" in self.request.POST
        context: dict[str, Any] = {"trouble": trouble, "words": words, "lost_files": lost}
        return page(self.request, "code", context, status=422 if trouble else 200)

    @sensitive_variables()
    def enter(self, link: ReferralLink, typed: str, words: str) -> HttpResponse:
        given = links.enter(link, typed)
        if not given:
            if links.find(self.kwargs["secret"]) is None:
                return self.gone(words)
            return self.ask(
                words, _("That is not the code. Look at it again, or ask whoever gave it to you.")
            )
        if words:
            form = ReplyForm(prefix="reply", initial={"words": words})
            response = self.show(link.referral, form=form, link=link)
        else:
            response = redirect(self.request.path)
        response.set_cookie(
            PASS,
            given,
            path=self.request.path,
            secure=self.request.is_secure(),
            httponly=True,
            samesite="Strict",
        )
        return response

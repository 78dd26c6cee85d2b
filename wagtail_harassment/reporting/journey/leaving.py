"""Leaving: to a neutral page and, on a device that others use, with nothing left behind.

What stays on the reporter's own device is hidden. Back, or a reload, then leads to the form's own address, which
offers to go on and shows no answer until that is pressed. A page that was posted can be posted again by a browser
("Resubmit the form?"): what comes that way after leaving is neither kept nor shown.
"""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from wagtail_harassment.conf import conf
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting.drafts import LEFT
from wagtail_harassment.reporting.journey import steps
from wagtail_harassment.reporting.journey.visit import Visit
from wagtail_harassment.signposting.headers import harden

__all__ = ["hide", "leave", "looks_ahead", "neutral_page", "neutral_redirect", "posted_from_behind"]

#: What the two buttons of the offer post as ``journey``.
RESUME, FORGET = "resume", "forget"


def leave(visit: Visit) -> HttpResponse:
    """Destroy what a shared device must not keep, and a receipt; then go. A browser that only looks ahead
    destroys nothing."""
    if visit.request.method == "HEAD" or looks_ahead(visit.request):
        return harden(HttpResponse(status=204), private=True)
    try:
        kept = _keep_or_destroy(visit)
    except DatabaseError:
        # Whoever has to leave, leaves. Without the cookie nobody can open what is left until it is purged.
        kept = False
    response = neutral_redirect(neutral_page(visit.request))
    if kept:
        visit.remember(response, visit.cookie.removesuffix(LEFT) + LEFT)
    else:
        visit.forget(response)
    return response


def neutral_redirect(address: str) -> HttpResponse:
    """The way out. Where it leads, nobody is told where the visitor came from: there is no form on the way."""
    response = harden(HttpResponseRedirect(address), private=True)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def neutral_page(request: HttpRequest) -> str:
    """Where the way out leads: what the institution chose, or the setting when it cannot be asked."""
    try:
        return HarassmentSettings.for_request(request).leave_url
    except DatabaseError:
        return conf.leave_url


def _keep_or_destroy(visit: Visit) -> bool:
    """Whether the draft stays: on the reporter's own device, as long as it is not sent."""
    if visit.draft is None:
        return False
    if visit.draft.shared or visit.draft.row.receipt is not None:
        visit.draft.destroy()
        return False
    visit.draft.set_left(True)
    return True


def looks_ahead(request: HttpRequest) -> bool:
    """Whether a browser fetches the page before anybody pressed anything."""
    names = ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")
    return any(word in request.headers.get(name, "") for name in names for word in ("prefetch", "preview"))


def hide(visit: Visit, where: str) -> HttpResponse | None:
    """After leaving: lead to the form's own address, or do what was pressed there. ``None``: nothing to hide."""
    if visit.left:
        return _offer(visit, where)
    if where and visit.draft is None and posted_from_behind(visit.request):
        return visit.go("")
    return None


def _offer(visit: Visit, where: str) -> HttpResponse | None:
    if where:
        return visit.go("")
    pressed = visit.request.POST.get("journey")
    if pressed == RESUME:
        visit.draft.set_left(False)
        return visit.unmark(visit.go(steps.onward(visit)))
    if pressed == FORGET:
        visit.draft.destroy()
        return visit.forget(visit.go(""))
    return None


def posted_from_behind(request: HttpRequest) -> bool:
    """Whether a browser posts a page that was left: one of its history, sent again.

    Leaving takes or marks the draft's cookie, and keeps the form token's. A draft whose time was over leaves its
    cookie, and a browser that lost its cookies lost both; neither is mistaken for leaving, and their words are given
    back. So are those sent once more from our own page about a lost cookie, which says ``lost``.
    """
    if request.method != "POST":
        return False
    cookie = request.COOKIES.get(conf.draft_cookie)
    if cookie:
        return cookie.endswith(LEFT)
    token = settings.SESSION_COOKIE_NAME if settings.CSRF_USE_SESSIONS else settings.CSRF_COOKIE_NAME
    return token in request.COOKIES and "lost" not in request.POST

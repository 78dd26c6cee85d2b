"""What somebody wrote down is kept although they were signed out meanwhile, or their page's token is an old one.

The admin's own check sends whoever is signed out to its sign-in page, and what they typed with them into nothing. The
secret in their browser is enough to keep it: :class:`Doorstep` puts this before the check. It shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.entering import drafts as entry_drafts
from wagtail_harassment.conf import conf
from wagtail_harassment.reporting import drafts
from wagtail_harassment.reporting.discretion import keep_quiet
from wagtail_harassment.vault.keyring import KeyringError

__all__ = ["Doorstep", "with_old_tokens"]


class Doorstep(URLPattern):
    """An address whose view is wrapped anew whenever another wrapper was put around it: so this one is outermost."""

    @property
    def callback(self) -> Callable[..., HttpResponse]:
        return self._callback

    @callback.setter
    def callback(self, view: Callable[..., HttpResponse]) -> None:
        self._callback = _before_signing_in(view)


def _before_signing_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            _keep(request)
        return view(request, *args, **kwargs)

    return wrapped


def with_old_tokens(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep what comes with a token that no longer fits, as after signing in anew in another tab: nothing else is done.

    Forged it cannot be: the browser brings the draft's secret from our own pages only, and the form its id.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = checked(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 403 and _keep(request):
            return redirect(f"{request.path}?kept=1")
        return response

    return wrapped


@sensitive_variables()
def _keep(request: HttpRequest) -> bool:
    """Keep what was posted in the draft it was typed into, if the browser holds its secret; whether it was."""
    keep_quiet(request)
    wanted = request.POST.get("_draft", "")
    for name, secret in request.COOKIES.items():
        if not name.startswith(f"{conf.draft_cookie}-"):
            continue
        try:
            draft = drafts.find(secret)
            if draft and str(draft.row.pk) == wanted and draft.row.receipt is None and "by" in draft.state:
                entry_drafts.save(draft, request.POST)
                return True
        except (DatabaseError, KeyringError):
            return False
    return False

"""Files that come with an answer: sealed as they arrive, and what is said of those that are not taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import hosts
from wagtail_harassment.reporting.discretion import keep_quiet
from wagtail_harassment.reporting.evidence import handler
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal

__all__ = ["FIELD", "refused_words", "sealing_uploads"]

#: The input in which they come.
FIELD = "files"


def sealing_uploads(view_class: type) -> Callable[..., HttpResponse]:
    """A view whose files are sealed as they arrive: before Django's check against forgery, which reads the request.

    The check is made all the same, right after. ``view_class.takes_files(request, **kwargs)`` says whether whoever asks
    may add any; from all others nothing is taken in.
    """
    view = view_class.as_view()
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if handler.is_upload(request):
            keep_quiet(request)
            takes = hosts.serves_cases(request) and view_class.takes_files(request, **kwargs)
            handler.seal_uploads(request, takes=takes)
        return checked(request, *args, **kwargs)

    return wrapped


@sensitive_variables()
def refused_words(one: Refusal) -> str:
    """Why a file was not taken and what to do, for somebody who answers and reports nothing."""
    words = {
        Problem.TOO_MUCH: _(
            "“%(name)s” was left out: together your files are too large for one answer. Answer once more, with the "
            "rest."
        ),
        Problem.TOO_MANY: _(
            "“%(name)s” was left out: there were too many files for one answer. Answer once more, with the rest."
        ),
        Problem.NOT_STORED: _(
            "“%(name)s” could not be stored: our side failed, not you. Keep it, and add it again in a minute."
        ),
    }
    return words[one.problem] % {"name": one.name} if one.problem in words else str(one)

"""Keeping a reporter's words, the secret of their draft, and that they were here, out of error reports and logs.

Django writes POST data, cookies and local variables into its debug page and into the mail that goes to a
site's administrators. On the reporter's way it writes none of them, not even with ``DEBUG`` on. What a site logs of
its visitors is the site's own: :class:`WithoutVisitors` is for its ``LOGGING``.
"""

from __future__ import annotations

import logging
import re
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.http.request import QueryDict
from django.views.debug import SafeExceptionReporterFilter

from wagtail_harassment.reporting import addresses

__all__ = ["WithoutVisitors", "WordlessReports", "hush_templates", "keep_quiet"]


#: What an error report may say of the request: neither the reporter's address nor their browser.
TOLD = {"REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "CONTENT_LENGTH"}


class WordlessReports(SafeExceptionReporterFilter):
    """An error report that says where the fault is, and nothing of what was typed."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_cleansed_multivaluedict(self, request: HttpRequest, multivaluedict: Any) -> QueryDict:
        return QueryDict()

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        meta = super().get_safe_request_meta(request)
        return {name: value for name, value in meta.items() if name in TOLD}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, str]:
        return dict.fromkeys(getattr(request, "COOKIES", {}), self.cleansed_substitute)

    def get_traceback_frame_variables(
        self, request: HttpRequest, tb_frame: FrameType
    ) -> list[tuple[str, str]]:
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]


def keep_quiet(request: HttpRequest) -> None:
    """Let whatever goes wrong with this request be reported without its words."""
    request.exception_reporter_filter = WordlessReports()
    request.sensitive_post_parameters = "__ALL__"


class WithoutContext(logging.Filter):
    """Lets a record through without its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True


def hush_templates() -> None:
    """Keep pages out of Django's template logger.

    At DEBUG it writes, for each variable that is missing, the whole context it was looked for in: on our
    pages that is what somebody wrote. The line that names the variable and the template stays.
    """
    logger = logging.getLogger("django.template")
    if not any(isinstance(each, WithoutContext) for each in logger.filters):
        logger.addFilter(WithoutContext())


#: Loggers that write a line for each request, by the servers that have them.
ACCESS = ("django.server", "gunicorn.access", "uvicorn.access", "hypercorn.access", "daphne", "werkzeug")
#: The path of an address, with or without its scheme and host.
PATH = re.compile(r"""(?:\bhttps?://[^\s/"'?#]*|(?<![\w.]))(/[^\s"'?#,;)\]]*)""")


class WithoutVisitors(logging.Filter):
    """A filter for handlers that keeps no trace of who was on the journey, and when.

    A record about one of its addresses is dropped, unless it tells of a failure: then it stays, without the address
    and everything that hangs on the request, and its time is the hour. Until the addresses have been read, each
    request counts as one of them.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not _tells_of_the_journey(record):
            return True
        if record.levelno < logging.ERROR or record.name.startswith(ACCESS):
            return False
        status = getattr(record, "status_code", None)
        record.msg = "A page of the journey failed" + (f" ({status})." if status else ".")
        record.args = ()
        record.created -= record.created % 3600
        record.msecs = 0.0
        if hasattr(record, "request"):
            record.request = _nobodys_request()
        return True


def _tells_of_the_journey(record: logging.LogRecord) -> bool:
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        return not addresses.known() or addresses.among(request.path) is not None
    if record.name.startswith(ACCESS) and not addresses.known():
        return True
    try:
        text = record.getMessage()
    except (TypeError, ValueError):  # A record that cannot be written is its handler's to complain of.
        return False
    return any(addresses.among(path) for path in PATH.findall(text))


def _nobodys_request() -> HttpRequest:
    """What handlers that report on a request are given in place of it."""
    request = HttpRequest()
    request.method, request.path = "", "/"
    request.META = {"SERVER_NAME": "journey", "SERVER_PORT": "80"}
    keep_quiet(request)
    return request

"""Keeping a reporter's words, and the secret of their draft, out of error reports and logs.

Django writes POST data, cookies and local variables into its debug page and into the mail that goes to a
site's administrators. On the reporter's way it writes none of them, not even with ``DEBUG`` on.
"""

from __future__ import annotations

import logging
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.http.request import QueryDict
from django.views.debug import SafeExceptionReporterFilter

__all__ = ["WordlessReports", "hush_templates", "keep_quiet"]


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

"""A PDF in memory, made by WeasyPrint where it is set up: from the very page that a browser would print.

The page may load nothing, from anywhere. WeasyPrint writes characters that no font here has into its log: here they
are caught, told on the paper, and logged nowhere.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.views.decorators.debug import sensitive_variables

__all__ = ["is_there", "make"]

logger = logging.getLogger(__name__)

_lost: ContextVar[set[str] | None] = ContextVar("wagtail_harassment_lost_characters", default=None)


@cache
def _weasyprint() -> Any:
    """The library; ``None`` where it, or what it needs of the system, is not installed."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        logger.info("No PDF can be made here (%s).", type(error).__name__)
        return None
    for name in ("weasyprint", "weasyprint.progress"):
        logging.getLogger(name).addFilter(_Caught())
    # It tells, letter by letter, which it puts into a font.
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    return weasyprint


class _Caught(logging.Filter):
    """Lets nothing of our documents through, and remembers the characters that were not printed."""

    def filter(self, record: logging.LogRecord) -> bool:
        lost = _lost.get()
        if lost is None:  # Somebody else's document.
            return True
        if "notdef" in str(record.msg) and isinstance(record.args, tuple):
            lost.update(str(record.args[0]))
        return False


def is_there() -> bool:
    """Whether a PDF can be made here."""
    return _weasyprint() is not None


@sensitive_variables()
def make(page: Callable[[list[str]], str], css: str) -> bytes:
    """The PDF of a page. ``page`` makes its HTML, given what is to be said of characters that could not be printed."""
    data, lost = _write(page([]), css)
    if lost:
        # Made again, with a word on it: nobody must take a gap for silence.
        data, _lost_again = _write(page(sorted(lost)), css)
    return data


@sensitive_variables()
def _write(html: str, css: str) -> tuple[bytes, set[str]]:
    weasyprint = _weasyprint()
    lost: set[str] = set()
    token = _lost.set(lost)
    try:
        fetcher = _nothing(weasyprint)
        document = weasyprint.HTML(string=html, url_fetcher=fetcher, media_type="print")
        sheet = weasyprint.CSS(string=css, url_fetcher=fetcher)
        data = document.write_pdf(stylesheets=[sheet], pdf_tags=True)
    finally:
        _lost.reset(token)
    return data, {one for one in lost if unicodedata.category(one) not in ("Cc", "Cf", "Zs")}


def _nothing(weasyprint: Any) -> Any:
    class Nothing(weasyprint.urls.URLFetcher):
        """Fetches nothing."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("Nothing is loaded.")

    return Nothing()

"""Which addresses are the journey's, known before any page is found, and when none can be.

Each process keeps the addresses of our pages, so that telling costs a request no query. They are read again when a
page or a site changes in this process, and every few minutes for what others changed. When the database is gone,
what was known stays known.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from enum import Enum
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.http.request import split_domain_port

__all__ = ["Journey", "among", "connect", "forget", "known", "of_request", "root_of"]

logger = logging.getLogger("wagtail_harassment.reporting")

#: Seconds after which another process's changes are seen, and after which a dead database is asked again.
LIFE, RETRY = 300, 5


class Journey(Enum):
    """How discreet an address has to be: ``PUBLIC`` carries no personal data, ``PRIVATE`` may."""

    PUBLIC = "public"
    PRIVATE = "private"


#: Our page types. An address below a page counts as the page's, unless a longer one of these says otherwise.
PAGES = {
    "LandingPage": Journey.PUBLIC,
    "SupportPage": Journey.PUBLIC,
    "ReportFormPage": Journey.PRIVATE,
    "InboxPage": Journey.PRIVATE,
}

#: ``(host, path without its last slash, what it is)``, longest path first; host "" is any that is no site's own.
_Entry = tuple[str, str, Journey]
_Table = tuple[_Entry, ...]
_table: _Table | None = None
_until = 0.0


def of_request(request: HttpRequest) -> Journey | None:
    """What the address of a request is; ``None`` if it is not the journey's. Asks the database now and then."""
    entry = _entry(request)
    return entry[2] if entry else None


def root_of(request: HttpRequest) -> str | None:
    """Address of the form that a request's address is below, if it is below one."""
    entry = _entry(request)
    return f"{entry[1]}/" if entry and entry[2] is Journey.PRIVATE else None


def among(path: str) -> Journey | None:
    """What a path is on any of the sites, as far as is known. Never asks the database."""
    entry = _look_up(_table or (), path, None)
    return entry[2] if entry else None


def _entry(request: HttpRequest) -> _Entry | None:
    table = _fresh()
    try:
        host = split_domain_port(request.get_host())[0]
    except DisallowedHost:
        host = ""
    hosts = {name for name, _path, _kind in table}
    return _look_up(table, request.path, host if host in hosts else "")


def known() -> bool:
    """Whether the addresses have been read since this process began."""
    return _table is not None


def _look_up(table: _Table, path: str, host: str | None) -> _Entry | None:
    for entry in table:
        name, prefix, _kind = entry
        # Below the front page is the whole site, its admin too.
        below = prefix and path.startswith(f"{prefix}/")
        if host in (None, name) and (below or path.rstrip("/") == prefix):
            return entry
    return None


def _fresh() -> _Table:
    global _table, _until
    if time.monotonic() >= _until:
        try:
            # Alone: a failure must not spoil a transaction around the request.
            with transaction.atomic():
                _table = tuple(sorted(_read(), key=lambda entry: -len(entry[1])))
            _until = time.monotonic() + LIFE
        except DatabaseError as error:
            logger.warning("The addresses of the journey could not be read (%s).", type(error).__name__)
            _until = time.monotonic() + RETRY
    return _table or ()


def _read() -> Iterator[_Entry]:
    """Of every page of ours, live or not: a form that was taken down is still there for those who began."""
    from wagtail.models import Site

    sites = {site.pk: site for site in Site.objects.all()}
    for name, kind in PAGES.items():
        # Only what addresses are made of: a body can be long.
        for page in apps.get_model("wagtail_harassment", name).objects.only("url_path", "path", "depth"):
            site_id, root, path = page.get_url_parts() or (None, None, None)
            if path is None:
                continue
            prefix = unquote(urlsplit(path).path).rstrip("/")
            yield urlsplit(root).hostname or "", prefix, kind
            if sites[site_id].is_default_site:
                yield "", prefix, kind


def forget() -> None:
    """Read the addresses again at the next request."""
    global _until
    _until = 0.0


def _changed(instance: Any, **kwargs: Any) -> None:
    from wagtail.models import Page, Site

    if isinstance(instance, Page | Site):
        forget()
        # Read in between, by another thread, it would be what it was before.
        transaction.on_commit(forget)


def connect() -> None:
    """Forget when a page or a site is saved, moved, published, unpublished or deleted."""
    from wagtail.signals import post_page_move

    post_save.connect(_changed, dispatch_uid="harassment_addresses_saved")
    post_delete.connect(_changed, dispatch_uid="harassment_addresses_deleted")
    post_page_move.connect(_changed, dispatch_uid="harassment_addresses_moved")

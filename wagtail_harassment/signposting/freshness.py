"""Keeping the words of a public page ready to serve, and never serving old ones.

Each page row carries a random stamp, which Wagtail reads anyway with the page. Whatever could change
what a page says (a service, a term, a setting, a page, a site, a document) gives every page a new stamp,
in the same transaction as the change. The body rendered last is kept under that stamp. So a change shows
at once in every process, with a cache of its own or a shared one, and no request asks the database twice.

Kept is only the body, rendered without the request: whatever a site's base template shows around it is
rendered for each visitor. A page that is not what the database holds (a preview, a draft) has no stamp,
and is never kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.core.cache import cache
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.models import Locale, Page, Site
from wagtail.signals import post_page_move

from wagtail_harassment.institution.models import HarassmentSettings, Term
from wagtail_harassment.signposting import language

#: A backstop for what no signal tells of, such as a change made in SQL.
SECONDS = 600


def kept(page: Page, site: Site | None, render: Callable[[], str]) -> SafeString:
    """What ``render`` says for ``page``, from the cache where its stamp proves that nothing changed since."""
    return mark_safe(kept_text(page, site, "body", render))  # noqa: S308 - rendered by a template


def kept_text(page: Page, site: Site | None, part: str, find: Callable[[], str]) -> str:
    """What ``find`` says of one part of ``page``, kept in the same way. Nothing is said of its being safe."""
    if page.stamp is None:
        return str(find())
    key = f"wagtail_harassment.{part}.{page.pk}.{page.stamp.hex}.{site.pk if site else 0}.{get_language()}"
    text = cache.get(key)
    if text is None:
        text = str(find())
        cache.set(key, text, SECONDS)
    return text


def renew() -> None:
    """Give every public page a new stamp: what was kept is not found again."""
    from wagtail_harassment.signposting.pages import LandingPage, SupportPage

    for model in (LandingPage, SupportPage):
        model.objects.update(stamp=uuid.uuid4())


def connect(app: AppConfig) -> None:
    """Renew after whatever could change what a page says."""
    from wagtail.documents import get_document_model

    from wagtail_harassment.signposting.models import SupportService
    from wagtail_harassment.signposting.pages import PublicPage

    watched = (SupportService, Term, HarassmentSettings, Site, Locale, Page, get_document_model())

    def changed(sender: type[Model], instance: Model | None = None, **kwargs: Any) -> None:
        if isinstance(instance, Locale):
            language.forget()
        if isinstance(instance, watched):
            if isinstance(instance, PublicPage):
                instance.stamp = None
            renew()

    def topics_changed(**kwargs: Any) -> None:
        renew()

    post_save.connect(changed, weak=False, dispatch_uid="harassment_renew_saved")
    post_delete.connect(changed, weak=False, dispatch_uid="harassment_renew_deleted")
    post_page_move.connect(changed, weak=False, dispatch_uid="harassment_renew_moved")
    m2m_changed.connect(
        topics_changed,
        sender=SupportService.topics.through,
        weak=False,
        dispatch_uid="harassment_renew_topics",
    )

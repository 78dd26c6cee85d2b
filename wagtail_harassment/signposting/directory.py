"""Which services to show: the only reader of published services, for pages here and rooms above."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from django.conf import settings
from django.db.models import BooleanField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import get_language
from wagtail.coreutils import get_supported_content_language_variant

from wagtail_harassment.institution.models import Vocabulary
from wagtail_harassment.signposting.models import Audience, SupportService
from wagtail_harassment.signposting.opening import opening_of

__all__ = ["emergency", "live", "matching", "selected", "spoken"]

#: What a translation says; all else is a fact, and the original's.
WORDS = ("name", "for_what", "region", "text_or_chat", "hours")


def _language(code: str | None) -> str:
    try:
        return get_supported_content_language_variant(code)
    except LookupError:
        return get_supported_content_language_variant(settings.LANGUAGE_CODE)


def live() -> QuerySet[SupportService]:
    """Published services, as facts: the site's own, and those that only the language now active has.

    Their words may be in another language: whoever shows them asks for :func:`spoken`. A translation is never
    here itself, so a number is changed, and a service taken away, in one place for all languages.
    """
    shown = SupportService.objects.filter(live=True)
    active, default = _language(get_language()), _language(settings.LANGUAGE_CODE)
    if active == default:
        return shown.filter(locale__language_code=default)
    original = SupportService.objects.filter(
        locale__language_code=default, translation_key=OuterRef("translation_key")
    )
    return shown.filter(
        Q(locale__language_code=default) | Q(locale__language_code=active) & ~Exists(original)
    )


def spoken(services: Iterable[SupportService]) -> list[SupportService]:
    """The same services in the language now active, where they have words in it. In another than the site's own
    it costs one query.

    A translation in which other numbers stand than in the original is older than it, and is not used.
    """
    found = list(services)
    active = _language(get_language())
    if active == _language(settings.LANGUAGE_CODE):
        return found
    keys = [service.translation_key for service in found]
    others = SupportService.objects.filter(live=True, locale__language_code=active, translation_key__in=keys)
    translations = {other.translation_key: other for other in others}
    for service in found:
        other = translations.get(service.translation_key)
        if other is not None and _numbers(other) == _numbers(service):
            for name in (*WORDS, "locale_id"):
                setattr(service, name, getattr(other, name))
    return found


def _numbers(service: SupportService) -> list[list[str]]:
    return [sorted(re.findall(r"\d+", getattr(service, name))) for name in WORDS]


def emergency() -> list[SupportService]:
    """The services of every emergency box, in their order. One query."""
    return spoken(live().filter(in_emergency=True).exclude(phone=""))


def matching(
    topics: Iterable[str],
    audience: str | None = None,
    limit: int | None = 6,
    *,
    at: dt.datetime | None = None,
    campus: str | None = None,
) -> list[SupportService]:
    """Services that help with any of ``topics`` (codes of incident types), then those that help with anything.

    More topics in common come first. At equal match: with ``at``, what is open then; with ``campus`` (a code), that
    campus's own; then the university's own before others. What is closed stays where it would be otherwise: the
    university's own desk, which opens tomorrow, before a helpline elsewhere. With ``audience`` given, what is meant
    for others only is left out, and with ``campus``, what is on others only.

    With ``at``, each says how it stands then (``opening``): for pages that are made for one request and kept
    nowhere. Two queries, with ``at`` three, however many services there are.
    """
    wanted = Q(topics__code__in=list(topics), topics__vocabulary=Vocabulary.INCIDENT_TYPE)
    found = (
        live()
        .annotate(matched=Count("topics", filter=wanted, distinct=True), here=_is_here(campus))
        .filter(Q(matched__gt=0) | Q(always_show=True))
        .order_by("-matched", "-here", "-internal", "sort_order", "name", "pk")
        .prefetch_related("topics")
    )
    if audience in {Audience.STUDENTS, Audience.STAFF}:
        found = found.filter(audience__in=[Audience.EVERYONE, audience])
    if campus:
        found = found.filter(Q(here=True) | ~Exists(_campuses()))
    if at is None:
        return spoken(found if limit is None else found[:limit])
    return spoken(_by_the_hour(found.prefetch_related("opening_times"), at)[:limit])


def _campuses() -> QuerySet:
    """The campuses that a service is for only, in a query of services."""
    return SupportService.campuses.through.objects.filter(supportservice=OuterRef("pk"))


def _is_here(campus: str | None) -> Exists | Value:
    return (
        Exists(_campuses().filter(campus__code=campus))
        if campus
        else Value(False, output_field=BooleanField())
    )


def _by_the_hour(found: QuerySet[SupportService], at: dt.datetime) -> list[SupportService]:
    """Told how each stands at ``at``; among equal matches what is open comes first, all else as it was."""
    services = list(found)
    for service in services:
        service.opening = opening_of(service, at)
    return sorted(
        services, key=lambda service: (-service.matched, not (service.opening and service.opening.is_open))
    )


def selected(chosen: Iterable[SupportService | None]) -> list[SupportService]:
    """Those of ``chosen`` that are published, as they are now, in the order chosen. One query."""
    keys = [service.translation_key for service in chosen if service is not None]
    current = {
        service.translation_key: service for service in spoken(live().filter(translation_key__in=keys))
    }
    return [current[key] for key in keys if key in current]

"""In which language a page speaks: its own, whatever the browser asks for, and where else it is said.

Half a page in one language and half in another helps nobody, and a report is kept in the language that it was
asked in. So the buttons, the errors and the receipt follow the page, and the page follows its locale.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.utils import translation
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import Locale, Page, Site

__all__ = [
    "Elsewhere",
    "default_language",
    "elsewhere",
    "elsewhere_kept",
    "forget",
    "is_foreign",
    "language_of",
    "name_of",
    "speaking",
]

#: Seconds for which the links to a form's other languages are kept.
SECONDS = 60


@dataclass(frozen=True)
class Elsewhere:
    """The same page in another language: the language's own name for itself, its code, the address."""

    name: str
    code: str
    url: str


def default_language() -> str:
    """The content language that the site speaks when nothing else is said."""
    return get_supported_content_language_variant(settings.LANGUAGE_CODE)


@lru_cache(maxsize=256)
def _code(locale_id: int) -> str:
    """Read once a process; :func:`forget` when a locale changes."""
    return Locale.all_objects.values_list("language_code", flat=True).get(pk=locale_id)


def forget() -> None:
    """Read the locales again."""
    _code.cache_clear()


def _is_multilingual() -> bool:
    return getattr(settings, "WAGTAIL_I18N_ENABLED", False)


def language_of(page: Page) -> str:
    """The language that a page's words are in. An alias in another tree holds the words of its source."""
    if not _is_multilingual():
        return default_language()
    if page.alias_of_id:
        return language_of(page.alias_of)
    return _code(page.locale_id)


def is_foreign(locale_id: int) -> str:
    """The code of a locale's language where something else is spoken now; empty where it is that."""
    code = _code(locale_id) if _is_multilingual() else default_language()
    return "" if _is_active(code) else code


def _is_active(code: str) -> bool:
    """Whether the language now active is this one, or a variant of it."""
    active = translation.get_language()
    try:
        return active is not None and get_supported_content_language_variant(active) == code
    except LookupError:
        return False


def speaking(page: Page) -> AbstractContextManager[None]:
    """A block in which everything is said in the page's language.

    A variant of it that is active already stays: where ``en`` is written for all, a visitor may be asked in
    ``en-gb`` and read their dates in it.
    """
    wanted = language_of(page)
    return translation.override(translation.get_language() if _is_active(wanted) else wanted)


def elsewhere(page: Page, site: Site | None) -> list[Elsewhere]:
    """The other languages that a page is published in, by name. One query, where there can be any."""
    if not _is_multilingual() or not page.pk:
        return []
    others = page.get_translations().live().filter(alias_of=None).select_related("locale")
    found = [
        Elsewhere(
            name_of(each.locale.language_code), each.locale.language_code, each.get_url(current_site=site)
        )
        for each in others
    ]
    return sorted((each for each in found if each.url), key=lambda each: each.name)


def elsewhere_kept(page: Page, site: Site | None) -> list[Elsewhere]:
    """As :func:`elsewhere`, at most a minute old: for a page of which nothing else is kept."""
    if not _is_multilingual():
        return []
    key = f"wagtail_harassment.elsewhere.{page.translation_key.hex}.{page.pk}.{site.pk if site else 0}"
    found = cache.get(key)
    if found is None:
        found = elsewhere(page, site)
        cache.set(key, found, SECONDS)
    return found


def name_of(code: str, *, here: bool = False) -> str:
    """A language's own name for itself ("Cymraeg") or, ``here``, its name in the language now active ("Welsh").

    The country is left out where the site has only one variant of the language.
    """
    base = code.partition("-")[0]
    variants = [each for each, _name in settings.LANGUAGES if each.partition("-")[0] == base]
    try:
        info = translation.get_language_info(base if len(variants) < 2 else code)
    except KeyError:
        return dict(settings.LANGUAGES).get(code, code)
    return info["name_translated"] if here else info["name_local"]

"""System checks: what lets an editor's work run where cases are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, ProgrammingError
from django.http.request import split_domain_port, validate_host
from wagtail.blocks import Block, RawHTMLBlock
from wagtail.fields import StreamField
from wagtail.models import Site

from wagtail_harassment.conf import conf

__all__ = [
    "check_case_hosts",
    "check_case_hosts_and_sites",
    "check_case_hosts_are_set",
    "check_case_hosts_in_links",
    "check_case_hosts_middleware",
    "check_raw_html",
    "check_uploads",
]

MIDDLEWARE = "wagtail_harassment.casework.hosts.CaseHostMiddleware"
#: What reads a cookie, or answers with something of the site's.
AFTER = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
)


@register(Tags.security)
def check_case_hosts(**kwargs: Any) -> list[CheckMessage]:
    """Each case host is a name of a host, and one that Django answers to."""
    problems: list[CheckMessage] = []
    given = getattr(settings, "WAGTAIL_HARASSMENT_CASEWORK_HOSTS", ())
    if isinstance(given, str):
        return [
            Error(
                f"WAGTAIL_HARASSMENT_CASEWORK_HOSTS is {given!r}: each of its letters would be a host.",
                hint=f"Put it in a list: [{given!r}].",
                id="wagtail_harassment.E070",
            )
        ]
    for name in conf.casework_hosts:
        if not name or split_domain_port(name) != (name, ""):
            problems.append(
                Error(
                    f"WAGTAIL_HARASSMENT_CASEWORK_HOSTS has {name!r}: not the name of a host alone.",
                    hint="Without https:// and without a port: cases.example.ac.uk",
                    id="wagtail_harassment.E070",
                )
            )
        elif not validate_host(name, settings.ALLOWED_HOSTS) and not settings.DEBUG:
            problems.append(
                Error(
                    f"Cases are to be worked on {name}, and Django answers nobody there.",
                    hint=f"Add {name!r} to ALLOWED_HOSTS.",
                    id="wagtail_harassment.E071",
                )
            )
    return problems


@register(Tags.security)
def check_case_hosts_middleware(**kwargs: Any) -> list[CheckMessage]:
    """The middleware is there, and stands before all that reads a cookie."""
    if not conf.casework_hosts:
        return []
    order = list(settings.MIDDLEWARE)
    if MIDDLEWARE not in order:
        return [
            Error(
                "WAGTAIL_HARASSMENT_CASEWORK_HOSTS is set and nothing heeds it: cases are found nowhere.",
                hint=f'Add "{MIDDLEWARE}" to MIDDLEWARE, before the session middleware.',
                id="wagtail_harassment.E072",
            )
        ]
    late = [name for name in AFTER if name in order and order.index(name) < order.index(MIDDLEWARE)]
    return [
        Error(
            f"{name.rpartition('.')[2]} comes before CaseHostMiddleware, and takes the cookies of other hosts.",
            hint=f'Move "{MIDDLEWARE}" up in MIDDLEWARE.',
            id="wagtail_harassment.E072",
        )
        for name in late
    ]


@register(Tags.database, Tags.security)
def check_case_hosts_and_sites(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """No case host is a public site's too: its pages would not be found."""
    if not databases or not conf.casework_hosts:
        return []
    try:
        names = sorted(set(Site.objects.values_list("hostname", flat=True)))
    except (OperationalError, ProgrammingError):  # before the first migration
        return []
    return [
        Warning(
            f"{name} is a case host, and a site's in Settings > Sites: the pages of that site are not found.",
            hint="Give cases a host of their own.",
            id="wagtail_harassment.W073",
        )
        for name in names
        if name.lower() in conf.casework_hosts
    ]


@register(Tags.security)
def check_case_hosts_in_links(**kwargs: Any) -> list[CheckMessage]:
    """Links in alerts lead to where cases are worked."""
    host = urlsplit(conf.admin_base_url).hostname or ""
    if not conf.casework_hosts or host in conf.casework_hosts:
        return []
    return [
        Warning(
            f"Links in alerts lead to {host or 'nowhere'}, and cases are worked on {conf.casework_hosts[0]}.",
            hint="Put into the settings: WAGTAIL_HARASSMENT_ADMIN_BASE_URL = "
            f"'https://{conf.casework_hosts[0]}' (or WAGTAILADMIN_BASE_URL, which Wagtail's own mails use).",
            id="wagtail_harassment.W074",
        )
    ]


@register(Tags.security, deploy=True)
def check_case_hosts_are_set(**kwargs: Any) -> list[CheckMessage]:
    """Cases have hosts of their own."""
    if conf.casework_hosts:
        return []
    return [
        Warning(
            "Cases are worked on the host that editors publish on: a script on a page of theirs could read cases in "
            "the name of whoever is signed in.",
            hint="Give cases a host of their own, and name it: WAGTAIL_HARASSMENT_CASEWORK_HOSTS = "
            "['cases.example.ac.uk']. docs/how-to/run-in-production.md has the steps.",
            id="wagtail_harassment.W070",
        )
    ]


@register(Tags.security, deploy=True)
def check_raw_html(**kwargs: Any) -> list[CheckMessage]:
    """Where cases have no host of their own, no editor can write HTML as they like."""
    if conf.casework_hosts or not (found := sorted(set(_raw_html()))):
        return []
    return [
        Warning(
            f"Editors can put scripts on the host where cases are worked: raw HTML in {', '.join(found)}.",
            hint="Take the block out, or set WAGTAIL_HARASSMENT_CASEWORK_HOSTS.",
            id="wagtail_harassment.W075",
        )
    ]


def _raw_html() -> Iterator[str]:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, StreamField) and _offers_raw_html(field.stream_block, set()):
                yield f"{model._meta.label}.{field.name}"


def _offers_raw_html(block: Block, seen: set[int]) -> bool:
    if isinstance(block, RawHTMLBlock):
        return True
    if id(block) in seen:
        return False
    seen.add(id(block))
    below = [*getattr(block, "child_blocks", {}).values(), getattr(block, "child_block", None)]
    return any(_offers_raw_html(child, seen) for child in below if child is not None)


@register(Tags.security, deploy=True)
def check_uploads(**kwargs: Any) -> list[CheckMessage]:
    """What editors upload is not given away by the host on which cases are worked."""
    host = urlsplit(settings.MEDIA_URL or "").hostname
    base = urlsplit(conf.admin_base_url).hostname
    if conf.casework_hosts and host not in conf.casework_hosts:
        return []
    if host and host not in {base, *conf.casework_hosts}:
        return []
    return [
        Warning(
            "What editors upload (MEDIA_URL) is served by the host on which cases are worked: an SVG or a web page "
            "among it is a script there.",
            hint="Set WAGTAIL_HARASSMENT_CASEWORK_HOSTS, or serve uploads from a host of their own.",
            id="wagtail_harassment.W076",
        )
    ]

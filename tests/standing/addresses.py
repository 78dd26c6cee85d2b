"""Every address that is ours, as the resolver knows them, and ways to ask and compare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.models import get_page_models

OURS = "wagtail_harassment"
#: What differs between two answers to the same question: tokens drawn anew for each.
FRESH = re.compile(
    rb'(csrfmiddlewaretoken" value="|csrfToken": "|CSRF_TOKEN": "|nonce[=-]")[^"]+|data-w-init-[a-z-]+="[^"]+"'
)


@dataclass(frozen=True)
class Address:
    """A pattern of the resolver: its full name ("harassment_case:workspace"), and its route."""

    name: str
    route: str


def ours() -> list[Address]:
    """Every address whose route or view is ours."""
    return sorted(
        {
            Address(name, route)
            for name, route, view in _walk(get_resolver())
            if OURS in route or _is_ours(view)
        },
        key=lambda address: address.name,
    )


def _walk(resolver: URLResolver, route: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    for pattern in resolver.url_patterns:
        inner = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, inner, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", inner, pattern.callback


def _is_ours(view: Any) -> bool:
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    made_from = getattr(view, "view_class", view)
    return any(
        getattr(base, "__module__", "").startswith(OURS)
        for base in getattr(made_from, "__mro__", [made_from])
    )


def our_page_types() -> set[str]:
    """Names of the page types that are ours."""
    return {model.__name__ for model in get_page_models() if model.__module__.startswith(OURS)}


def our_settings() -> set[str]:
    """Names of the models on Wagtail's settings pages that are ours."""
    return {model.__name__ for model in settings_registry if model.__module__.startswith(OURS)}


def outcome(answer: HttpResponse, never: HttpResponse) -> str:
    """What an answer comes to, in a word. ``never`` is the same person's answer at an address that never was."""
    if answer.status_code == 302:
        where = answer["Location"].partition("?")[0]
        if where == "/admin/login/":
            return "login"
        if where == "/admin/":
            return "home"
        return "led"
    if answer.status_code == 200:
        return "page"
    if alike(answer, never):
        return "never"
    return str(answer.status_code)


def alike(one: HttpResponse, other: HttpResponse) -> bool:
    """Whether two answers are the same byte for byte, but for what is drawn anew each time."""
    return (one.status_code, _body(one), _headers(one)) == (other.status_code, _body(other), _headers(other))


def _body(answer: HttpResponse) -> bytes:
    return b"" if answer.streaming else FRESH.sub(b"", answer.content)


def _headers(answer: HttpResponse) -> dict[str, str]:
    changing = {"Expires", "Set-Cookie", "Content-Security-Policy"}
    return {name: value for name, value in answer.headers.items() if name not in changing}

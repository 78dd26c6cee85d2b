"""Hosts of the cases' own: where cases are worked, and nothing that an editor made is ever shown.

A browser lets whatever runs on a host do what the person signed in there may do. So an editor's script on a public
page could read cases in a case manager's name, if both were on one host. With ``CASEWORK_HOSTS`` they are not:

- on a **case host** only the sign-in, the admin's home and account, and cases are served; cookies of no other host
  are read, and its own go nowhere else (``__Host-``); the session's cookie is sealed, so that what a browser or a
  database holds of a session on one host opens none on another;
- on **any other host** a case address answers like one that never was: :func:`serves_cases` is asked by the funnel.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import inspect
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.http.request import split_domain_port
from django.urls import ResolverMatch, reverse
from wagtail.admin.views import home

from wagtail_harassment.conf import conf

__all__ = ["CaseHostMiddleware", "case_host_url", "harden", "is_served", "on_case_host", "serves_cases"]

POLICY = "Content-Security-Policy"
#: Of Wagtail's admin, what signing in and cases need. Its page editor has scripts in its markup: that is elsewhere.
SERVED = frozenset(
    {
        "wagtailadmin_home",
        "wagtailadmin_account",
        "wagtailadmin_login",
        "wagtailadmin_logout",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_dismissibles",
        # What was referred to a department, or to somebody with a link.
        "harassment:referrals",
        "harassment:referral",
        "harassment:shared",
    }
)
SERVED_BEGINNINGS = ("harassment_", "wagtailadmin_password_reset")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: What the names of a case host's cookies begin with. Browsers take "__Host-" from that very host alone.
PREFIX, SECURE_PREFIX = "case-", "__Host-case-"
DOMAIN = b"wagtail-harassment case host session 1"
NONCE = 12


def on_case_host(request: HttpRequest) -> bool:
    """Whether this request came to a case host, through :class:`CaseHostMiddleware`."""
    return getattr(request, "_harassment_case_host", False)


def serves_cases(request: HttpRequest) -> bool:
    """Whether cases are there for requests like this one. Nowhere, where the middleware is missing."""
    return not conf.casework_hosts or on_case_host(request)


def case_host_url(request: HttpRequest) -> str:
    """Where cases are worked, for a link from another host."""
    hosts, base = conf.casework_hosts, conf.admin_base_url
    if urlsplit(base).hostname not in hosts:
        port = split_domain_port(request.get_host())[1]
        base = f"{request.scheme}://{hosts[0]}{':' + port if port else ''}"
    return base + reverse("wagtailadmin_home")


def is_served(match: ResolverMatch, path: str) -> bool:
    """Whether a case host answers at an address. What is in nobody's list is left to Wagtail's own "not found"."""
    name = match.view_name or ""
    return (
        name in SERVED
        or name.startswith(SERVED_BEGINNINGS)
        or any(path.startswith(beginning) for beginning in conf.casework_host_paths)
        or inspect.unwrap(match.func) is inspect.unwrap(home.default)
    )


def harden(response: HttpResponse) -> HttpResponse:
    """The content policy of case pages, unless a view has set its own: own files, nothing in the markup, no frames."""
    policy = conf.casework_csp
    if policy is None:
        policy = _strict()
    if policy:
        response.headers.setdefault(POLICY, policy)
    return response


def _strict() -> str:
    static = urlsplit(settings.STATIC_URL or "")
    files = f"'self' {static.scheme or 'https'}://{static.netloc}" if static.netloc else "'self'"
    return (
        f"default-src 'none'; script-src {files}; style-src {files}; img-src {files} data: blob:; "
        f"font-src {files}; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


class CaseHostMiddleware:
    """Keeps a case host to cases, and its session to itself. Put it before the session middleware.

    Without ``CASEWORK_HOSTS`` it does nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hosts = conf.casework_hosts
        host = split_domain_port(request.get_host())[0] if hosts else ""
        if host not in hosts:
            return self.get_response(request)
        request._harassment_case_host = True
        cookies = _Cookies(host, secure=request.is_secure())
        cookies.take(request)
        response = self._answer(request)
        cookies.give(response)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return harden(response)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/" and request.method in SAFE_METHODS:
            return HttpResponseRedirect(reverse("wagtailadmin_home"))
        response = self.get_response(request)
        match = request.resolver_match
        if match is None:
            # No view was reached: what is left is a redirect to the address as it should be, or a page of the site.
            return response if response.status_code in (301, 308) else _not_found()
        return response if is_served(match, request.path_info) else _not_found()

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Before anything of the site's is run, and before what another site sends is read."""
        if not on_case_host(request):
            return None
        if not is_served(request.resolver_match, request.path_info):
            return _not_found()
        trusted = any(request.path_info.startswith(beginning) for beginning in conf.casework_host_paths)
        if request.method not in SAFE_METHODS and not trusted and _from_elsewhere(request):
            return HttpResponse("Sent from another site.", status=403, content_type="text/plain")
        return None


def _from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that another host sent this, also one that ``CSRF_TRUSTED_ORIGINS`` names."""
    if origin := request.headers.get("origin"):
        return origin != f"{request.scheme}://{request.get_host()}"
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _not_found() -> HttpResponse:
    """Without the site's own page for it, which editors may have a hand in."""
    return HttpResponseNotFound(
        "Not found. Pages of the site are at its other address.", content_type="text/plain"
    )


class _Cookies:
    """The cookies of a case host: under names of their own in the browser, under the usual ones in Django."""

    def __init__(self, host: str, *, secure: bool) -> None:
        self.host, self.secure = host, secure
        self.prefix = SECURE_PREFIX if secure else PREFIX

    def take(self, request: HttpRequest) -> None:
        """Let Django see this host's cookies, and none that another host could have set for it."""
        own = {
            name.removeprefix(self.prefix): value
            for name, value in request.COOKIES.items()
            if name.startswith(self.prefix)
        }
        if sealed := own.pop(settings.SESSION_COOKIE_NAME, ""):
            own[settings.SESSION_COOKIE_NAME] = self._open(sealed)
        request.COOKIES = {name: value for name, value in own.items() if value}

    def give(self, response: HttpResponse) -> None:
        """Send what Django set under this host's names, to come back to this host alone."""
        for name in list(response.cookies):
            morsel = response.cookies.pop(name)
            value = morsel.value
            if name == settings.SESSION_COOKIE_NAME and value:
                value = self._seal(value)
            response.cookies[self.prefix + name] = value
            own = response.cookies[self.prefix + name]
            own.update(
                {key: kept for key, kept in morsel.items() if key not in ("domain", "path") and kept != ""}
            )
            own["path"] = "/"
            if self.secure:
                own["secure"] = True
            if name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
                own["httponly"], own["samesite"] = True, "Lax"

    def _seal(self, value: str) -> str:
        nonce = os.urandom(NONCE)
        sealed = AESGCM(next(_keys())).encrypt(nonce, value.encode(), self.host.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def _open(self, value: str) -> str:
        """What was sealed here for this host; empty for anything else."""
        try:
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except (binascii.Error, ValueError):
            return ""
        for key in _keys():
            try:
                return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], self.host.encode()).decode()
            except (InvalidTag, ValueError):
                continue
        return ""


def _keys() -> Iterator[bytes]:
    """The key of session cookies, then those of secret keys that were in use before."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield hashlib.sha256(DOMAIN + b"\0" + str(secret).encode()).digest()

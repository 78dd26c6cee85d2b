"""Nobody goes past the second step without taking it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from wagtail_harassment.casework import policy, second_factor
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.casework.signing_in.views import NAMESPACE, is_verified
from wagtail_harassment.conf import conf

__all__ = ["SecondFactorMiddleware"]

#: What is there for people who have not signed in, or have to get out.
OPEN = frozenset(
    {"wagtailadmin_login", "wagtailadmin_logout", "wagtailadmin_sprite", "wagtailadmin_javascript_catalog"}
)


class SecondFactorMiddleware:
    """Keeps the admin shut until the second step is taken: for whoever has one, and for those who must have one.

    Put it after ``django_otp.middleware.OTPMiddleware``, which comes after the authentication middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.path_info.startswith(reverse("wagtailadmin_home")) or _is_open(request):
            return None
        if not request.user.is_authenticated or is_verified(request) or not (step := _wanted(request)):
            return None
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            raise PermissionDenied
        wanted = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        return HttpResponseRedirect(reverse(f"{NAMESPACE}:{step}") + wanted)


def _is_open(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name or ""
    return name in OPEN or name.startswith((f"{NAMESPACE}:", "wagtailadmin_password_reset"))


def _wanted(request: HttpRequest) -> str:
    """Which step this person has to take: to type a code, to set one up, none.

    With what somebody holds comes whether they have a second factor; who holds nothing is asked about separately.
    """
    held = policy.held_by(request.user)
    if held.has_factor or (not held.roles and second_factor.has(request.user)):
        return "code"
    return "set_up" if conf.require_second_factor and not held.roles.isdisjoint(CASE_ROLES) else ""

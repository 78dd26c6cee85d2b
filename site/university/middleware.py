"""Headers and compression that differ between the public pages and the admin."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse

POLICY = "Content-Security-Policy"
# Wagtail's admin has scripts and styles in its markup; it loads nothing from anywhere else.
ADMIN_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def in_admin(request: HttpRequest) -> bool:
    """Whether the address is the admin's."""
    return request.path_info.startswith(reverse("wagtailadmin_home"))


class HeadersMiddleware:
    """The admin's own content policy, unless the view has set one, and what no page here may use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        if in_admin(request):
            response.setdefault(POLICY, ADMIN_POLICY)
        return response


class PublicGZipMiddleware(GZipMiddleware):
    """Compresses the public pages only.

    A length can tell a secret that stands beside something a stranger chose (BREACH). On the public pages the
    only secret is a form token, which Django masks anew each time, and a draft, which no address can add to.
    In the admin a search word stands beside the words of cases, so nothing is compressed there.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return response if in_admin(request) else super().process_response(request, response)

import pytest
from django.http import HttpResponse

from wagtail_harassment.signposting.headers import harden

STRICT = (
    "default-src 'none'; script-src 'self'; worker-src 'none'; "
    "style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_a_public_page_loads_nothing_from_elsewhere_and_is_framed_by_nobody():
    assert dict(harden(HttpResponse(), private=False).headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": STRICT,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def test_a_private_page_is_kept_in_no_cache_and_can_still_send_its_form():
    headers = harden(HttpResponse(), private=True).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_preview_may_be_framed_by_the_site_itself():
    headers = harden(HttpResponse(), private=False, preview=True).headers
    assert headers["Content-Security-Policy"] == STRICT.replace("ancestors 'none'", "ancestors 'self'")
    assert "X-Frame-Options" not in headers


@pytest.mark.parametrize(("setting", "header"), [("script-src 'self'", "script-src 'self'"), ("", None)])
def test_a_site_may_bring_its_own_policy_or_leave_it_out(settings, setting, header):
    settings.WAGTAIL_HARASSMENT_PUBLIC_CSP = setting
    assert harden(HttpResponse(), private=False).headers.get("Content-Security-Policy") == header

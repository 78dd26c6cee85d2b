"""Response headers of the public pages."""

from __future__ import annotations

from django.http import HttpResponse

from wagtail_harassment.conf import conf

#: Scripts from the site's own files, for the one that "Exit this page" has. Narrower would break sooner than it
#: protects: a path names a host, which differs behind proxies and stores, and hashes of files are not read by every
#: browser. Nothing in the markup runs, and a script can send nothing anywhere: ``connect-src`` and ``worker-src``
#: (which would follow ``script-src``) stay shut, but for :data:`UPLOADS`.
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'none'; "
    "style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
#: Where files are chosen, a script shows how far they have come: it sends them to this site, and nowhere else.
UPLOADS = "; connect-src 'self'"


def harden(
    response: HttpResponse, *, private: bool, preview: bool = False, uploads: bool = False
) -> HttpResponse:
    """Let ``response`` load nothing from elsewhere, be framed by nobody, and tell nobody where it was.

    ``private`` is for what a reporter typed or is shown: it is then kept in no cache, and no search engine
    lists it. Its referrer policy is ``same-origin``, because under ``no-referrer`` browsers send
    ``Origin: null`` with a form, which Django's CSRF check refuses. ``preview`` lets the Wagtail editor frame
    it. ``uploads`` is for a page with a form that takes files. The policy itself can be replaced, or left to the
    site, by ``WAGTAIL_HARASSMENT_PUBLIC_CSP``. ``response.hardened`` says that it was done.
    """
    policy = conf.public_csp
    if policy is None:
        policy = POLICY.format(ancestors="'self'" if preview else "'none'") + (UPLOADS if uploads else "")
    if policy:
        response.headers["Content-Security-Policy"] = policy
    if not preview:
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin" if private else "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.hardened = True
    if private:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
    return response

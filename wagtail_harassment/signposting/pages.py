"""Landing and support pages."""

from __future__ import annotations

import uuid
from http import HTTPMethod
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, Site

from wagtail_harassment.conf import conf
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.signposting import listing, starting_content
from wagtail_harassment.signposting.blocks import BodyBlock, address_below, emergency_context
from wagtail_harassment.signposting.chrome import chrome
from wagtail_harassment.signposting.freshness import kept, kept_text
from wagtail_harassment.signposting.headers import harden
from wagtail_harassment.signposting.language import Elsewhere, elsewhere, elsewhere_kept, speaking

__all__ = ["LandingPage", "SupportPage"]

EVERYTHING = listing.Wanted()


class PublicPage(Page):
    """A page that carries no personal data: its body is kept between requests while nothing changed.

    ``stamp`` is drawn anew whenever something it shows changes (see ``freshness``). ``None`` says that this
    object is not what the database holds.
    """

    introduction = models.TextField(_("introduction"), blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("content"))
    stamp = models.UUIDField(null=True, default=uuid.uuid4, editable=False)

    body_template = ""
    allowed_http_methods = [HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS]
    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]

    class Meta:
        abstract = True

    def with_content_json(self, content: dict[str, Any]) -> PublicPage:
        """A revision's page is not what the database holds."""
        page = super().with_content_json(content)
        page.stamp = None
        return page

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page's own context, its body rendered or kept."""
        context = super().get_context(request, *args, **kwargs)
        rendered = self.rendered(request)
        return {**context, **chrome(), "leave_url": self.leave_url(request), "rendered": rendered}

    def leave_url(self, request: HttpRequest) -> str:
        """Where "Exit this page" goes."""
        site = Site.find_for_request(request)
        if site is None:
            return conf.leave_url
        own = kept_text(self, site, "leave", lambda: HarassmentSettings.for_site(site).neutral_page)
        return own or conf.leave_url

    def rendered(self, request: HttpRequest) -> str:
        """The body, the same for every visitor."""
        site = Site.find_for_request(request)
        if getattr(request, "is_preview", False):
            return self.render_body(site)
        return kept(self, site, lambda: self.render_body(site))

    def render_body(self, site: Site | None) -> str:
        """The body as it is now, made without the request."""
        return render_to_string(self.body_template, self.body_context(site))

    def body_context(self, site: Site | None) -> dict[str, Any]:
        """What the body is rendered with."""
        return {"page": self, "site": site, "elsewhere": self.elsewhere(site)}

    def elsewhere(self, site: Site | None) -> list[Elsewhere]:
        """The page's other languages, for a body that is kept."""
        return elsewhere(self, site)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, all of it in its language, with headers that let it load nothing from elsewhere."""
        with speaking(self):
            response = super().serve(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            response.headers["Content-Language"] = get_language()
        return harden(response, private=False, preview=getattr(request, "is_preview", False))


class LandingPage(PublicPage):
    """Report and support: what can be reported, what to do in an emergency, who can help, how to report."""

    introduction = models.TextField(_("introduction"), blank=True, default=starting_content.introduction)
    body = StreamField(
        BodyBlock(), blank=True, verbose_name=_("content"), default=starting_content.landing_body
    )

    template = "wagtail_harassment/signposting/public_page.html"
    body_template = "wagtail_harassment/signposting/landing_body.html"
    subpage_types = [
        "wagtail_harassment.ReportFormPage",
        "wagtail_harassment.InboxPage",
        "wagtail_harassment.SupportPage",
    ]

    class Meta:
        verbose_name = _("report and support page")
        verbose_name_plural = _("report and support pages")

    def body_context(self, site: Site | None) -> dict[str, Any]:
        """The safety page, which is a part of the form's address, is there when the form is."""
        form = address_below({"page": self, "site": site}, "reportformpage")
        return super().body_context(site) | {"safety_url": f"{form}safety/" if form else None}


class SupportPage(PublicPage):
    """Who can help: every published service, which a plain form narrows by topic and audience."""

    template = "wagtail_harassment/signposting/public_page.html"
    body_template = "wagtail_harassment/signposting/support_body.html"
    parent_page_types = ["wagtail_harassment.LandingPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("support services page")
        verbose_name_plural = _("support services pages")

    def rendered(self, request: HttpRequest) -> str:
        """The whole list is kept; a narrowed one is made for each request."""
        wanted = listing.Wanted.read(request.GET)
        if not wanted:
            return super().rendered(request)
        return self.render_body(Site.find_for_request(request), wanted)

    def render_body(self, site: Site | None, wanted: listing.Wanted = EVERYTHING) -> str:
        """The services that answer ``wanted``, below the emergency numbers and what the editor wrote."""
        context = {
            "page": self,
            "site": site,
            # A narrowed list is made for each request.
            "elsewhere": elsewhere_kept(self, site) if wanted else self.elsewhere(site),
            "listing": listing.build(wanted),
            **emergency_context(site),
        }
        return render_to_string(self.body_template, context)

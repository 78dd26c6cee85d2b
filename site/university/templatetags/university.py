"""The way round the university's pages."""

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Page, Site

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> list[Page]:
    """The pages that stand in the menu of this request's site and language; none where there is no site."""
    request: HttpRequest | None = context.get("request")
    site = Site.find_for_request(request) if request else None
    if site is None:
        return []
    root = site.root_page if get_language() == settings.LANGUAGE_CODE else site.root_page.localized
    return list(root.get_children().live().public().in_menu())

"""The second step in Wagtail's admin: its addresses, a panel that offers it, a place on the account page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.views.account import BaseSettingsPanel

from wagtail_harassment.casework import policy, second_factor
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.casework.signing_in.views import NAMESPACE, is_verified, urlpatterns

__all__ = ["SecondStepPanel"]


@hooks.register("register_admin_urls")
def register_addresses() -> list[URLPattern | URLResolver]:
    if not second_factor.sets_up():
        return []
    return [path("second-step/", include((urlpatterns, NAMESPACE), namespace=NAMESPACE))]


class SecondStepPanel(Component):
    """Asks those who work cases to set one up."""

    name = "harassment_second_step"
    template_name = "wagtail_harassment/casework/signing_in/home.html"
    order = 40


@hooks.register("construct_homepage_panels")
def offer(request: HttpRequest, panels: list[Any]) -> None:
    if second_factor.sets_up() and not is_verified(request) and policy.holds(request.user, *CASE_ROLES):
        panels.append(SecondStepPanel())


@hooks.register("register_account_settings_panel")
class AccountPanel(BaseSettingsPanel):
    """On the account page: what is set up, and how to change it."""

    name = "second_step"
    title = _("Second step of signing in")
    order = 450
    template_name = "wagtail_harassment/casework/signing_in/account.html"

    def is_active(self) -> bool:
        return second_factor.sets_up()

    def get_form(self) -> forms.Form:
        """None of its own: an empty one, which is never sent."""
        return forms.Form()

    def get_context_data(self) -> Mapping[str, Any]:
        return {"has": second_factor.has(self.user)}

"""What every page of a register shares, whichever view draws it: frame, refusal, and saving whole."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList

__all__ = ["TEMPLATES", "Framed", "SavedWhole"]

TEMPLATES = "wagtail_harassment/institution/"


class Framed:
    """What every page of a register shares: breadcrumbs, and a bad request that says what to do."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except BadRequest:
            title = _("Not understood")
            context = {
                "view": self,
                "header_title": title,
                "header_icon": self.header_icon,
                "breadcrumbs_items": self.breadcrumbs(title),
            }
            return render(request, TEMPLATES + "register_refused.html", context, status=400)

    def breadcrumbs(self, *after: Any) -> list[dict]:
        """The way here: the list, then each of ``after``."""
        items = [{"url": self.index_url, "label": self.model_admin.get_menu_label()}]
        items += [{"url": "", "label": str(label)} for label in after]
        return items

    def get_context_data(self, **kwargs: Any) -> dict:
        title = self.get_meta_title()
        context = {"header_icon": self.header_icon, "header_title": title, "page_title": title}
        return super().get_context_data(**(context | kwargs))


class SavedWhole(Framed):
    """A form, saved whole with its history and log entry, or not at all."""

    http_method_names = ["get", "head", "options", "post"]
    saved: bool

    def get_edit_handler(self) -> ObjectList:
        return self.model_admin.get_edit_handler(saved=self.saved).bind_to_model(self.model)

    def get_instance(self) -> models.Model:
        return self.instance or self.model()

    def form_valid(self, form: WagtailAdminModelForm) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except IntegrityError:  # somebody else saved the same code between our look and our write
            form.add_error(
                None, _("Somebody else has just saved one like it. Look at the list before you try again.")
            )
            return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict:
        context = super().get_context_data(**kwargs)
        return context | {
            "panel": context["edit_handler"],
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
        }

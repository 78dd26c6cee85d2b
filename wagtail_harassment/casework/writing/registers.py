"""The registers in which case leads write the messages that are sent often."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_harassment.casework.models import MessageTemplate, TemplateParagraph
from wagtail_harassment.institution.admin import InUseFilter
from wagtail_harassment.institution.parameters import ChoiceFilter
from wagtail_harassment.institution.registers import Register

__all__ = ["MessageTemplateRegister", "TemplateParagraphRegister"]


class TemplateFilter(ChoiceFilter):
    """The paragraphs of one template."""

    title = _("Template")
    parameter_name = "template"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        """Every template there is, in use or not: its paragraphs are here too."""
        return [(str(pk), name) for pk, name in MessageTemplate.objects.values_list("pk", "name")]


class MessageTemplateForm(WagtailAdminModelForm):
    """A template, in one of the site's languages or for any."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["language"]
        known = dict(settings.LANGUAGES)
        now = self.instance.language
        extra = [] if not now or now in known else [(now, now)]
        self.fields["language"] = forms.ChoiceField(
            label=field.label,
            required=False,
            choices=[("", _("Any")), *known.items(), *extra],
            help_text=_(
                "Offered first for reports in this language. Any: offered for every report; nobody translates it."
            ),
        )


class TemplateParagraphForm(WagtailAdminModelForm):
    """A paragraph, whose code is its own within the template."""

    def clean(self) -> dict:
        """Say beside the code that it is taken."""
        cleaned = super().clean()
        template = cleaned.get("template") or getattr(self.instance, "template", None)
        others = TemplateParagraph.objects.filter(template=template).exclude(pk=self.instance.pk)
        if "code" in cleaned and template and others.filter(code=cleaned["code"]).exists():
            self.add_error("code", _("This template has a paragraph with that code. Choose another."))
        return cleaned


class MessageTemplateRegister(Register):
    """The messages."""

    model = MessageTemplate
    menu_label = _("Message templates")
    menu_icon = "mail"
    fields = ("name", "language", "code", "sort_order", "active")
    form_class = MessageTemplateForm
    list_display = ("name", "language", "code", "sort_order", "in_use")
    list_filter = (InUseFilter,)
    search_fields = ("name", "code")
    introduction = _(
        "Messages that you send often. On a case they are put into the message box, read, changed and then sent."
    )
    empty = _("There are no templates so far. Add the first, then its paragraphs.")


class TemplateParagraphRegister(Register):
    """What stands in them."""

    model = TemplateParagraph
    menu_label = _("Paragraphs of templates")
    menu_icon = "pilcrow"
    fields = ("template", "words", "optional", "code", "sort_order", "active")
    fixed_once_saved = ("template", "code")
    form_class = TemplateParagraphForm
    list_display = ("words", "template", "optional", "sort_order", "in_use")
    list_filter = (TemplateFilter, InUseFilter)
    search_fields = ("words", "code")
    introduction = _(
        "What stands in a template, in this order. {reference} becomes the case's reference and {case manager} the "
        "name of its case manager. Those that can be left out are ticked by whoever writes."
    )
    empty = _("There are no paragraphs so far. Each stands in a template: add the template first.")

"""The registers of casework: what case leads set up, and web editors have no part in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import display
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_harassment.casework.assigning.registers import AssignmentRuleRegister
from wagtail_harassment.casework.labels import route_choices
from wagtail_harassment.casework.models import Checklist, ChecklistStep
from wagtail_harassment.casework.writing.registers import MessageTemplateRegister, TemplateParagraphRegister
from wagtail_harassment.institution.admin import InUseFilter
from wagtail_harassment.institution.parameters import ChoiceFilter
from wagtail_harassment.institution.registers import Register, RegisterGroup, modeladmin_register

__all__ = ["CaseRegisters"]


class ChecklistFilter(ChoiceFilter):
    """One checklist."""

    title = _("Checklist")
    parameter_name = "checklist"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        """Every list there is, in use or not: its steps are here too."""
        return [(str(pk), name) for pk, name in Checklist.objects.values_list("pk", "name")]


class CodedForm(WagtailAdminModelForm):
    """A row whose code no other has. A saved row's is fixed, and no part of the form."""

    def clean(self) -> dict:
        """Say beside the code that it is taken."""
        cleaned = super().clean()
        if "code" in cleaned and self.alike(cleaned).filter(code=cleaned["code"]).exists():
            self.add_error("code", _("There is one with that code, in use or not. Choose another."))
        return cleaned

    def alike(self, cleaned: dict) -> Any:
        """The rows among which a code stands once."""
        return self._meta.model._default_manager.exclude(pk=self.instance.pk)


class ChecklistForm(CodedForm):
    """A checklist: ways in which reports come as boxes to tick."""

    routes = forms.MultipleChoiceField(
        label=_("For reports that came"),
        choices=route_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: however it came."),
    )


class StepForm(CodedForm):
    """A step, whose code no other step of its list has."""

    def alike(self, cleaned: dict) -> Any:
        """The other steps of the list."""
        return super().alike(cleaned).filter(checklist=cleaned.get("checklist"))


class ChecklistRegister(Register):
    """Lists of steps."""

    model = Checklist
    menu_label = _("Checklists")
    menu_icon = "tasks"
    fields = ("name", "routes", "types", "automatic", "code", "sort_order", "active")
    form_class = ChecklistForm
    list_display = ("name", "for_new_cases", "code", "sort_order", "in_use")
    list_filter = (InUseFilter,)
    search_fields = ("name", "code")
    introduction = _(
        "What a kind of case goes through. A new case gets the first list that fits, from the top; others can be "
        "added to it by hand. What a case has got stays as it was when you change a list here."
    )
    empty = _("There are no checklists so far. Add one, then its steps: new cases get them as tasks.")

    @display(description=_("For new cases"), ordering="automatic")
    def for_new_cases(self, instance: Checklist) -> str:
        """The column, in words."""
        return gettext("Yes") if instance.automatic else gettext("By hand only")


class ChecklistStepRegister(Register):
    """What stands on them."""

    model = ChecklistStep
    menu_label = _("Steps of checklists")
    menu_icon = "list-ol"
    fields = ("checklist", "words", "why", "kind", "working_days", "code", "sort_order", "active")
    fixed_once_saved = ("checklist", "code")
    form_class = StepForm
    list_display = ("words", "checklist", "kind", "working_days", "code", "sort_order", "in_use")
    list_filter = (ChecklistFilter, InUseFilter)
    search_fields = ("words", "code")
    introduction = _("The steps of each checklist, in the order in which they are to be done.")
    empty = _("There are no steps so far. Each stands on a checklist: add that first.")


class CaseRegisters(RegisterGroup):
    """The menu entry."""

    menu_label = _("Case set-up")
    menu_icon = "tasks"
    menu_order = 730
    items = (
        *(ChecklistRegister, ChecklistStepRegister),
        *(MessageTemplateRegister, TemplateParagraphRegister),
        AssignmentRuleRegister,
    )


modeladmin_register(CaseRegisters)

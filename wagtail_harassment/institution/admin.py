"""The set-up registers: places, departments and words, and who may be shown them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_harassment.institution.models import Building, Campus, Department, Term, Vocabulary
from wagtail_harassment.institution.parameters import BooleanFilter, ChoiceFilter
from wagtail_harassment.institution.registers import Register, RegisterGroup, modeladmin_register


class InUseFilter(BooleanFilter):
    """What is offered today, or what no longer is."""

    title = _("In use")
    parameter_name = "active"
    yes, no = _("In use"), _("Out of use")


class VocabularyFilter(ChoiceFilter):
    """One list of words."""

    title = _("List")
    parameter_name = "vocabulary"


class CampusFilter(ChoiceFilter):
    """One campus."""

    title = _("Campus")
    parameter_name = "campus"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        """Every campus there is, in use or not: its buildings are here too."""
        return [(str(pk), name) for pk, name in Campus.objects.values_list("pk", "name")]


class TermForm(WagtailAdminModelForm):
    """A word. Each list keeps at least one in use, because a question without answers stops a report."""

    def clean(self) -> dict:
        """Say beside the code that it is taken, and keep the last word of a list in use."""
        cleaned = super().clean()
        vocabulary = cleaned.get("vocabulary") or self.instance.vocabulary
        others = Term.objects.filter(vocabulary=vocabulary).exclude(pk=self.instance.pk)
        if "code" in cleaned and others.filter(code=cleaned["code"]).exists():
            self.add_error("code", _("This list has a word with that code, in use or out of use. Choose another."))
        if self.instance.pk and not cleaned.get("active") and not others.filter(active=True).exists():
            self.add_error(
                "active", _("This is the last word of its list in use. Put another in use before you take this out.")
            )
        return cleaned


class CampusRegister(Register):
    """The university's sites."""

    model = Campus
    menu_label = _("Campuses")
    menu_icon = "site"
    fields = ("name", "code", "sort_order", "active")
    list_display = ("name", "code", "sort_order", "active")
    list_filter = (InUseFilter,)
    search_fields = ("name", "code")
    introduction = _("The sites that people choose from when they say where something happened.")
    empty = _("There are no campuses so far. Add the first one, then its buildings; the report form will offer them.")


class BuildingRegister(Register):
    """The buildings on them."""

    model = Building
    menu_label = _("Buildings")
    menu_icon = "home"
    fields = ("campus", "name", "code", "sort_order", "active")
    list_display = ("name", "campus", "code", "sort_order", "active")
    list_filter = (CampusFilter, InUseFilter)
    search_fields = ("name", "code")
    introduction = _("The buildings offered once somebody has chosen a campus.")
    empty = _("There are no buildings so far. Each stands on a campus: add the campus first.")


class DepartmentRegister(Register):
    """Where a case can be referred to."""

    model = Department
    menu_label = _("Departments")
    menu_icon = "group"
    fields = ("name", "code", "email", "sort_order", "active")
    list_display = ("name", "email", "code", "sort_order", "active")
    list_filter = (InUseFilter,)
    search_fields = ("name", "code", "email")
    introduction = _("The departments and services that a case manager can refer a case to.")
    empty = _("There are no departments so far. Add those that help with cases, such as security or wellbeing.")


class TermRegister(Register):
    """The words that questions offer."""

    model = Term
    menu_label = _("Words and lists")
    menu_icon = "list-ul"
    fields = ("vocabulary", "label", "definition", "code", "sort_order", "active")
    fixed_once_saved = ("vocabulary", "code")
    form_class = TermForm
    list_display = ("label", "vocabulary", "definition", "code", "sort_order", "active")
    list_filter = (VocabularyFilter, InUseFilter)
    search_fields = ("label", "definition", "code")
    introduction = _("The answers that the report form offers. Reword them as you like: figures count by the code.")
    empty = _("There are no words so far. They come with the default questionnaire when the site is migrated.")


class SetUpRegisters(RegisterGroup):
    """The menu entry."""

    menu_label = _("Report and support set-up")
    menu_icon = "sliders"
    menu_order = 720
    items = (TermRegister, CampusRegister, BuildingRegister, DepartmentRegister)


modeladmin_register(SetUpRegisters)

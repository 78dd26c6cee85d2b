"""The set-up registers: places, departments and words, and who may be shown them."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, QuerySet, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_harassment.institution.models import (
    Building,
    Campus,
    Closure,
    Department,
    Term,
    Vocabulary,
)
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
    """A term. Each list of the form keeps at least one in use, because a question without answers stops a report.

    One of those asked after sending may be emptied: then it is not asked.
    """

    def clean(self) -> dict:
        """Say beside the code that it is taken, and keep the last term of a list in use."""
        cleaned = super().clean()
        vocabulary = cleaned.get("vocabulary") or self.instance.vocabulary
        others = Term.objects.filter(vocabulary=vocabulary).exclude(pk=self.instance.pk)
        if "code" in cleaned and others.filter(code=cleaned["code"]).exists():
            self.add_error("code", _("This list has a term with that code, in use or not. Choose another."))
        needed = vocabulary not in Vocabulary.after_sending()
        if (
            needed
            and self.instance.pk
            and not cleaned.get("active")
            and not others.filter(active=True).exists()
        ):
            self.add_error("active", _("This is the last of its list in use. Put another in use first."))
        return cleaned


class CampusRegister(Register):
    """The university's sites."""

    model = Campus
    menu_label = _("Campuses")
    menu_icon = "site"
    fields = ("name", "code", "sort_order", "active")
    list_display = ("name", "code", "sort_order", "in_use")
    list_filter = (InUseFilter,)
    search_fields = ("name", "code")
    introduction = _("The sites that people choose from when they say where something happened.")
    empty = _(
        "There are no campuses so far. Add the first, then its buildings; the report form will offer them."
    )


class BuildingRegister(Register):
    """The buildings on them."""

    model = Building
    menu_label = _("Buildings")
    menu_icon = "home"
    fields = ("campus", "name", "code", "sort_order", "active")
    list_display = ("name", "campus", "code", "sort_order", "in_use")
    list_filter = (CampusFilter, InUseFilter)
    search_fields = ("name", "code")
    introduction = _("The buildings offered once somebody has chosen a campus.")
    empty = _("There are no buildings so far. Each stands on a campus: add the campus first.")


class DepartmentRegister(Register):
    """Where a case can be referred to."""

    model = Department
    menu_label = _("Departments")
    menu_icon = "group"
    fields = ("name", "code", "email", "members", "sort_order", "active")
    list_display = ("name", "email", "code", "sort_order", "in_use")
    list_filter = (InUseFilter,)
    search_fields = ("name", "code", "email")
    introduction = _("The departments and services that a case manager can refer a case to.")
    empty = _(
        "There are no departments so far. Add those that help with cases, such as security or wellbeing."
    )


class ClosureForm(WagtailAdminModelForm):
    """A closure, whose last day is not before its first."""

    def clean(self) -> dict:
        """Say beside the last day that it comes too early."""
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first. For one day, give it twice."))
        return cleaned


class ClosureRegister(Register):
    """Days on which nobody is there."""

    model = Closure
    menu_label = _("Closures")
    menu_icon = "calendar"
    fields = ("name", "first_day", "last_day")
    form_class = ClosureForm
    list_display = ("name", "first_day", "last_day")
    search_fields = ("name",)
    introduction = _(
        "Public holidays and other days on which nobody is there. What is due in working days leaves them out."
    )
    empty = _("There are no closures so far. Add the public holidays and the weeks when you are closed.")


class TermRegister(Register):
    """The words that questions offer."""

    model = Term
    menu_label = _("Terms")
    menu_icon = "list-ul"
    fields = ("vocabulary", "label", "definition", "code", "sort_order", "active")
    fixed_once_saved = ("vocabulary", "code")
    form_class = TermForm
    list_display = ("label", "vocabulary", "definition", "code", "sort_order", "in_use")
    list_filter = (VocabularyFilter, InUseFilter)
    search_fields = ("label", "definition", "code")
    ordering = ("list_position", "sort_order", "label")
    introduction = _(
        "The words that questions offer as answers. Reword them freely: figures count by the code."
    )
    empty = _("There are no terms so far. They come with the default questionnaire when a site is migrated.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """The lists in the order that the questionnaire comes to them."""
        positions = [When(vocabulary=code, then=place) for place, code in enumerate(Vocabulary.values)]
        position = Case(*positions, default=len(positions), output_field=IntegerField())
        return super().get_queryset(request).annotate(list_position=position)


class SetUpRegisters(RegisterGroup):
    """The menu entry."""

    menu_label = _("Reporting set-up")
    menu_icon = "sliders"
    menu_order = 720
    items = (TermRegister, CampusRegister, BuildingRegister, DepartmentRegister, ClosureRegister)


modeladmin_register(SetUpRegisters)

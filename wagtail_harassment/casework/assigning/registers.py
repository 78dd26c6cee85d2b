"""The register of rules that give new cases. For case leads, and for nobody whom a permission of Django's says it to:
a rule decides who sees a case.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import display
from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import route_choices
from wagtail_harassment.casework.models import AssignmentRule, Role, Team
from wagtail_harassment.conf import conf
from wagtail_harassment.institution.admin import InUseFilter
from wagtail_harassment.institution.models import Campus, Term, Vocabulary
from wagtail_harassment.institution.registers import Register, RegisterPermissionHelper

__all__ = ["AssignmentRuleRegister"]


class LeadsHelper(RegisterPermissionHelper):
    """Whoever is a confirmed case lead at this moment, whatever their permissions are."""

    def may(self, user: Any, action: str) -> bool:
        return policy.holds(user, Role.CASE_LEAD)

    def get_all_model_permissions(self) -> models.QuerySet:
        """None: no group is given this by ticking a box."""
        return super().get_all_model_permissions().none()


class AssignmentRuleForm(WagtailAdminModelForm):
    """A rule: what it is for as boxes to tick, and the one who gets the cases."""

    routes = forms.MultipleChoiceField(
        label=_("For reports that came"),
        choices=route_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: however it came."),
    )
    languages = forms.MultipleChoiceField(
        label=_("For reports in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The language of the form. None ticked: whatever the language."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule, fields = self.instance, self.fields
        known = dict(settings.LANGUAGES)
        fields["languages"].choices = [
            *known.items(),
            *((code, code) for code in rule.languages or () if code not in known),
        ]
        theirs = (
            Campus.objects.filter(pk__in=rule.campuses.values("pk")) if rule.pk else Campus.objects.none()
        )
        fields["campuses"].queryset = (Campus.objects.filter(active=True) | theirs).distinct()
        terms = Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE)
        chosen = terms.filter(pk__in=rule.types.values("pk")) if rule.pk else terms.none()
        fields["types"].queryset = (terms.filter(active=True) | chosen).distinct()
        for name in ("campuses", "types"):
            fields[name].widget = forms.CheckboxSelectMultiple(choices=fields[name].choices)
        people = {user.pk for user in policy.holders()} | {rule.person_id} - {None}
        fields["person"].queryset = fields["person"].queryset.filter(pk__in=people)
        fields["person"].label_from_instance = policy.display_name
        fields["team"].queryset = Team.objects.filter(active=True) | Team.objects.filter(pk=rule.team_id)

    def clean(self) -> dict:
        """One who gets the cases, and one only."""
        cleaned = super().clean()
        person, team = cleaned.get("person"), cleaned.get("team")
        if "person" in self.errors or "team" in self.errors:
            return cleaned
        if person is None and team is None:
            self.add_error("person", _("Choose a person here, or a team below."))
        elif person is not None and team is not None:
            self.add_error("team", _("Choose a person or a team, not both."))
        return cleaned


class AssignmentRuleRegister(Register):
    """Rules, in the order in which they are asked."""

    model = AssignmentRule
    menu_label = _("Rules that give cases")
    menu_icon = "user"
    fields = (
        *("name", "campuses", "types", "routes", "languages"),
        *("person", "team", "sort_order", "active"),
    )
    fixed_once_saved = ()
    form_class = AssignmentRuleForm
    permission_helper_class = LeadsHelper
    list_display = ("name", "goes_to", "sort_order", "in_use")
    list_filter = (InUseFilter,)
    search_fields = ("name",)
    empty = _(
        "There are no rules so far: somebody takes each new case, or a lead gives it. Add a rule, try it against past "
        "cases, then put it in use."
    )

    @property
    def introduction(self) -> str:
        """What the list is, and the way to the page on which rules are tried."""
        base = conf.admin_base_url if conf.casework_hosts else ""
        return format_html(
            '{} <a href="{}{}">{}</a>',
            gettext(
                "A new case goes to somebody by the first rule in use that fits, from the top. Whoever may not get "
                "that case is passed over for the next rule, and nothing tells of it. If no rule fits, nobody has the "
                "case until somebody takes it."
            ),
            base,
            reverse("harassment_case:try_rules"),
            gettext("Try the rules against past cases"),
        )

    def get_queryset(self, request: Any) -> models.QuerySet:
        return super().get_queryset(request).select_related("person", "team")

    @display(description=_("Goes to"))
    def goes_to(self, instance: AssignmentRule) -> str:
        """The column: a name."""
        return policy.display_name(instance.person) if instance.person else instance.team.name

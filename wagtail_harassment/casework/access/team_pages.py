"""The pages on which case leads make teams and say who is in them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.access import teams
from wagtail_harassment.casework.models import Role, Team
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.stepping_up import PasswordForm

__all__ = ["ADDRESSES", "TeamAddView", "TeamView", "TeamsView"]


class TeamForm(PasswordForm):
    """A team: its name, and who is in it. Asks for the password, because it decides who sees cases."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Give the team a name.")},
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("Who is in it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Those who work cases."),
        error_messages={"invalid_choice": gettext_lazy("Choose people from the list.")},
    )
    active = forms.BooleanField(
        label=gettext_lazy("In use"),
        required=False,
        help_text=gettext_lazy(
            "Clear this to give it no more cases. Those it has stay with the people in it."
        ),
    )

    def __init__(
        self, *args: Any, team: Team | None, people: dict[str, AbstractBaseUser], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        named = sorted((policy.display_name(user), pk) for pk, user in people.items())
        self.fields["members"].choices = [(pk, name) for name, pk in named]
        if team is None:
            del self.fields["active"]
        else:
            theirs = [str(user.pk) for user in team.members.all()]
            self.initial |= {"name": team.name, "members": theirs, "active": team.active}

    def clean_members(self) -> list[AbstractBaseUser]:
        return [self.people[pk] for pk in self.cleaned_data["members"]]


class TeamsView(WagtailAdminTemplateMixin, TemplateView):
    """All teams, for case leads."""

    for_roles = (Role.CASE_LEAD,)
    template_name = "wagtail_harassment/casework/access/teams.html"
    page_title = gettext_lazy("Teams")
    header_icon = "group"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:people"), "label": _("Who works cases")},
            {"url": reverse("harassment_case:teams"), "label": _("Teams")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Team.objects.annotate(people=Count("members"))
        return super().get_context_data(teams=rows, **kwargs)


class TeamAddView(TeamsView):
    """Make a team."""

    template_name = "wagtail_harassment/casework/access/team.html"
    page_title = gettext_lazy("New team")
    http_method_names = ["get", "post"]
    team: Team | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if form.is_valid():
            try:
                team = self.press(form)
            except PermissionDenied:
                raise Http404 from None
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("The team “%(name)s” is saved.") % {"name": team.name})
                return redirect("harassment_case:teams")
        return self.show(form, status=422)

    def press(self, form: TeamForm) -> Team:
        """Do it. Raises ``PermissionDenied`` and ``ValidationError``."""
        return teams.make(by=self.request.user, **form.cleaned_data)

    def make_form(self, data: Any = None) -> TeamForm:
        return TeamForm(data, person=self.request.user, team=self.team, people=self.people)

    @cached_property
    def people(self) -> dict[str, AbstractBaseUser]:
        """Who can be in it: those who work cases, and who is in it already."""
        there = list(self.team.members.all()) if self.team else []
        return {str(user.pk): user for user in [*policy.holders(), *there]}

    def show(self, form: TeamForm, status: int = 200) -> HttpResponse:
        """The page with its form."""
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return WagtailAdminTemplateMixin.get_context_data(self, **kwargs)


class TeamView(TeamAddView):
    """Change a team."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find()
        return super().post(request, *args, **kwargs)

    def find(self) -> None:
        """The team that is named, if there is one."""
        self.team = get_object_or_404(Team.objects.prefetch_related("members"), pk=self.kwargs["team"])

    def get_page_title(self) -> str:
        return self.team.name

    def press(self, form: TeamForm) -> Team:
        return teams.change(team=self.team, by=self.request.user, **form.cleaned_data)


ADDRESSES = (
    Address("teams", "people/teams/", TeamsView),
    Address("team_add", "people/teams/add/", TeamAddView),
    Address("team", "people/teams/<int:team>/", TeamView),
)

"""The page on which a case lead confirms who works cases, and which, and takes it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import grants, policy
from wagtail_harassment.casework.models import Grant, Role, Scope
from wagtail_harassment.casework.roles import CONFIRMED_ROLES
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.stepping_up import PasswordForm
from wagtail_harassment.institution.models import Campus

__all__ = ["ADDRESSES", "ConfirmView", "RosterView", "ScopeView", "WithdrawView"]


class ReachForm(forms.Form):
    """Which cases a case manager works. What is not chosen stays as it was, or is all."""

    scope = forms.ChoiceField(label=gettext_lazy("Works"), choices=Scope.choices, required=False)
    campuses = forms.MultipleChoiceField(
        label=gettext_lazy("Campuses"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Only for cases of their campuses. A case whose campus is not known belongs to every campus."
        ),
    )

    def __init__(self, *args: Any, entry: Entry, campuses: list[Campus], **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{entry.role.value}_{entry.user.pk}_%s", **kwargs)
        self.by_key = {str(campus.pk): campus for campus in (*campuses, *entry.campuses)}
        self.fields["campuses"].choices = [(key, campus.name) for key, campus in self.by_key.items()]
        self.initial |= {
            "scope": entry.scope,
            "campuses": [str(campus.pk) for campus in entry.campuses],
        }

    def clean(self) -> dict[str, Any]:
        """``reach`` is what was chosen, ``None`` where nothing was."""
        cleaned = super().clean()
        chosen = tuple(self.by_key[key] for key in cleaned.get("campuses", []))
        self.reach = grants.Reach(cleaned["scope"], chosen) if cleaned.get("scope") else None
        return cleaned


class ScopeForm(ReachForm, PasswordForm):
    """The same for somebody who works cases already: it asks for the password."""


@dataclass(frozen=True)
class Entry:
    """One person in one role, and how that stands."""

    user: Any
    role: Role
    state: grants.State
    scope: str = Scope.ALL
    campuses: list[Campus] = field(default_factory=list)

    @property
    def works(self) -> str:
        """Which cases they work, in words; empty where the role says it."""
        if self.role != Role.CASE_MANAGER:
            return ""
        if self.scope == Scope.CAMPUS:
            names = ", ".join(campus.name for campus in self.campuses)
            return _("Works cases of: %(campuses)s") % {"campuses": names or _("no campus yet")}
        words = {
            Scope.ALL: _("Works all cases."),
            Scope.TEAM: _("Works cases of their teams."),
            Scope.ASSIGNED: _("Works cases given to them."),
        }
        return words[Scope(self.scope)]

    @property
    def name(self) -> str:
        return policy.display_name(self.user)

    @property
    def key(self) -> str:
        """The entry in a form: "case_manager:12"."""
        return f"{self.role.value}:{self.user.pk}"

    @property
    def words(self) -> str:
        """What the state means, for a person."""
        return {
            grants.State.CONFIRMED: _("Confirmed: can see what was done on cases, and no word of them.")
            if self.role == Role.AUDITOR
            else _("Confirmed: can see and work cases."),
            grants.State.CHANGED: _(
                "Stopped: their password, e-mail, user name or second step was changed by somebody else, or by an "
                "e-mailed link. "
                "Ask them, in person or by phone, whether that was right; then confirm again."
            ),
            grants.State.MISSING: _("Not confirmed yet: sees nothing until a lead confirms.")
            if self.role == Role.AUDITOR
            else _("Not confirmed yet: sees no case until a lead confirms."),
        }[self.state]


def roster() -> list[Entry]:
    """Everyone in a group that a lead confirms: those to be confirmed first, then by name."""
    rows = Grant.objects.filter(role=Role.CASE_MANAGER).prefetch_related("campuses")
    reach = {row.user_id: (row.scope, list(row.campuses.all())) for row in rows}

    def entry(user: Any, role: str, state: grants.State) -> Entry:
        theirs = reach.get(user.pk, ()) if role == Role.CASE_MANAGER else ()
        return Entry(user, Role(role), state, *theirs)

    waiting = [entry(one.user, one.role, one.state) for one in grants.to_confirm()]
    confirmed = [
        entry(user, role, grants.State.CONFIRMED)
        for user, roles in policy.holders(CONFIRMED_ROLES).items()
        for role in CONFIRMED_ROLES
        if role in roles
    ]
    return [*sorted(waiting, key=_by_name), *sorted(confirmed, key=_by_name)]


def _by_name(entry: Entry) -> tuple[str, str, str]:
    return entry.name.casefold(), str(entry.user.pk), entry.role


class LeadsOnly:
    """Not there for anybody but case leads."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if not policy.holds(request.user, Role.CASE_LEAD):
            raise Http404
        super().setup(request, *args, **kwargs)


class RosterView(LeadsOnly, WagtailAdminTemplateMixin, TemplateView):
    """Who works cases."""

    template_name = "wagtail_harassment/casework/roster.html"
    page_title = gettext_lazy("Who works cases")
    header_icon = "group"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries, campuses = roster(), list(Campus.objects.filter(active=True))
        bound = kwargs.pop("bound", None) or {}
        return super().get_context_data(
            entries=[(entry, bound.get(entry.key) or self.form_for(entry, campuses)) for entry in entries],
            waiting=sum(entry.state is not grants.State.CONFIRMED for entry in entries),
            confirm_url=reverse("harassment_case:confirm"),
            scope_url=reverse("harassment_case:scope"),
            withdraw_url=reverse("harassment_case:withdraw"),
            **kwargs,
        )

    def form_for(self, entry: Entry, campuses: list[Campus], data: Any = None) -> forms.Form | None:
        """The form that says which cases they work; ``None`` for oneself and where the role says it."""
        if entry.role != Role.CASE_MANAGER or entry.user.pk == self.request.user.pk:
            return None
        if entry.state is grants.State.CONFIRMED:
            return ScopeForm(data, entry=entry, campuses=campuses, person=self.request.user)
        return ReachForm(data, entry=entry, campuses=campuses)


class GrantVerbView(RosterView):
    """A verb on one entry of the roster, named by ``entry`` in what is sent."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("harassment_case:people")

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        role, _colon, pk = request.POST.get("entry", "").partition(":")
        entry = next((one for one in roster() if one.key == f"{role}:{pk}"), None)
        if entry is None:
            messages.error(request, _("That person is not in the list any more. Nothing was changed."))
            return redirect("harassment_case:people")
        form = self.form_for(entry, list(Campus.objects.filter(active=True)), request.POST)
        try:
            if form is not None and self.asks(entry) and not form.is_valid():
                return self.render_to_response(self.get_context_data(bound={entry.key: form}), status=422)
            self.act(entry, getattr(form, "reach", None))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        except PermissionDenied:
            messages.error(request, _("Nobody confirms themself: ask another lead."))
        return redirect("harassment_case:people")

    def asks(self, entry: Entry) -> bool:
        """Whether what is sent with this entry says which cases they work."""
        return False

    def act(self, entry: Entry, reach: grants.Reach | None) -> None:
        """Do it, and say so."""
        raise NotImplementedError


class ConfirmView(GrantVerbView):
    """Confirm a person, as their account is now, and which cases they work."""

    def asks(self, entry: Entry) -> bool:
        return entry.state is not grants.State.CONFIRMED

    def act(self, entry: Entry, reach: grants.Reach | None) -> None:
        grants.confirm(user=entry.user, role=entry.role, by=self.request.user, reach=reach)
        words = (
            _("%(name)s can see what was done on cases now.")
            if entry.role == Role.AUDITOR
            else _("%(name)s can work cases now.")
        )
        messages.success(self.request, words % {"name": entry.name})


class ScopeView(GrantVerbView):
    """Change which cases somebody works."""

    def asks(self, entry: Entry) -> bool:
        return True

    def act(self, entry: Entry, reach: grants.Reach | None) -> None:
        if entry.role != Role.CASE_MANAGER or reach is None:
            raise ValidationError(_("Choose which cases they work. Nothing was changed."))
        grants.set_reach(user=entry.user, reach=reach, by=self.request.user)
        messages.success(self.request, _("It is changed which cases %(name)s works.") % {"name": entry.name})


class WithdrawView(GrantVerbView):
    """Take a role away. What the person did stays under their name."""

    def act(self, entry: Entry, reach: grants.Reach | None) -> None:
        last = entry.role == Role.CASE_LEAD and not any(
            other != entry.user for other in policy.holders([Role.CASE_LEAD])
        )
        if last:
            raise ValidationError(_("This is the last case lead. Confirm another one first."))
        grants.withdraw(user=entry.user, role=entry.role, by=self.request.user)
        messages.success(
            self.request, _("%(name)s sees no cases in that role any more.") % {"name": entry.name}
        )


ADDRESSES = (
    Address("people", "people/", RosterView),
    Address("confirm", "people/confirm/", ConfirmView),
    Address("scope", "people/scope/", ScopeView),
    Address("withdraw", "people/withdraw/", WithdrawView),
)

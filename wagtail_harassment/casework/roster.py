"""The page on which a case lead confirms who works cases, and takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import grants, policy
from wagtail_harassment.casework.models import Role
from wagtail_harassment.casework.roles import CASE_ROLES

__all__ = ["ConfirmView", "RosterView", "WithdrawView"]


@dataclass(frozen=True)
class Entry:
    """One person in one role, and how that stands."""

    user: Any
    role: Role
    state: grants.State

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
            grants.State.CONFIRMED: _("Confirmed: can see and work cases."),
            grants.State.CHANGED: _(
                "Stopped: their password, e-mail or user name was changed by somebody else, or by an e-mailed link. "
                "Ask them, in person or by phone, whether that was right; then confirm again."
            ),
            grants.State.MISSING: _("Not confirmed yet: sees no case until a lead confirms."),
        }[self.state]


def roster() -> list[Entry]:
    """Everyone in a group that works cases: those to be confirmed first, then by name."""
    waiting = [Entry(one.user, Role(one.role), one.state) for one in grants.to_confirm()]
    confirmed = [
        Entry(user, Role(role), grants.State.CONFIRMED)
        for user, roles in policy.holders().items()
        for role in CASE_ROLES
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
    index_url_name = None
    people_url_name = None
    confirm_url_name = None
    withdraw_url_name = None

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": _("Cases")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = roster()
        return super().get_context_data(
            entries=entries,
            waiting=sum(entry.state is not grants.State.CONFIRMED for entry in entries),
            confirm_url=reverse(self.confirm_url_name),
            withdraw_url=reverse(self.withdraw_url_name),
            **kwargs,
        )


class GrantVerbView(RosterView):
    """A verb on one entry of the roster, named by ``entry`` in what is sent."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.people_url_name)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        role, _colon, pk = request.POST.get("entry", "").partition(":")
        entry = next((one for one in roster() if one.key == f"{role}:{pk}"), None)
        if entry is None:
            messages.error(request, _("That person is not in the list any more. Nothing was changed."))
            return redirect(self.people_url_name)
        try:
            self.act(entry)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        except PermissionDenied:
            messages.error(request, _("Nobody confirms themself: ask another lead."))
        return redirect(self.people_url_name)

    def act(self, entry: Entry) -> None:
        """Do it, and say so."""
        raise NotImplementedError


class ConfirmView(GrantVerbView):
    """Confirm a person, as their account is now."""

    def act(self, entry: Entry) -> None:
        grants.confirm(user=entry.user, role=entry.role, by=self.request.user)
        messages.success(self.request, _("%(name)s can work cases now.") % {"name": entry.name})


class WithdrawView(GrantVerbView):
    """Take a role away. What the person did stays under their name."""

    def act(self, entry: Entry) -> None:
        last = entry.role == Role.CASE_LEAD and not any(
            other != entry.user for other in policy.holders([Role.CASE_LEAD])
        )
        if last:
            raise ValidationError(_("This is the last case lead. Confirm another one first."))
        grants.withdraw(user=entry.user, role=entry.role, by=self.request.user)
        messages.success(
            self.request, _("%(name)s sees no cases in that role any more.") % {"name": entry.name}
        )

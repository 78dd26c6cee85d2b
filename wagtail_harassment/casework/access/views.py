"""The addresses of who may see a case: the verbs of its screen, and the page of those let in and kept out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from wagtail.admin import messages

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.access import verbs
from wagtail_harassment.casework.access.forms import ReasonForm
from wagtail_harassment.casework.access.panels import (
    AdmitPanel,
    BlockPanel,
    DeclarePanel,
    LiftPanel,
    RestrictPanel,
)
from wagtail_harassment.casework.models import Block, CaseMember
from wagtail_harassment.casework.pages import CaseView
from wagtail_harassment.casework.pressing import PanelView
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.stepping_up import StepUpForm

__all__ = [
    "ADDRESSES",
    "AccessView",
    "AdmitView",
    "BlockView",
    "DeclareView",
    "LiftBlockView",
    "LiftView",
    "RestrictView",
    "WithdrawMemberView",
]


class RestrictView(PanelView):
    """Restrict the case."""

    panel = RestrictPanel
    not_done = gettext_lazy("The case was not restricted.")
    place = "#readers"

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        verbs.restrict(case=self.object, by=self.request.user, **form.cleaned_data)
        return _("The case is restricted.")


class LiftView(PanelView):
    """Lift the restriction."""

    panel = LiftPanel
    not_done = gettext_lazy("The restriction was not lifted.")
    place = "#readers"

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        verbs.lift_restriction(
            case=self.object,
            reason=form.cleaned_data["reason"],
            by=self.request.user,
            expected_version=form.cleaned_data["version"],
        )
        return _("The case is not restricted any more.")


class AdmitView(PanelView):
    """Let somebody see the case."""

    panel = AdmitPanel
    not_done = gettext_lazy("Nobody was let in.")
    place = "#readers"

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        user = form.cleaned_data["user"]
        verbs.admit(case=self.object, user=user, reason=form.cleaned_data["reason"], by=self.request.user)
        return _("%(name)s can see this case now. Tell them.") % {"name": policy.display_name(user)}


class BlockView(PanelView):
    """Keep somebody out."""

    panel = BlockPanel
    not_done = gettext_lazy("Nobody was kept out.")
    place = "#readers"

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        verbs.block(case=self.object, by=self.request.user, **form.cleaned_data)
        return _("For that person this case is not there any more.")


class DeclareView(PanelView):
    """Keep oneself out. After that there is no case to go back to."""

    panel = DeclarePanel
    not_done = gettext_lazy("You can still see this case.")

    @sensitive_variables()
    def press(self, form: forms.Form) -> str:
        verbs.declare(case=self.object, reason=form.cleaned_data["reason"], by=self.request.user)
        return _("That case is closed for you. Thank you for saying so.")

    def done(self, words: str, place: str = "") -> HttpResponse:
        messages.success(self.request, words)
        return redirect("harassment_case:index")


class AccessView(CaseView):
    """Who was let in and who is kept out: for those who decide it, and for nobody else there."""

    template_name = "wagtail_harassment/casework/access/page.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.user, "block", self.object):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    @sensitive_variables()
    def show(self, *, status: int = 200, trouble: str = "", bound: forms.Form | None = None) -> HttpResponse:
        """The page, with one form as it was sent where something is wrong with it. Opening it is recorded."""
        actions.view(case=self.object, by=self.request.user)
        members = self.object.members.select_related("user").order_by("pk")
        blocks = self.object.blocks.select_related("user").order_by("pk")
        context = self.get_context_data(
            case=self.object,
            trouble=trouble,
            members=[self.entry(row, WithdrawMemberView, bound) for row in members],
            blocks=[self.entry(row, LiftBlockView, bound) for row in blocks],
            workspace_url=self.url("workspace"),
        )
        return self.render_to_response(context, status=status)

    def entry(self, row: CaseMember | Block, view: type[RowVerbView], bound: forms.Form | None) -> dict:
        """A row as the page shows it, with the form that takes it back."""
        form = view.make_form(row, self.request.user)
        if bound is not None and bound.prefix == form.prefix:
            form = bound
        return {
            "row": row,
            "name": policy.display_name(row.user),
            "form": form,
            "url": reverse(f"harassment_case:{view.address}", args=[self.object.pk, row.pk]),
        }

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": self.url("access"), "label": _("Who can see it")}]


class RowVerbView(AccessView):
    """A verb on one row of the page. A row of another case is like one that never was."""

    address = ""
    not_done: Any = ""

    @staticmethod
    def make_form(row: Any, person: Any, data: Any = None) -> forms.Form:
        """The form for a row."""
        raise NotImplementedError

    def rows(self) -> QuerySet[Any]:
        """The case's rows of this kind."""
        raise NotImplementedError

    @sensitive_variables()
    def press(self, row: Model, form: forms.Form) -> str:
        """Do it; returns what to say of it. Raises ``NotAllowed`` and ``ValidationError``."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        get_object_or_404(self.rows(), pk=self.kwargs["row"])
        return redirect(self.url("access"))

    @sensitive_variables()
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(self.rows(), pk=self.kwargs["row"])
        form = self.make_form(row, request.user, request.POST)
        if form.is_valid():
            try:
                messages.success(request, self.press(row, form))
            except actions.NotAllowed:
                raise Http404 from None
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return redirect(self.url("access"))
        return self.show(status=422, trouble=str(self.not_done), bound=form)


class WithdrawMemberView(RowVerbView):
    """Take back that somebody was let in."""

    address = "withdraw_member"
    not_done = gettext_lazy("Nothing was taken back.")

    @staticmethod
    def make_form(row: CaseMember, person: Any, data: Any = None) -> forms.Form:
        return ReasonForm(data, prefix=f"row-{row.pk.hex}")

    def rows(self) -> QuerySet[CaseMember]:
        return self.object.members.select_related("user")

    @sensitive_variables()
    def press(self, row: CaseMember, form: forms.Form) -> str:
        verbs.withdraw_member(case=self.object, member=row, by=self.request.user, **form.cleaned_data)
        return _("Taken back. What they have read they know.")


class LiftBlockView(RowVerbView):
    """Keep somebody out no longer."""

    address = "lift_block"
    not_done = gettext_lazy("That person is still kept out.")

    @staticmethod
    def make_form(row: Block, person: Any, data: Any = None) -> forms.Form:
        return StepUpForm(data, prefix=f"row-{row.pk.hex}", person=person)

    def rows(self) -> QuerySet[Block]:
        return self.object.blocks.select_related("user")

    @sensitive_variables()
    def press(self, row: Block, form: forms.Form) -> str:
        verbs.lift_block(case=self.object, block=row, by=self.request.user, **form.cleaned_data)
        return _("That person is kept out no longer.")


ADDRESSES = (
    Address("restrict", "<uuid:pk>/restrict/", RestrictView),
    Address("lift_restriction", "<uuid:pk>/lift-restriction/", LiftView),
    Address("admit", "<uuid:pk>/admit/", AdmitView),
    Address("block", "<uuid:pk>/block/", BlockView),
    Address("declare", "<uuid:pk>/declare/", DeclareView),
    Address("access", "<uuid:pk>/access/", AccessView),
    Address("withdraw_member", "<uuid:pk>/access/members/<uuid:row>/", WithdrawMemberView),
    Address("lift_block", "<uuid:pk>/access/blocks/<uuid:row>/", LiftBlockView),
)

"""The pages of saved lists: all that somebody has, a new one, and one with its name and its e-mail."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_harassment.casework import actions, policy
from wagtail_harassment.casework.models import Audience, ListMail, SavedList
from wagtail_harassment.casework.saving import describing, verbs
from wagtail_harassment.casework.saving.forms import ListForm, MailForm
from wagtail_harassment.casework.screen import Address

__all__ = ["ADDRESSES", "AddView", "DeleteView", "ListView", "ListsView", "MailView"]


class ListsView(WagtailAdminTemplateMixin, TemplateView):
    """All lists that somebody has."""

    http_method_names = ["get", "post"]
    template_name = "wagtail_harassment/casework/saving/lists.html"
    page_title: Any = gettext_lazy("Lists of your own")
    header_icon = "list-ul"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("harassment_case:index"), "label": _("Cases")},
            {"url": reverse("harassment_case:lists"), "label": _("Lists of your own")},
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("harassment_case:lists")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = verbs.shown_to(self.request.user, None)
        told = dict(ListMail.objects.filter(user=self.request.user.pk).values_list("saved_list", "every"))
        mine = [row for row in rows if row.owner_id == self.request.user.pk]
        shared = [row for row in rows if row.owner_id != self.request.user.pk]
        return super().get_context_data(
            groups=[
                (heading, [(row, _whose(row, self.request.user), row.pk in told) for row in found])
                for heading, found in ((_("Yours"), mine), (_("Shared with you"), shared))
                if found
            ],
            **kwargs,
        )


class Page(ListsView):
    """A page with forms."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return WagtailAdminTemplateMixin.get_context_data(self, **kwargs)

    def page(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page, with what is shown on it."""
        return self.render_to_response(self.get_context_data(**context), status=status)


class AddView(Page):
    """Keep the list of cases as it is filtered now."""

    template_name = "wagtail_harassment/casework/saving/add.html"
    page_title = gettext_lazy("Keep this list")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.ask(request.GET.urlencode(), ListForm(person=request.user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        query, form = request.POST.get("query", ""), ListForm(request.POST, person=request.user)
        if form.is_valid():
            try:
                verbs.keep(by=request.user, query=query, **form.cleaned_data)
            except actions.NotAllowed:
                raise Http404 from None
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("The list is kept."))
                return redirect(f"{reverse('harassment_case:index')}?{verbs.kept_query(query)}")
        return self.ask(query, form, status=422)

    def ask(self, sent: str, form: ListForm, *, status: int = 200) -> HttpResponse:
        """The form, with what the list is in words; without it, where there is no such list."""
        try:
            query, trouble = verbs.kept_query(sent), ""
        except ValidationError as error:
            query, trouble = "", " ".join(error.messages)
        words = describing.words(query, self.request) if query else []
        return self.page(status=status, form=form, query=query, words=words, trouble=trouble)


class ListView(Page):
    """One list: what it is, its name and for whom, and how often somebody is told."""

    template_name = "wagtail_harassment/casework/saving/list.html"

    def get_page_title(self) -> str:
        return _("A list of your own")

    @cached_property
    def row(self) -> SavedList:
        """The list, of those that this person has. Else it is not there."""
        rows = verbs.there_for(self.request.user).select_related("owner", "team")
        return get_object_or_404(rows, pk=self.kwargs["row"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.ask()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form is None:
            return self.ask(status=403, trouble=_("Only whose list it is, or a case lead, can change it."))
        if form.is_valid():
            data = {name: form.cleaned_data[name] for name in ("name", "audience", "team")}
            try:
                verbs.change(row=self.row, by=request.user, **data)
            except actions.NotAllowed:
                raise Http404 from None
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("The list is changed."))
                return redirect("harassment_case:lists")
        return self.ask(status=422, form=form)

    def form(self, data: Any = None) -> ListForm | None:
        """The form, for who may change it."""
        if not verbs.may_change(self.request.user, self.row):
            return None
        return ListForm(data, person=self.request.user, row=self.row)

    def ask(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page."""
        mail = ListMail.objects.filter(saved_list=self.row.pk, user=self.request.user.pk).first()
        given = {
            "form": self.form(),
            "mail_form": MailForm(initial={"every": mail.every if mail else ""}),
        } | context
        return self.page(
            status=status,
            row=self.row,
            query=(query := verbs.as_seen(self.row.query, self.request.user)),
            whose=_whose(self.row, self.request.user),
            words=describing.words(query, self.request),
            **given,
        )


class MailView(ListView):
    """Be told of a list by e-mail, or no more."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("harassment_case:list", self.row.pk)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, row = MailForm(request.POST), self.row
        if form.is_valid():
            verbs.tell_by_mail(row=row, by=request.user, every=form.cleaned_data["every"])
            messages.success(request, _("Kept."))
            return redirect("harassment_case:list", row.pk)
        return self.ask(status=422, mail_form=form)


class DeleteView(ListView):
    """Delete a list."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("harassment_case:list", self.row.pk)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            verbs.delete(row=self.row, by=request.user)
        except actions.NotAllowed:
            return self.ask(status=403, trouble=_("Only whose list it is, or a case lead, can delete it."))
        messages.success(request, _("The list is deleted. No case was touched."))
        return redirect("harassment_case:lists")


def _whose(row: SavedList, person: Any) -> str:
    """For whom a list is, and whose it is, in words."""
    words = {
        Audience.ME: _("For you alone."),
        Audience.TEAM: _("For the team %(team)s.") % {"team": row.team.name if row.team else ""},
        Audience.ALL: _("For everybody who works cases."),
    }[Audience(row.audience)]
    if row.owner_id == person.pk:
        return words
    return _("Made by %(name)s. %(words)s") % {"name": policy.display_name(row.owner), "words": words}


ADDRESSES = (
    Address("lists", "lists/", ListsView),
    Address("list_add", "lists/new/", AddView),
    Address("list", "lists/<uuid:row>/", ListView),
    Address("list_mail", "lists/<uuid:row>/mail/", MailView),
    Address("list_delete", "lists/<uuid:row>/delete/", DeleteView),
)

"""This room's part of the Wagtail admin: the list of support services, and what is due on the home page."""

from __future__ import annotations

import django_filters
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.models import Revision
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from wagtail_harassment.signposting import reviews, uses
from wagtail_harassment.signposting.models import SupportService


def check_state(service: SupportService) -> str:
    """When a service was checked, in words, or what is to be done."""
    if service.checked_on is None:
        return _("Not checked yet")
    if reviews.is_due(service):
        return _("Due for a check since %(day)s") % {"day": date_format(service.review_due)}
    return _("Checked %(day)s") % {"day": date_format(service.checked_on)}


def whose(service: SupportService) -> str:
    """Whether it is the university's own."""
    return _("Ours") if service.internal else _("Outside")


def with_status(services: QuerySet[SupportService]) -> QuerySet[SupportService]:
    """With what each row's status says, so that a list asks once for all rows."""
    scheduled = Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(SupportService),
        object_id=Cast(OuterRef("pk"), CharField()),
        approved_go_live_at__isnull=False,
    )
    return services.annotate(_approved_schedule=Exists(scheduled))


def times_given(service: SupportService) -> str:
    """How often it was given to people, in the quarter that is over; empty where nobody counts."""
    return uses.in_words(getattr(service, "_times_given", None))


class _WithStatus:
    """A view of the chooser that asks once for all rows."""

    def get_object_list(self) -> QuerySet[SupportService]:
        return with_status(super().get_object_list())


class ServiceChooseView(_WithStatus, ChooseView):
    """The chooser."""


class ServiceChooseResultsView(_WithStatus, ChooseResultsView):
    """Its results."""


class SupportServiceChooserViewSet(SnippetChooserViewSet):
    """Where an editor picks a service for a page."""

    choose_view_class = ServiceChooseView
    choose_results_view_class = ServiceChooseResultsView


class SupportServiceFilterSet(WagtailFilterSet):
    """What an editor narrows the list by."""

    check = django_filters.ChoiceFilter(
        label=gettext_lazy("Check"),
        method="filter_check",
        choices=[("due", gettext_lazy("Due for a check"))],
        empty_label=gettext_lazy("All"),
    )

    class Meta:
        model = SupportService
        fields = ["check", "live", "audience", "internal", "in_emergency"]

    def filter_check(
        self, queryset: QuerySet[SupportService], name: str, value: str
    ) -> QuerySet[SupportService]:
        """Those the home page counts."""
        return queryset.filter(pk__in=reviews.due().values("pk")) if value == "due" else queryset


class SupportServiceViewSet(SnippetViewSet):
    """Support services, in the main menu."""

    model = SupportService
    icon = "help"
    menu_label = gettext_lazy("Support services")
    menu_order = 250
    add_to_admin_menu = True
    list_display = [
        "name",
        Column("phone", label=gettext_lazy("Phone"), sort_key="phone"),
        LiveStatusTagColumn(),
        Column(check_state, label=gettext_lazy("Checked"), sort_key="checked_on"),
        Column(whose, label=gettext_lazy("Whose"), sort_key="internal"),
        Column(times_given, label=gettext_lazy("Given by case managers, last quarter")),
    ]
    list_per_page = 50
    ordering = ["sort_order", "name"]
    filterset_class = SupportServiceFilterSet
    search_fields = ["name", "for_what", "phone"]
    search_backend_name = None
    copy_view_enabled = False
    chooser_viewset_class = SupportServiceChooserViewSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[SupportService]:
        """All of them, with their status, and how often they were given."""
        services, given = with_status(SupportService.objects.all()), uses.expression()
        return services if given is None else services.annotate(_times_given=given)


register_snippet(SupportServiceViewSet)


class DueServices(SummaryItem):
    """How many services are due for a check, with the way to that very list."""

    order = 350
    template_name = "wagtail_harassment/signposting/due_summary.html"

    def is_shown(self) -> bool:
        """To those who may do something about it."""
        policy = SupportService.snippet_viewset.permission_policy
        return policy.user_has_permission(self.request.user, "change")

    def get_context_data(self, parent_context: dict[str, object]) -> dict[str, object]:
        """The number and the address."""
        address = reverse(SupportService.snippet_viewset.get_url_name("list"))
        return {"count": reviews.due().count(), "href": f"{address}?check=due"}


@hooks.register("construct_homepage_summary_items")
def add_due_services(request: HttpRequest, items: list[SummaryItem]) -> None:
    """Show on the admin's home page what is due for a check."""
    items.append(DueServices(request))

"""The case list in Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, Table
from wagtail.admin.views.generic import IndexView

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.labels import ago, day, label, route_label
from wagtail_harassment.casework.listing import CaseFilterSet, slice_of
from wagtail_harassment.casework.models import Case

__all__ = ["CaseIndexView"]

#: Filters that are folded away until one of them is in force.
MORE_FILTERS = ("type", "campus", "route", "message", "doubtful")


class CaseColumn(Column):
    """What a case is called, its reference, and its marks in words."""

    cell_template_name = "wagtail_harassment/casework/cells/case.html"

    def get_cell_context_data(self, instance: Case, parent_context: dict[str, Any]) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return context | {
            "label": label(instance),
            "url": reverse("harassment_case:workspace", args=[instance.pk]),
        }


class WordsColumn(Column):
    """A value with its heading beside it where the screen is too narrow for a table."""

    cell_template_name = "wagtail_harassment/casework/cells/words.html"


class CaseIndexView(IndexView):
    """The list: newest first, narrowed by our own filters and by no other parameter there is."""

    model = Case
    template_name = "wagtail_harassment/casework/list.html"
    results_template_name = "wagtail_harassment/casework/list_results.html"
    page_title = gettext_lazy("Cases")
    any_permission_required = ["view"]
    filterset_class = CaseFilterSet
    paginate_by = 50
    is_searchable = False
    #: No export: a list that leaves the system is a decision of its own.
    FORMATS = ()
    columns = [
        CaseColumn("case", label=gettext_lazy("Case")),
        WordsColumn("status", label=gettext_lazy("Status"), accessor="get_status_display"),
        WordsColumn("route", label=gettext_lazy("How it came"), accessor=route_label),
        WordsColumn(
            "received",
            label=gettext_lazy("Received"),
            accessor=lambda case: f"{day(case.day_received)} ({ago(case.day_received)})",
        ),
        WordsColumn(
            "assignee",
            label=gettext_lazy("Case manager"),
            accessor=lambda case: policy.display_name(case.assignee) if case.assignee else _("Nobody yet"),
        ),
    ]
    header_more_buttons: list[Any] = []
    active_filters: list[Any] = []

    def get_base_queryset(self) -> QuerySet[Case]:
        return policy.visible_cases(self.request.user)

    def order_queryset(self, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset

    def get_filterset_kwargs(self) -> dict[str, Any]:
        return super().get_filterset_kwargs() | {"queryset": self.get_base_queryset()}

    def filter_queryset(self, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """What the filters leave; nothing, rather than everything, where one makes no sense."""
        return super().filter_queryset(queryset) if self.filters.is_valid() else queryset.none()

    def paginate_queryset(
        self, queryset: QuerySet[Case], page_size: int
    ) -> tuple[None, None, list[Case], bool]:
        queryset = queryset.select_related("assignee", "campus").prefetch_related("incident_types")
        self.slice = slice_of(queryset, self.request.GET, page_size)
        return None, None, self.slice.cases, False

    def get_table(self, object_list: list[Case]) -> Table:
        return Table(
            self.columns, object_list, classname="listing wh-cases", caption=_("Cases, newest first")
        )

    @cached_property
    def kept_query(self) -> str:
        """The filters in force, for a link to another page."""
        given = self.request.GET.copy()
        for name in set(given) - set(self.filters.filters):
            del given[name]
        return given.urlencode()

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        data = self.filters.form.cleaned_data if self.filters.is_valid() else {}
        return context | {
            "slice": self.slice,
            "kept_query": self.kept_query,
            "more_filters_open": any(self.request.GET.get(name) for name in MORE_FILTERS),
            "filtered": any(data.values()) or not self.filters.is_valid(),
        }

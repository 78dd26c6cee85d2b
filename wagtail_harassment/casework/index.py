"""The case list in Wagtail's admin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, Table
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import HeaderButton

from wagtail_harassment.casework import policy
from wagtail_harassment.casework.home import say_waiting
from wagtail_harassment.casework.labels import ago, day, label, route_label
from wagtail_harassment.casework.listing import CaseFilterSet, slice_of, with_types
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.saving.verbs import shown_to
from wagtail_harassment.casework.screen import FROM
from wagtail_harassment.casework.waiting import ids_for_person

__all__ = ["CaseIndexView"]

#: Filters that are folded away until one of them is in force.
MORE_FILTERS = (
    *("waits", "opened", "due", "answer", "hold", "message"),
    *("type", "campus", "route", "team", "risk", "urgent", "restricted", "doubtful"),
)


class CaseColumn(Column):
    """What a case is called, its reference, and its marks in words."""

    cell_template_name = "wagtail_harassment/casework/cells/case.html"

    def get_cell_context_data(self, instance: Case, parent_context: dict[str, Any]) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return context | {
            "label": label(instance, types=parent_context["table"].types_of(instance)),
            "url": f"{reverse('harassment_case:workspace', args=[instance.pk])}?{parent_context['table'].from_here}",
        }


class TickColumn(Column):
    """A box to tick, which names the case."""

    cell_template_name = "wagtail_harassment/casework/cells/tick.html"

    def get_cell_context_data(self, instance: Case, parent_context: dict[str, Any]) -> dict[str, Any]:
        words = label(instance, types=parent_context["table"].types_of(instance))
        return super().get_cell_context_data(instance, parent_context) | {"label": words}


class WordsColumn(Column):
    """A value with its heading beside it where the screen is too narrow for a table."""

    cell_template_name = "wagtail_harassment/casework/cells/words.html"


def manager(case: Case) -> str:
    """Who has a case, or which team waits to have it taken."""
    if case.assignee:
        return policy.display_name(case.assignee)
    return _("%(team)s, nobody of them yet") % {"team": case.team.name} if case.team else _("Nobody yet")


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
        TickColumn("tick", label=gettext_lazy("Tick")),
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
            accessor=manager,
        ),
    ]
    header_more_buttons: list[Any] = []
    active_filters: list[Any] = []

    @property
    def header_buttons(self) -> list[HeaderButton]:
        words, url = _("Record a report"), reverse("harassment_case:enter")
        return [HeaderButton(words, url=url, icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[Case]:
        return policy.visible_cases(self.request.user)

    def order_queryset(self, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset

    def get_filterset_kwargs(self) -> dict[str, Any]:
        cases = self.get_base_queryset()
        beside = {} if self.results_only else {"waiting": ids_for_person(cases, self.request.user)}
        return super().get_filterset_kwargs() | {"queryset": cases, "beside": beside}

    def filter_queryset(self, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """What the filters leave; nothing, rather than everything, where one makes no sense."""
        return super().filter_queryset(queryset) if self.filters.is_valid() else queryset.none()

    def paginate_queryset(
        self, queryset: QuerySet[Case], page_size: int
    ) -> tuple[None, None, list[Case], bool]:
        queryset = with_types(queryset.select_related("assignee", "campus", "team"))
        self.slice = slice_of(queryset, self.request.GET, page_size, count=self.look_around)
        if "found" not in vars(self):
            self.look_around()
        return None, None, self.slice.cases, False

    def look_around(self, keys: QuerySet | None = None) -> int:
        """What stands around the cases: the choices of the filters, and how many wait, for the menu. One query.

        With the ``keys`` of all that fit, how many there are too; that is returned. It is a query of its own where the
        choices had to be known before.
        """
        known = "found" in vars(self.filters)
        self.found = self.filters.found if known or keys is None else self.filters.ask(all=keys)
        if "waiting" in self.found.numbers:
            say_waiting(self.request, self.found.numbers["waiting"])
        if keys is None:
            return 0
        return keys.count() if known else self.found.numbers["all"]

    def get_table(self, object_list: list[Case]) -> Table:
        table = Table(
            self.columns, object_list, classname="listing wh-cases", caption=_("Cases, newest first")
        )
        # A case opened from here can lead on to the next one here.
        table.from_here = urlencode({FROM: self.kept_query})
        table.types_of = self.found.types_of
        return table

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
            "give_url": reverse("harassment_case:give"),
            "more_filters": [self.filters.form[name] for name in MORE_FILTERS],
            "more_filters_open": any(self.request.GET.get(name) for name in MORE_FILTERS),
            "saved_lists": SimpleLazyObject(lambda: shown_to(self.request.user)),
            "filtered": any(data.values()) or not self.filters.is_valid(),
        }

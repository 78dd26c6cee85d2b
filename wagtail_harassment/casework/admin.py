"""This room's part of the Wagtail admin: the case list and the case screens, behind one funnel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import Resolver404, URLPattern, path, resolve, reverse_lazy
from django.urls.resolvers import RoutePattern
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_harassment.casework import hosts, others, policy, pressing, roster, workspace
from wagtail_harassment.casework.access import team_pages, trails
from wagtail_harassment.casework.access import views as access
from wagtail_harassment.casework.alerting import views as alerting
from wagtail_harassment.casework.assigning import views as assigning
from wagtail_harassment.casework.closing import views as closing
from wagtail_harassment.casework.entering import views as entering
from wagtail_harassment.casework.evidence import views as evidence
from wagtail_harassment.casework.funnel import CasePermissionPolicy, Scoped, works_cases
from wagtail_harassment.casework.home import CasesPanel, ElsewherePanel, waiting_for
from wagtail_harassment.casework.index import CaseIndexView
from wagtail_harassment.casework.judging import views as judging
from wagtail_harassment.casework.linking import discussing
from wagtail_harassment.casework.linking import views as linking
from wagtail_harassment.casework.meeting import times
from wagtail_harassment.casework.meeting import views as meeting
from wagtail_harassment.casework.models import Case, Role
from wagtail_harassment.casework.noting import views as noting
from wagtail_harassment.casework.parties import views as parties
from wagtail_harassment.casework.planning import views as planning
from wagtail_harassment.casework.pointing import views as pointing
from wagtail_harassment.casework.printing import views as printing
from wagtail_harassment.casework.referring import views as referring
from wagtail_harassment.casework.roles import CASE_ROLES
from wagtail_harassment.casework.saving import views as saving
from wagtail_harassment.casework.screen import Address
from wagtail_harassment.casework.sending import views as sending
from wagtail_harassment.casework.spending import hours
from wagtail_harassment.casework.spending import views as spending
from wagtail_harassment.casework.writing import views as writing

try:
    from wagtail.permissions import register_permission_policy
except ImportError:  # Wagtail 7.4 asks the viewset instead.
    register_permission_policy = None

__all__ = ["CaseViewSet"]

case_permissions = CasePermissionPolicy(Case)
if register_permission_policy:
    register_permission_policy(Case, case_permissions)


#: The parts of this room that have addresses.
PARTS = (
    *(
        roster,
        workspace,
        others,
        pressing,
        noting,
        judging,
        planning,
        assigning,
        writing,
        closing,
        evidence,
        parties,
    ),
    *(access, team_pages, trails, entering, printing, alerting),
    saving,
    *(linking, discussing),
    referring,
    *(pointing, spending, hours),
    *(meeting, times),
    sending,
)


class CaseMenuItem(MenuItem):
    """In the menu of those who work cases, and of nobody else."""

    def is_shown(self, request: HttpRequest) -> bool:
        return works_cases(request)

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        """The label says how many wait for this person: in words of its own, so that it is read out too."""
        item = super().render_component(request)
        if waiting := waiting_for(request):
            item.label = _("%(cases)s (%(count)s for you)") % {"cases": self.label, "count": waiting}
        return item


class TimesMenuItem(MenuItem):
    """In the menu of those who work cases."""

    def is_shown(self, request: HttpRequest) -> bool:
        return works_cases(request)


class PeopleMenuItem(MenuItem):
    """In the menu of case leads."""

    def is_shown(self, request: HttpRequest) -> bool:
        return works_cases(request) and policy.holds(request.user, Role.CASE_LEAD)


class LinksMenuItem(PeopleMenuItem):
    """In the menu of case leads."""


class TrailMenuItem(MenuItem):
    """In the menu of auditors."""

    def is_shown(self, request: HttpRequest) -> bool:
        return policy.holds(request.user, Role.AUDITOR)


class CaseViewSet(ModelViewSet):
    """The list and the screens of cases. What Wagtail would add (forms, copies, deletion, usage) is left out."""

    model = Case
    name = "harassment_case"
    url_prefix = "cases"
    icon = "folder-open-1"
    menu_label = _("Cases")
    menu_order = 50
    menu_item_class = CaseMenuItem
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = False
    index_view_class = CaseIndexView
    index_template_name = CaseIndexView.template_name
    index_results_template_name = CaseIndexView.results_template_name
    form_fields: list[str] = []

    @property
    def permission_policy(self) -> CasePermissionPolicy:
        return case_permissions

    def construct_view(self, view_class: type, **kwargs: Any) -> Callable[..., HttpResponse]:
        """Every view of this set goes through here, so every one is scoped."""
        return super().construct_view(type(view_class.__name__, (Scoped, view_class), {}), **kwargs)

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        own = CaseIndexView
        return super().get_index_view_kwargs(**kwargs) | {
            "filterset_class": own.filterset_class,
            "paginate_by": own.paginate_by,
        }

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            *(self.pattern(address) for part in PARTS for address in part.ADDRESSES),
        ]

    def pattern(self, address: Address) -> URLPattern:
        """An address behind the funnel."""
        view = self.construct_view(address.view)
        view = address.around(view) if address.around else view
        return address.pattern(
            RoutePattern(address.route, name=address.name, is_endpoint=True), view, name=address.name
        )

    def register_admin_url_finder(self) -> None:
        """None: no part of Wagtail links to a case."""

    def register_reference_index(self) -> None:
        """None: no part of Wagtail indexes a case."""

    def register_permissions(self) -> None:
        """None: no group is given cases by ticking a box."""


@hooks.register("register_admin_viewset")
def register_cases() -> CaseViewSet:
    return CaseViewSet()


@hooks.register("register_admin_menu_item")
def register_times() -> TimesMenuItem:
    return TimesMenuItem(
        _("Times to meet"),
        reverse_lazy("harassment_case:times"),
        name="harassment-times",
        icon_name="calendar",
        order=51,
    )


@hooks.register("register_admin_menu_item")
def register_people() -> PeopleMenuItem:
    return PeopleMenuItem(
        _("Who works cases"),
        reverse_lazy("harassment_case:people"),
        name="harassment-people",
        icon_name="group",
        order=51,
    )


@hooks.register("register_admin_menu_item")
def register_hours() -> TimesMenuItem:
    return TimesMenuItem(
        _("Hours"), reverse_lazy("harassment_case:hours"), name="harassment-hours", icon_name="time", order=51
    )


@hooks.register("register_admin_menu_item")
def register_links() -> LinksMenuItem:
    return LinksMenuItem(
        _("Links to discuss"),
        reverse_lazy("harassment_case:discuss_links"),
        name="harassment-links",
        icon_name="link",
        order=53,
    )


@hooks.register("register_admin_menu_item")
def register_trail() -> TrailMenuItem:
    return TrailMenuItem(
        _("What was done on cases"),
        reverse_lazy("harassment_case:trail"),
        name="harassment-trail",
        icon_name="history",
        order=52,
    )


@hooks.register("construct_homepage_panels")
def add_cases_panel(request: HttpRequest, panels: list[Any]) -> None:
    if works_cases(request):
        panels.append(CasesPanel())
    elif policy.holds(request.user, *CASE_ROLES):
        panels.append(ElsewherePanel())


@hooks.register("construct_homepage_panels", order=1000)
def keep_to_own_panels(request: HttpRequest, panels: list[Any]) -> None:
    """On a case host nothing leads to what is not there."""
    if hosts.on_case_host(request):
        panels[:] = [panel for panel in panels if type(panel).__module__.startswith("wagtail_harassment.")]


@hooks.register("construct_main_menu", order=1000)
def keep_to_own_items(request: HttpRequest, items: list[MenuItem]) -> None:
    """The same of the menu. What has a menu below it is Wagtail's, and is for editors."""
    if hosts.on_case_host(request):
        items[:] = [item for item in items if _is_served(str(item.url))]


@hooks.register("construct_homepage_summary_items", order=1000)
@hooks.register("construct_search", order=1000)
def keep_to_nothing(request: HttpRequest, items: list[Any]) -> None:
    """No numbers of pages and pictures, and no search for them."""
    if hosts.on_case_host(request):
        items.clear()


def _is_served(url: str) -> bool:
    try:
        return hosts.is_served(resolve(urlsplit(url).path), url)
    except Resolver404:
        return False


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("wagtail_harassment/admin.css"))

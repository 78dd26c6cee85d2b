"""This room's part of the Wagtail admin: the case list and the case screens, behind one funnel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_harassment.casework import policy, pressing, roster, workspace
from wagtail_harassment.casework.funnel import CasePermissionPolicy, Scoped, works_cases
from wagtail_harassment.casework.home import CasesPanel
from wagtail_harassment.casework.index import CaseIndexView
from wagtail_harassment.casework.models import Case, Role

try:
    from wagtail.permissions import register_permission_policy
except ImportError:  # Wagtail 7.4 asks the viewset instead.
    register_permission_policy = None

__all__ = ["CaseViewSet"]

case_permissions = CasePermissionPolicy(Case)
if register_permission_policy:
    register_permission_policy(Case, case_permissions)


class CaseMenuItem(MenuItem):
    """In the menu of those who work cases, and of nobody else."""

    def is_shown(self, request: HttpRequest) -> bool:
        return works_cases(request)


class PeopleMenuItem(MenuItem):
    """In the menu of case leads."""

    def is_shown(self, request: HttpRequest) -> bool:
        return policy.holds(request.user, Role.CASE_LEAD)


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

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = (
            *("workspace", "history", "take", "assign", "note", "status"),
            *("write", "answered", "genuine"),
            *("people", "confirm", "withdraw"),
        )
        common = super().get_common_view_kwargs(**kwargs)
        return common | {f"{name}_url_name": self.get_url_name(name) for name in names}

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        own = CaseIndexView
        return super().get_index_view_kwargs(**kwargs) | {
            "filterset_class": own.filterset_class,
            "paginate_by": own.paginate_by,
        }

    def get_urlpatterns(self) -> list[URLPattern]:
        case = "<uuid:pk>/"
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("people/", self.construct_view(roster.RosterView), name="people"),
            path("people/confirm/", self.construct_view(roster.ConfirmView), name="confirm"),
            path("people/withdraw/", self.construct_view(roster.WithdrawView), name="withdraw"),
            path(case, self.construct_view(workspace.WorkspaceView), name="workspace"),
            path(f"{case}history/", self.construct_view(workspace.HistoryView), name="history"),
            path(f"{case}take/", self.construct_view(pressing.TakeView), name="take"),
            path(f"{case}assign/", self.construct_view(pressing.AssignView), name="assign"),
            path(
                f"{case}note/",
                pressing.giving_words_back(self.construct_view(pressing.NoteView)),
                name="note",
            ),
            path(
                f"{case}write/",
                pressing.giving_words_back(self.construct_view(pressing.WriteView)),
                name="write",
            ),
            path(f"{case}answered/", self.construct_view(pressing.AnsweredView), name="answered"),
            path(f"{case}status/", self.construct_view(pressing.StatusView), name="status"),
            path(f"{case}genuine/", self.construct_view(pressing.GenuineView), name="genuine"),
        ]

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
def register_people() -> PeopleMenuItem:
    return PeopleMenuItem(
        _("Who works cases"),
        reverse_lazy("harassment_case:people"),
        name="harassment-people",
        icon_name="group",
        order=51,
    )


@hooks.register("construct_homepage_panels")
def add_cases_panel(request: HttpRequest, panels: list[Any]) -> None:
    if works_cases(request):
        panels.append(CasesPanel())


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("wagtail_harassment/admin.css"))

"""The peer of the case list: the same rows in Wagtail's own list, as its documentation has it."""

from typing import Any

from wagtail import hooks
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_harassment.casework.models import Case


class StockIndexView(IndexView):
    """Open to whoever measures: ours lets nobody in past the case's own rule, a superuser neither."""

    def user_has_permission(self, permission: Any) -> bool:
        return True

    def user_has_any_permission(self, permissions: Any) -> bool:
        return True


class StockViewSet(ModelViewSet):
    """What a site would write without this package."""

    model = Case
    icon = "folder"
    index_view_class = StockIndexView
    add_to_admin_menu = False
    exclude_form_fields = ()
    list_per_page = 50
    list_display = ("reference", "status", "route", "day_received", "assignee", "campus", "team")
    list_filter = ("status", "route", "campus")
    ordering = ("-day_received",)


@hooks.register("register_admin_viewset")
def stock() -> ModelViewSet:
    return StockViewSet("stock_case", url_prefix="stock-cases")

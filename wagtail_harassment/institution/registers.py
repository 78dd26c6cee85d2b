"""Set-up registers: wagtail-modeladmin with its holes closed. The only file that imports it.

What the stock classes let through, and a test in ``tests/institution/test_registers.py`` for each: any
look-up in a list's address; instance views that fetch past ``get_queryset``; a history that asks no
permission; an id or a page that is not a number as a server error; export and inspection of what nobody
declared. ``docs/explanation/which-admin-for-what.md`` has the evidence.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import display
from django.contrib.admin.utils import unquote
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.utils import get_history_manager_for_model
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail_modeladmin.helpers import ButtonHelper, PermissionHelper
from wagtail_modeladmin.options import ModelAdmin, ModelAdminGroup, modeladmin_register
from wagtail_modeladmin.views import CreateView, EditView, IndexView, InstanceSpecificView

from wagtail_harassment.institution.framing import TEMPLATES, Framed, SavedWhole
from wagtail_harassment.institution.history import history_page
from wagtail_harassment.institution.meanwhile import SEEN, as_shown, what_happened
from wagtail_harassment.institution.parameters import ChoiceFilter, refuse_bad_values, refuse_undeclared

__all__ = ["Register", "RegisterGroup", "RegisterPermissionHelper", "modeladmin_register"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs what begins with one


class RegisterPermissionHelper(PermissionHelper):
    """Who may do what in a register. A register with a rule of its own overrides the ``may_*``."""

    def may(self, user: Any, action: str) -> bool:
        """Whether the user holds Django's permission for the action on this model."""
        return self.user_has_specific_permission(user, self.get_perm_codename(action))

    def may_list(self, user: Any) -> bool:
        """See the list. A permission to add or to delete is not one to read."""
        return self.may(user, "view") or self.may(user, "change")

    def may_view(self, user: Any, instance: models.Model) -> bool:
        """See this row and its history. Who may not is told that there is no such row."""
        return self.may_list(user)

    def may_change(self, user: Any, instance: models.Model) -> bool:
        """Change this row."""
        return self.may(user, "change")

    def user_can_list(self, user: Any) -> bool:
        return self.may_list(user)

    def user_can_create(self, user: Any) -> bool:
        return self.may(user, "add")

    def user_can_edit_obj(self, user: Any, obj: models.Model) -> bool:
        return self.may_view(user, obj) and self.may_change(user, obj)

    def user_can_inspect_obj(self, user: Any, obj: models.Model) -> bool:
        return False

    def user_can_delete_obj(self, user: Any, obj: models.Model) -> bool:
        return False

    def get_all_model_permissions(self) -> models.QuerySet:
        """What the group editor offers: not deletion, which no register does."""
        return super().get_all_model_permissions().exclude(codename=self.get_perm_codename("delete"))


class RegisterButtonHelper(ButtonHelper):
    """A row's first column leads to its form, or to its history for who may only look."""

    def get_buttons_for_obj(self, obj: models.Model, *args: Any, **kwargs: Any) -> list[dict]:
        return []

    def get_primary_button(self, obj: models.Model) -> dict:
        action = "edit" if self.permission_helper.user_can_edit_obj(self.request.user, obj) else "history"
        return {"url": self.url_helper.get_action_url(action, obj.pk)}


class Scoped:
    """Fetches through the register's own queryset, and asks the row, before anything else is done."""

    http_method_names = ["get", "head", "options"]

    def __init__(self, model_admin: Register, instance_pk: str) -> None:
        # Past InstanceSpecificView, whose __init__ fetches any row of the table, whoever asks.
        super(InstanceSpecificView, self).__init__(model_admin)
        self.instance_pk = self.pk_quoted = unquote(instance_pk)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.instance = self.model_admin.get_instance(request, self.instance_pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def history_url(self) -> str:
        return self.url_helper.get_action_url("history", self.pk_quoted)


class RegisterIndexView(Framed, IndexView):
    """The list."""

    http_method_names = ["get", "head", "options"]

    def get_filters(self, request: HttpRequest) -> tuple:
        refuse_bad_values(
            request.GET,
            page=self.PAGE_VAR,
            order=self.ORDER_VAR,
            search=self.SEARCH_VAR,
            columns=len(self.list_display),
        )
        filters = [list_filter.parameter_name for list_filter in self.list_filter]
        declared = {self.PAGE_VAR, self.ORDER_VAR, *filters}
        if self.search_fields:
            declared.add(self.SEARCH_VAR)
        if self.list_export:
            declared.add(self.EXPORT_VAR)
        refuse_undeclared(request.GET, declared)
        return super().get_filters(request)

    def to_row_dict(self, item: models.Model) -> dict:
        """A row of an export, in which no value is a formula."""
        row = super().to_row_dict(item)
        for name, value in row.items():
            if isinstance(value, str) and value.startswith(FORMULA_STARTS):
                row[name] = f"'{value}"
        return row

    def get_context_data(self, **kwargs: Any) -> dict:
        asked = {spec.parameter_name: spec.value() for spec in self.filter_specs}
        return super().get_context_data(
            breadcrumbs_items=self.breadcrumbs(),
            filters=self.filter_specs,
            order=self.params.get(self.ORDER_VAR, ""),
            is_narrowed=bool(self.query or any(asked.values())),
            introduction=self.model_admin.introduction,
            empty=self.model_admin.empty,
            **kwargs,
        )


class RegisterCreateView(SavedWhole, CreateView):
    """The form of a new row."""

    instance = None
    saved = False

    def get_context_data(self, **kwargs: Any) -> dict:
        title = _("Add %(kind)s") % {"kind": self.verbose_name}
        return super().get_context_data(
            action_url=self.create_url,
            page_subtitle=title,
            breadcrumbs_items=self.breadcrumbs(title),
            **kwargs,
        )


class RegisterEditView(Scoped, SavedWhole, EditView):
    """The form of a row that is there. It says what it showed; who saves after somebody else is told so first."""

    http_method_names = SavedWhole.http_method_names
    saved = True
    seen = ""

    def form_valid(self, form: WagtailAdminModelForm) -> HttpResponse:
        with transaction.atomic():
            now = self.model_admin.get_instance(self.request, self.instance_pk, locked=True)
            self.seen = as_shown(self.get_form_class()(instance=now, for_user=self.request.user))
            if self.request.POST.get(SEEN, self.seen) == self.seen:
                return super().form_valid(form)
        form.add_error(None, what_happened(now, self.model_admin.fields))
        return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict:
        # A form that was refused has put what was typed on the instance: the heading says what is saved.
        name = self.model_admin.get_instance(self.request, self.instance_pk)
        context = super().get_context_data(
            action_url=self.edit_url, page_subtitle=name, breadcrumbs_items=self.breadcrumbs(name), **kwargs
        )
        # What was refused for another reason was typed into the form that was made then, not into what is there now.
        first = self.request.POST.get(SEEN) or as_shown(context["form"])
        return context | {"seen_name": SEEN, "seen": self.seen or first}


class RegisterHistoryView(Scoped, Framed, InstanceSpecificView):
    """Who changed what, and when: newest first, as readable differences."""

    def get_meta_title(self) -> str:
        return _("History: %(name)s") % {"name": self.instance}

    def check_action_permitted(self, user: Any) -> bool:
        return self.permission_helper.may_view(user, self.instance)

    def get_context_data(self, **kwargs: Any) -> dict:
        refuse_bad_values(self.request.GET, page="p", order="o", search="q", columns=0)
        refuse_undeclared(self.request.GET, {"p"})
        page = history_page(self.instance, self.request.GET.get("p"), included_fields=self.model_admin.fields)
        breadcrumbs = self.breadcrumbs(self.instance, _("History"))
        may_change = self.permission_helper.user_can_edit_obj(self.request.user, self.instance)
        if may_change:
            breadcrumbs[1]["url"] = self.edit_url
        return super().get_context_data(
            page_obj=page,
            elided_page_range=page.paginator.get_elided_page_range(page.number),
            may_change=may_change,
            breadcrumbs_items=breadcrumbs,
            **kwargs,
        )

    def get_template_names(self) -> list[str]:
        return [TEMPLATES + "register_history.html"]


class Register(ModelAdmin):
    """One register: a list, a form and a history for rows that are taken out of use, never deleted.

    ``fields`` are the fields of the form; ``fixed_once_saved`` those among them that a saved row keeps for
    ever. ``introduction`` stands above the list, ``empty`` in its place. What may be asked of the list is
    ``list_filter`` (:class:`~.parameters.ChoiceFilter` classes only), ``search_fields``, order and page.
    """

    fields: tuple[str, ...] = ()
    fixed_once_saved: tuple[str, ...] = ("code",)
    form_class: type[WagtailAdminModelForm] = WagtailAdminModelForm
    introduction: Any = ""
    empty: Any = gettext_lazy("There is nothing here so far.")

    list_per_page = 100
    permission_helper_class = RegisterPermissionHelper
    button_helper_class = RegisterButtonHelper
    index_view_class = RegisterIndexView
    create_view_class = RegisterCreateView
    edit_view_class = RegisterEditView
    history_view_class = RegisterHistoryView
    index_template_name = TEMPLATES + "register_list.html"
    create_template_name = edit_template_name = TEMPLATES + "register_form.html"

    def __init__(self, parent: ModelAdminGroup | None = None) -> None:
        super().__init__(parent)
        get_history_manager_for_model(self.model)  # a register without a history is a mistake: raises
        if self.is_pagemodel or self.inspect_view_enabled:
            raise ImproperlyConfigured(f"{type(self).__name__}: a register has no pages and no inspection.")
        for list_filter in self.list_filter:
            if not (isinstance(list_filter, type) and issubclass(list_filter, ChoiceFilter)):
                raise ImproperlyConfigured(
                    f"{type(self).__name__}: list_filter takes ChoiceFilter classes only."
                )

    @display(description=gettext_lazy("In use"), ordering="active")
    def in_use(self, instance: models.Model) -> str:
        """The column: in words, where the stock one is a picture of Django's own admin."""
        return _("Yes") if instance.active else _("No")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """The rows that exist for this request: in the list and behind every other view alike."""
        shown = {name for name in self.list_display if isinstance(name, str)}
        related = [field.name for field in self.opts.fields if field.is_relation and field.name in shown]
        queryset = self.model._default_manager.get_queryset()  # the list puts it in order, not we
        return queryset.select_related(*related) if related else queryset

    def get_instance(self, request: HttpRequest, pk: str, *, locked: bool = False) -> models.Model:
        """The row, if it exists for this request; ``locked``: held until the transaction ends.

        Raises ``PermissionDenied`` or ``Http404``.
        """
        if not self.permission_helper.may_list(request.user):
            raise PermissionDenied
        rows = self.get_queryset(request)
        rows = rows.select_for_update(of=("self",)) if locked else rows
        try:
            instance = rows.filter(pk=self.opts.pk.to_python(pk)).first()
        except ValidationError:
            instance = None
        if instance is None or not self.permission_helper.may_view(request.user, instance):
            raise Http404
        return instance

    def get_edit_handler(self, saved: bool = False) -> ObjectList:
        """The form's panels; of a saved row, what is fixed is shown and not part of the form."""
        panels = [FieldPanel(name, read_only=saved and name in self.fixed_once_saved) for name in self.fields]
        return ObjectList(panels, base_form_class=self.form_class)

    def get_admin_urls_for_registration(self) -> tuple:
        """List, form and history. There is no address that deletes, inspects or copies."""
        offered = {
            self.url_helper.get_action_url_name(name) for name in ("index", "create", "edit", "history")
        }
        return tuple(url for url in super().get_admin_urls_for_registration() if url.name in offered)

    def register_indexing(self) -> None:
        """Not in Wagtail's reference index: its usage pages ask the model, not the row."""


class RegisterGroup(ModelAdminGroup):
    """Registers under one entry of the menu."""

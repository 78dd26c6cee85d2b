"""What a list may be asked in its address, and nothing else.

The stock list hands every parameter it does not know to ``filter()``, so that its address can ask about
any column of any related table (``?assigned_to__password__regex=``). Here a parameter is declared or refused.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

__all__ = ["BooleanFilter", "ChoiceFilter", "refuse_bad_values", "refuse_undeclared"]

LONGEST = 100  # characters of one value: a longer search is no search, and SQLite fails on 50,000
MOST_WORDS = 10  # of a search: each becomes a condition, and SQLite fails on 1,000


def refuse_undeclared(query: QueryDict, declared: set[str]) -> None:
    """Raises ``BadRequest`` for a parameter that is not declared."""
    if query.keys() - declared:
        raise BadRequest("This list cannot be asked that.")


def refuse_bad_values(query: QueryDict, *, page: str, order: str, search: str, columns: int) -> None:
    """Raises ``BadRequest`` for a value that no control of a list sends, and that a database may fail on.

    ``page``, ``order`` and ``search`` are the names of those parameters; ``columns`` is how many can be
    ordered by. A page that is not there is not a bad value: the first is shown.
    """
    for _name, values in query.lists():
        if len(values) != 1 or len(values[0]) > LONGEST or not values[0].isprintable():
            raise BadRequest("This list cannot be asked that.")
    if not re.fullmatch(r"[0-9]{0,9}", query.get(page, "")):
        raise BadRequest("There is no such page.")
    if len(query.get(search, "").split()) > MOST_WORDS:
        raise BadRequest("That is too much to search for at once.")
    if order in query:
        keys = re.fullmatch(r"-?[0-9]{1,3}(\.-?[0-9]{1,3}){0,9}", query[order])
        if not keys or any(abs(int(key)) >= columns for key in query[order].split(".")):
            raise BadRequest("This list cannot be put in that order.")


class ChoiceFilter(SimpleListFilter):
    """A filter whose every possible value is known. Another value is refused, not looked up.

    ``parameter_name`` is a field of the model, unless ``queryset`` says otherwise.
    """

    def __init__(self, request: Any, params: dict, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        if self.value() == "":  # what a form sends for "All"
            self.used_parameters.clear()
        if self.value() is not None and self.value() not in {
            str(value) for value, _label in self.lookup_choices
        }:
            raise BadRequest("This list cannot be asked that.")

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        """The choices of the field."""
        return list(model_admin.model._meta.get_field(self.parameter_name).flatchoices)

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        """The rows that have the value."""
        return queryset if self.value() is None else queryset.filter(**{self.parameter_name: self.value()})


class BooleanFilter(ChoiceFilter):
    """A filter on a yes-or-no field."""

    yes, no = _("Yes"), _("No")

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        """Two words for two values."""
        return [("yes", self.yes), ("no", self.no)]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        """The rows that have the value."""
        if self.value() is None:
            return queryset
        return queryset.filter(**{self.parameter_name: self.value() == "yes"})

"""Asking several things in one statement, on both databases."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Aggregate, IntegerField, JSONField, QuerySet, Value
from django.db.models.expressions import RawSQL

__all__ = ["Gathered", "number_of"]


class Gathered(Aggregate):
    """All values, as a list in no order."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


def number_of(rows: QuerySet) -> Any:
    """How many rows a query has, as a column of another one. Unlike ``Subquery``, of a union and a slice too."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return Value(0)
    return RawSQL(f"(SELECT COUNT(*) FROM ({sql}) AS counted)", params, output_field=IntegerField())  # noqa: S608, S611

"""What changed between two rows of history, in words that a person can read.

django-simple-history's own ``diff_against`` is not used: it goes through ``model_to_dict``, so a field that
is not editable (every sealed field) is left out in silence, or raises ``KeyError`` when it is asked for by
name, and a choice or a foreign key comes back as the code or the id that is stored.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.admin.utils import get_user_display_name

__all__ = ["Change", "Labels", "differences", "who"]


@dataclass(frozen=True)
class Change:
    """One field that differs. ``before`` and ``after`` are display strings; ``""`` is empty.

    Both are ``None`` where the field is sealed or binary: that it changed may be said, and nothing more.
    """

    field: str
    label: str
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """The change as one sentence, plain text: escape it like any other."""
        words = {"label": self.label, "before": self.before, "after": self.after}
        if self.before is None:
            return _("%(label)s changed") % words
        if not self.before:
            return _("%(label)s set to “%(after)s”") % words
        if not self.after:
            return _("%(label)s emptied; it was “%(before)s”") % words
        return _("%(label)s changed from “%(before)s” to “%(after)s”") % words


class Labels:
    """What foreign keys in rows of history point to, by name: one query a relation, however many rows, and none where
    it was selected with them."""

    def __init__(self, rows: Iterable[models.Model] = (), included_fields: Iterable[str] = ()) -> None:
        self._names: dict[type[models.Model], dict[Any, str]] = {}
        wanted: dict[type[models.Model], set[Any]] = {}
        included_fields = list(included_fields)
        for row in rows:
            for name in included_fields:
                if name in _many_to_many(row):
                    ids, model = _many_ids(row, name)
                    wanted.setdefault(model, set()).update(ids)
                    continue
                field = row._meta.get_field(name)
                if field.is_relation and field.is_cached(row):
                    self._keep(field.related_model, getattr(row, name))
                elif field.is_relation:
                    wanted.setdefault(field.related_model, set()).add(getattr(row, field.attname))
        for model, ids in wanted.items():
            self._look_up(model, ids - {None})

    def of(self, model: type[models.Model], pk: Any) -> str:
        """The name of a row of ``model``, as it is today."""
        if pk not in self._names.get(model, {}):
            self._look_up(model, {pk})
        return self._names[model][pk]

    def _keep(self, model: type[models.Model], found: models.Model | None) -> None:
        if found is not None:
            named = get_user_display_name(found) if isinstance(found, get_user_model()) else str(found)
            self._names.setdefault(model, {})[found.pk] = named

    def _look_up(self, model: type[models.Model], ids: set[Any]) -> None:
        names = self._names.setdefault(model, {})
        missing = ids - names.keys()
        if not missing:
            return
        for found in model._base_manager.in_bulk(missing).values():
            self._keep(model, found)
        for pk in missing - names.keys():
            names[pk] = _("%(kind)s that is no longer there") % {"kind": capfirst(model._meta.verbose_name)}


def differences(
    newer: models.Model,
    older: models.Model | None,
    included_fields: Sequence[str],
    labels: Labels | None = None,
) -> list[Change]:
    """How two rows of one object's history differ, in the order of ``included_fields``.

    ``older=None`` gives what the object was created with: every field that holds something. Only the named
    fields are looked at, editable or not, so a field that must not be told of is simply not named. A
    many-to-many field is compared where the history tracks it (``HistoricalRecords(m2m_fields=...)``).
    Whoever shows many rows passes one :class:`Labels` made from all of them: else each foreign key that
    changed costs a query. Raises ``FieldDoesNotExist`` for a name that the history does not keep.
    """
    labels = labels or Labels()
    changes = []
    for name in included_fields:
        label = capfirst(str(_field(newer, name).verbose_name))
        before, after = (None if row is None else _stored(row, name) for row in (older, newer))
        if before == after:
            continue
        if _is_closed(_field(newer, name)):
            changes.append(Change(name, label, None, None))
            continue
        shown = ["" if row is None else _shown(row, name, labels) for row in (older, newer)]
        if shown[0] != shown[1]:
            changes.append(Change(name, label, *shown))
    return changes


def who(row: models.Model) -> str:
    """Whose change a row of history is. Select ``history_user`` with the rows."""
    if row.history_user_id is None:
        return _("The system")
    return get_user_display_name(row.history_user)


def _many_to_many(row: models.Model) -> set[str]:
    return {field.name for field in getattr(row, "_history_m2m_fields", ())}


def _field(row: models.Model, name: str) -> models.Field:
    if name in _many_to_many(row):
        return row.instance_type._meta.get_field(name)
    field = row._meta.get_field(name)
    if not field.concrete:
        raise FieldDoesNotExist(f"The history keeps no field {name!r}.")
    return field


def _is_closed(field: models.Field) -> bool:
    """Sealed fields are binary fields, and no other binary value is for people either."""
    return isinstance(field, models.BinaryField)


def _many_ids(row: models.Model, name: str) -> tuple[list[Any], type[models.Model]]:
    field = row.instance_type._meta.get_field(name)
    column = f"{field.m2m_reverse_field_name()}_id"
    return sorted(getattr(through, column) for through in getattr(row, name).all()), field.related_model


def _stored(row: models.Model, name: str) -> Any:
    if name in _many_to_many(row):
        return _many_ids(row, name)[0]
    value = getattr(row, row._meta.get_field(name).attname)
    return bytes(value) if isinstance(value, memoryview) else value


def _shown(row: models.Model, name: str, labels: Labels) -> str:
    if name in _many_to_many(row):
        ids, model = _many_ids(row, name)
        return ", ".join(labels.of(model, pk) for pk in ids)
    field, value = row._meta.get_field(name), _stored(row, name)
    if value is None or value == "":
        return ""
    if field.is_relation:
        return labels.of(field.related_model, value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime.datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, datetime.date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)

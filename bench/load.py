"""A hundred thousand reports at once: rows as the real path leaves them, with random bytes for ciphertext."""

from __future__ import annotations

import hashlib
import os
import secrets
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from wagtail_harassment.vault.fields import SealedValue

BATCH = 1000
# Not multiplied: drafts are gone after sending, and the outbox is pruned.
PASSING = ("draft", "alert", "delivery")


def load_reports(count: int) -> dict[str, Any]:
    """Multiply one report that went the real way, with all that hangs on it.

    Whatever tables that report left rows in get ``count`` times as many, so that the size and the indexes are
    those of a database that has been used, and this file need not know what they are for.
    """
    from bench.prepare import drafts
    from wagtail_harassment.reporting import drafts as verbs
    from wagtail_harassment.reporting import versions
    from wagtail_harassment.reporting.models import Report
    from wagtail_harassment.reporting.submission import submit

    draft = verbs.find(drafts(1)["cookies"][0])
    receipt = submit(draft, versions.frozen(draft.row.form_version_id))
    draft.destroy()
    seed = Report.objects.get(reference=receipt["reference"])
    rows = {model: list(_rows_of(model, seed.pk)) for model in _models()}
    rows = {model: found for model, found in rows.items() if found}
    for numbers in _batches(count):
        with transaction.atomic():
            twins = [uuid.uuid4() for _number in numbers]
            days = [timezone.localdate() - timedelta(days=number % 1800) for number in numbers]
            for model, found in rows.items():
                model._base_manager.bulk_create(
                    [
                        _twin(row, seed.pk, twin, day)
                        for twin, day in zip(twins, days, strict=True)
                        for row in found
                    ]
                )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {
        "reports": Report.objects.count(),
        "rows": {model._meta.label: len(found) for model, found in rows.items()},
    }


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, BATCH):
        yield range(start, min(start + BATCH, count))


def _models() -> list[type[models.Model]]:
    """Ours, in an order in which foreign keys find their rows."""
    ordered: list[type[models.Model]] = []

    def visit(model: type[models.Model]) -> None:
        if model in ordered:
            return
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target is not None and target is not model and target._meta.app_label == "wagtail_harassment":
                visit(target)
        ordered.append(model)

    for model in apps.get_app_config("wagtail_harassment").get_models(include_auto_created=True):
        if not model._meta.proxy and not model._meta.model_name.startswith(PASSING):
            visit(model)
    return ordered


def _rows_of(model: type[models.Model], record: uuid.UUID) -> Iterator[models.Model]:
    """The rows that a report left in a table: those in which a UUID is the record's."""
    wanted = models.Q()
    for field in model._meta.concrete_fields:
        target = field.target_field if field.is_relation else field
        if isinstance(target, models.UUIDField):
            wanted |= models.Q(**{field.attname: record})
    return model._base_manager.filter(wanted).iterator() if wanted else iter(())


def _twin(row: models.Model, seed: uuid.UUID, twin: uuid.UUID, day: Any) -> models.Model:
    """A copy of a row that belongs to another record, with fresh ids, references and bytes."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if value == seed:
            value = twin
        elif field.primary_key and isinstance(field, models.UUIDField):
            value = uuid.uuid4()
        elif field.primary_key:
            continue
        elif field.name == "reference":
            value = secrets.token_hex(4).upper()
        elif field.name == "submission":
            value = hashlib.sha256(twin.bytes).hexdigest()
        elif field.name == "unit":
            value = uuid.uuid5(twin, str(value)) if value != seed else twin
        elif type(field) is models.DateField:
            value = day
        elif isinstance(value, SealedValue):
            value = SealedValue(os.urandom(len(value.ciphertext)))
        elif isinstance(value, bytes | memoryview):
            value = os.urandom(len(value))
        values[field.attname] = value
    return type(row)(**values)

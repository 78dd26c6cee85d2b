"""The message templates that a new installation begins with.

They stand in ``default_templates.csv`` beside this file. They are content, in British English, and belong to the
case leads once they are loaded.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import Any

from django.apps import apps as installed_apps
from django.db import router, transaction
from simple_history.utils import bulk_create_with_history

from wagtail_harassment.casework.models import MessageTemplate, TemplateParagraph

__all__ = ["load", "on_migrated"]

REASON = "Came with the package"
STEP = 10  # between positions, so that a lead can put one between two others


def load() -> int:
    """Add the templates that this installation has never had, with their paragraphs; returns how many.

    One that is there is not touched, whatever a lead made of it, and one that was deleted does not come back.
    One query when there is nothing to add.
    """
    templates: dict[str, MessageTemplate] = {}
    paragraphs: list[TemplateParagraph] = []
    known = set(MessageTemplate.objects.values_list("code", flat=True))
    rows = [row for row in _rows() if row["template"] not in known]
    if not rows:
        return 0
    gone = set(MessageTemplate.history.filter(history_type="-").values_list("code", flat=True))
    for row in rows:
        code = row["template"]
        if code in gone:
            continue
        position = (len(templates) + (code not in templates)) * STEP
        template = templates.setdefault(
            code, MessageTemplate(code=code, name=row["name"], sort_order=position)
        )
        paragraphs.append(
            TemplateParagraph(
                template=template,
                code=row["code"],
                words=row["words"],
                optional=row["optional"] == "yes",
                sort_order=(sum(each.template is template for each in paragraphs) + 1) * STEP,
            )
        )
    with transaction.atomic():
        made = bulk_create_with_history(
            list(templates.values()), MessageTemplate, default_change_reason=REASON
        )
        by_code = {template.code: template for template in made}
        for paragraph in paragraphs:
            paragraph.template = by_code[paragraph.template.code]
        bulk_create_with_history(paragraphs, TemplateParagraph, default_change_reason=REASON)
    return len(made)


def _rows() -> list[dict[str, str]]:
    file = resources.files(__package__).joinpath("default_templates.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def on_migrated(using: str, apps: Any = installed_apps, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``. Does nothing on another database, or while the table is not there."""
    try:
        apps.get_model("wagtail_harassment", "MessageTemplate")
    except LookupError:
        return
    if using == router.db_for_write(MessageTemplate):
        load()

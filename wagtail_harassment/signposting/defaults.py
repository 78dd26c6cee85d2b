"""The directory that a new installation may begin with: facts to check, not yet checked by anyone here."""

from __future__ import annotations

import csv
import uuid
from importlib.resources import files
from typing import Any

from django.db import transaction
from wagtail.models import Locale

from wagtail_harassment.institution.models import Term, Vocabulary
from wagtail_harassment.signposting.models import SupportService

__all__ = ["load_demo_services"]

NAMESPACE = uuid.UUID("6f7c0f8e-7a1e-4c61-9d7c-0d0b6d1c7c11")


def service_key(code: str) -> uuid.UUID:
    """The stable ``translation_key`` of one of ours: whatever an editor calls it later, it is that one."""
    return uuid.uuid5(NAMESPACE, code)


@transaction.atomic
def load_demo_services() -> list[SupportService]:
    """Publish the services of ``services.csv``, each marked as not checked, and return those made.

    Loads into a directory that holds none of them; otherwise does nothing, so that neither a change nor a
    deletion by an editor is ever undone. Load the incident types first: topics are matched by their codes.
    """
    rows = list(_rows())
    if SupportService.objects.filter(translation_key__in=[service_key(row["code"]) for row in rows]).exists():
        return []
    terms = {term.code: term for term in Term.objects.filter(vocabulary=Vocabulary.INCIDENT_TYPE)}
    locale = Locale.get_default()
    return [_publish(row, terms, locale) for row in rows]


def _rows() -> list[dict[str, str]]:
    source = files("wagtail_harassment.signposting").joinpath("services.csv")
    with source.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _publish(row: dict[str, str], terms: dict[str, Term], locale: Locale) -> SupportService:
    facts: dict[str, Any] = {
        name: row[name] for name in ("name", "for_what", "audience", "region", "phone", "text_or_chat", "url")
    }
    service = SupportService(
        **facts,
        # Only where its own words say so: nobody here has asked the others.
        always_open=row["always_open"] == "1",
        in_emergency=row["in_emergency"] == "1",
        always_show=row["always_show"] == "1",
        sort_order=int(row["sort_order"]),
        translation_key=service_key(row["code"]),
        locale=locale,
    )
    service.topics = [terms[code] for code in row["topics"].split() if code in terms]
    service.full_clean()
    service.save()
    service.save_revision().publish()
    return service

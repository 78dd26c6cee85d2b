"""Letters as they lie in the outbox, without the part of the house that would write one."""

from __future__ import annotations

from django.utils import timezone

from wagtail_harassment.casework.models import Case, Sending
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import seal_fields


def letter(
    case: Case, *, body: str = "words", name: str = "", email: str = "a@example.org", **state
) -> Sending:
    row = Sending(case=case, kind="trial", created_on=timezone.localdate(), **state)
    words = {"email": email, "name": name, "subject": "A date", "body": body, "files": []}
    seal_fields(row, envelope.new_key(record=case.pk, unit=row.pk), letter=words)
    row.save(force_insert=True)
    return row

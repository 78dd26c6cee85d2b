"""A model of these tests' own: sealed columns, a chain, a history."""

import uuid

from django.db import models
from simple_history.models import HistoricalRecords

from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import SealedJSONField, SealedTextField, seal_fields


class Letter(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.UUIDField()
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)
    body = SealedTextField(purpose="tests.letter.body", null=True)
    extra = SealedJSONField(purpose="tests.letter.extra", null=True)
    # No constraint: these tables are made before those of apps with migrations.
    history = HistoricalRecords(
        history_id_field=models.UUIDField(default=uuid.uuid4), user_db_constraint=False
    )

    def __str__(self):
        return f"Letter {self.pk}"


def write_letter(record, text, **plain):
    """A letter of ``record`` under a key of its own, saved; returns it with its key."""
    letter = Letter(record=record)
    key = envelope.new_key(record=record, unit=letter.pk)
    seal_fields(letter, key, body=text, **plain)
    letter.save(force_insert=True)
    return letter, key

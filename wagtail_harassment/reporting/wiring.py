"""What this room asks Django for when it starts: receivers and registrations, nothing else."""

from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail.signals import page_published

from wagtail_harassment.vault import ledger, triggers


def connect(app: AppConfig) -> None:
    """Keep reports as received, and freeze a form whenever what it asks changes."""
    from wagtail_harassment.institution.models import Building, Campus, Term
    from wagtail_harassment.reporting import addresses, discretion
    from wagtail_harassment.reporting.models import (
        Evidence,
        FormVersion,
        Invitation,
        KeptPart,
        Message,
        Report,
        ReturnCode,
        Thread,
    )
    from wagtail_harassment.reporting.pages import ReportFormPage

    discretion.hush_templates()
    addresses.connect()
    triggers.protect(FormVersion)
    triggers.protect(Report)
    triggers.protect(Message)
    triggers.protect(KeptPart, delete=triggers.ALLOWED)
    triggers.protect(ReturnCode, delete=triggers.ALLOWED)
    triggers.protect(Invitation, delete=triggers.ALLOWED)
    fixed = ("id", "report_id", "source", "day", "facts")
    open_ended = ("message_id", "author_id", "original_id")
    triggers.protect(
        Evidence,
        update=" OR ".join(
            [f"OLD.{name} <> NEW.{name}" for name in fixed]
            + [
                f"(OLD.{name} IS NULL) <> (NEW.{name} IS NULL) OR OLD.{name} <> NEW.{name}"
                for name in open_ended
            ]
        ),
    )
    ledger.protect(
        Evidence,
        chain_field="report_id",
        columns=["report_id", "source", "message_id", "author_id", "original_id", "day"],
    )
    triggers.protect(
        Thread,
        update="OLD.id <> NEW.id OR OLD.return_code_id <> NEW.return_code_id OR OLD.report_id <> NEW.report_id "
        "OR OLD.party <> NEW.party OR OLD.public <> NEW.public OR OLD.facts <> NEW.facts",
    )
    ledger.protect(
        Message,
        chain_field="record",
        columns=["thread_id", "number", "kind", "author_id", "day", "for_reader"],
    )
    ledger.protect(
        Thread, chain_field="report_id", columns=["return_code_id", "report_id", "party", "public", "facts"]
    )
    ledger.protect(Report, chain_field="id", columns=["reference", "submission", "day", "form_version_id"])
    page_published.connect(freeze_page, sender=ReportFormPage, dispatch_uid="harassment_freeze")
    for model in (Term, Campus, Building):
        for happened, name in ((post_save, "saved"), (post_delete, "deleted")):
            uid = f"harassment_freeze_{model.__name__}_{name}"
            happened.connect(freeze_all, sender=model, dispatch_uid=uid)


def freeze_page(instance: Any, **kwargs: Any) -> None:
    """Receiver of ``page_published``."""
    from wagtail_harassment.reporting.versions import publish

    publish(instance)


def freeze_all(raw: bool = False, **kwargs: Any) -> None:
    """Receiver of changes to what forms offer: words, campuses, buildings."""
    from wagtail_harassment.reporting.versions import publish_all

    waiting = (entry[1] for entry in transaction.get_connection().run_on_commit)
    if not raw and publish_all not in waiting:
        transaction.on_commit(publish_all)

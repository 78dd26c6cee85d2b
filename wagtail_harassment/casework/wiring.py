"""What this room asks Django for when it starts: receivers and registrations, nothing else."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, post_save, pre_delete, pre_save
from wagtail import hooks


def connect(app: AppConfig) -> None:
    """Connect this room's receivers. Called once by the app."""
    from wagtail_harassment.casework import credentials, opening, people, policy, receiving, roles
    from wagtail_harassment.casework.models import Block, Case, Grant, Note
    from wagtail_harassment.reporting import readers
    from wagtail_harassment.reporting.signals import message_received, report_sent
    from wagtail_harassment.vault import ledger, triggers

    readers.register(policy.readers)
    report_sent.connect(opening.on_report_sent, dispatch_uid="harassment_open_case")
    message_received.connect(receiving.on_message_received, dispatch_uid="harassment_message_received")
    post_migrate.connect(roles.make_groups, sender=app, dispatch_uid="harassment_groups")

    user = settings.AUTH_USER_MODEL
    pre_save.connect(credentials.note_own_change, sender=user, dispatch_uid="harassment_own_change")
    post_save.connect(credentials.carry_grants, sender=user, dispatch_uid="harassment_carry_grants")
    pre_delete.connect(people.keep, sender=user, dispatch_uid="harassment_keep_people")
    hooks.register("before_delete_user", people.keep_in_admin)
    hooks.register("before_bulk_action", people.keep_in_bulk)

    ledger.protect(Note, chain_field="case_id")
    for model in (Note, Block, Case.history.model, Grant.history.model):
        triggers.protect(model)
    triggers.protect(
        Case,
        update="OLD.id <> NEW.id OR OLD.report_id <> NEW.report_id OR OLD.reference <> NEW.reference "
        "OR OLD.day_received <> NEW.day_received",
    )

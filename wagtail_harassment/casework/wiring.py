"""What this room asks Django for when it starts: receivers and registrations, nothing else."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.conf import settings
from django.db import router
from django.db.models.signals import post_migrate, post_save, pre_delete, pre_save
from wagtail import hooks


def connect(app: AppConfig) -> None:
    """Connect this room's receivers. Called once by the app."""
    from wagtail_harassment.casework import (
        credentials,
        opening,
        people,
        policy,
        receiving,
        roles,
        second_factor,
        stepping_up,
    )
    from wagtail_harassment.casework.evidence import preparing
    from wagtail_harassment.casework.meeting import arriving, offering
    from wagtail_harassment.casework.models import (
        Block,
        Case,
        CaseLink,
        Closing,
        DismissedLink,
        Grant,
        Handover,
        Meeting,
        Note,
        PaidTime,
        Person,
        PersonVersion,
        Referral,
        ReferralReply,
        Sending,
        ServiceGiven,
        Task,
        TimeSpent,
    )
    from wagtail_harassment.casework.pointing import usage
    from wagtail_harassment.casework.referring import letters
    from wagtail_harassment.casework.writing import defaults as templates
    from wagtail_harassment.reporting import meetings, readers
    from wagtail_harassment.reporting.signals import evidence_received, message_received, report_sent
    from wagtail_harassment.signposting import uses
    from wagtail_harassment.vault import ledger, triggers

    if second_factor.available():
        credentials.register_factor(second_factor.factors, second_factor.beside)
        stepping_up.register_verifier(second_factor.verify)
    readers.register(policy.readers)
    report_sent.connect(opening.on_report_sent, dispatch_uid="harassment_open_case")
    message_received.connect(receiving.on_message_received, dispatch_uid="harassment_message_received")
    # After the one above: it is the first to lock the case.
    message_received.connect(arriving.on_message_received, dispatch_uid="harassment_meeting_picked")
    meetings.register(offering.people)
    evidence_received.connect(preparing.on_evidence_received, dispatch_uid="harassment_evidence_received")
    post_migrate.connect(roles.make_groups, sender=app, dispatch_uid="harassment_groups")
    post_migrate.connect(templates.on_migrated, sender=app, dispatch_uid="harassment_default_templates")
    post_migrate.connect(load_default_checklists, sender=app, dispatch_uid="harassment_default_checklists")

    user = settings.AUTH_USER_MODEL
    pre_save.connect(credentials.note_own_change, sender=user, dispatch_uid="harassment_own_change")
    post_save.connect(credentials.carry_grants, sender=user, dispatch_uid="harassment_carry_grants")
    pre_delete.connect(people.keep, sender=user, dispatch_uid="harassment_keep_people")
    pre_delete.connect(people.keep_groups, sender="auth.Group", dispatch_uid="harassment_keep_groups")
    hooks.register("before_delete_user", people.keep_in_admin)
    hooks.register("before_bulk_action", people.keep_in_bulk)

    ledger.protect(Note, chain_field="case_id")
    ledger.protect(Handover, chain_field="case_id", columns=["evidence_id", "author_id", "created_at"])
    ledger.protect(Task, chain_field="case_id", columns=["step_words", "created_by_id", "created_on"])
    # What was done stays done.
    triggers.protect(Task, update="OLD.state <> 'open'")
    ledger.protect(
        Closing,
        chain_field="case_id",
        columns=["outcome_id", "closed_by_id", "closed_at", "retain_until", "open_tasks"],
    )
    ledger.protect(
        Meeting, chain_field="case_id", columns=["booking_id", "moved_from_id", "created_by_id", "created_on"]
    )
    triggers.protect(
        Meeting,
        update="OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id OR OLD.booking_id <> NEW.booking_id "
        "OR (OLD.state <> 'planned' AND OLD.state <> NEW.state)",
    )
    ledger.protect(Person, chain_field="case_id")
    ledger.protect(
        PersonVersion, chain_field="case_id", columns=["person_id", "version", "written_by_id", "written_at"]
    )
    triggers.protect(
        Person,
        update="OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id OR OLD.from_report <> NEW.from_report",
    )
    ledger.protect(
        Sending,
        chain_field="case_id",
        columns=["kind", "about", "recipient_id", "created_by_id", "created_on"],
    )
    triggers.protect(
        Sending,
        update="OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id OR OLD.kind <> NEW.kind OR OLD.letter <> NEW.letter",
    )
    ledger.protect(
        CaseLink,
        chain_field="case_id",
        columns=[
            "link",
            "other_id",
            "kind",
            "basis",
            "removed",
            "linked_by_id",
            "linked_at",
            "removed_by_id",
        ],
    )
    triggers.protect(CaseLink, update="OLD.removed OR OLD.link <> NEW.link OR OLD.other_id <> NEW.other_id")
    triggers.protect(DismissedLink)
    ledger.protect(
        Referral,
        chain_field="case_id",
        columns=["purpose", "department_id", "by_link", "due_on", "created_by_id", "created_on"],
    )
    ledger.protect(
        ReferralReply, chain_field="case_id", columns=["referral_id", "kind", "author_id", "created_at"]
    )
    # What was sent stays as it was sent, and what is over stays over.
    triggers.protect(
        Referral,
        update="OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id OR OLD.content <> NEW.content "
        "OR OLD.purpose <> NEW.purpose OR OLD.by_link <> NEW.by_link OR OLD.due_on <> NEW.due_on "
        "OR COALESCE(OLD.department_id, 0) <> COALESCE(NEW.department_id, 0) OR OLD.ended_on IS NOT NULL",
    )
    triggers.protect(ReferralReply)
    ledger.protect(
        ServiceGiven, chain_field="case_id", columns=["to", "how", "state", "given_by_id", "given_on"]
    )
    triggers.protect(
        ServiceGiven,
        update="OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id OR OLD.words <> NEW.words "
        "OR COALESCE(NEW.service_id, OLD.service_id) <> OLD.service_id",
    )
    # Taken back is all that can become of it.
    triggers.protect(
        TimeSpent,
        update="OLD.taken_back OR NOT NEW.taken_back OR OLD.id <> NEW.id OR OLD.case_id <> NEW.case_id "
        "OR OLD.user_id <> NEW.user_id OR OLD.minutes <> NEW.minutes OR OLD.day <> NEW.day",
    )
    uses.register(usage.times_given)
    letters.register()
    histories = (PaidTime.history.model, Case.history.model, Grant.history.model, Task.history.model)
    for model in (Note, Handover, Closing, PersonVersion, *histories):
        triggers.protect(model)
    # What the reporter asked for stays.
    triggers.protect(Block, delete="OLD.source = 'reporter'")
    triggers.protect(
        Case,
        update="OLD.id <> NEW.id OR OLD.report_id <> NEW.report_id OR OLD.reference <> NEW.reference "
        "OR OLD.day_received <> NEW.day_received",
    )


def load_default_checklists(using: str, apps: Any = installed_apps, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``. Does nothing on another database, or while the table is not there."""
    from wagtail_harassment.casework.models import Checklist
    from wagtail_harassment.casework.planning import defaults

    try:
        apps.get_model("wagtail_harassment", "ChecklistStep")
    except LookupError:
        return
    if using == router.db_for_write(Checklist):
        defaults.load()

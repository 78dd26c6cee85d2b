"""What this room asks Django for when it starts: the triggers and what they keep."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from wagtail_harassment.vault import ledger, triggers


def connect(app: AppConfig) -> None:
    """Declare what is immutable here, and install every room's triggers after each migration."""
    from wagtail_harassment.vault.models import LedgerChain, LedgerEvent, SealedKey, StoredFile

    triggers.protect(LedgerEvent)
    triggers.protect(
        LedgerChain,
        update="OLD.id <> NEW.id OR NEW.length < OLD.length OR NEW.length > OLD.length + 1 "
        "OR (NEW.length = OLD.length AND NEW.tip <> OLD.tip) "
        "OR NEW.anchored < OLD.anchored OR NEW.anchored > NEW.length",
    )
    triggers.protect(
        SealedKey,
        update="OLD.id <> NEW.id OR OLD.record <> NEW.record OR OLD.unit <> NEW.unit "
        "OR NEW.key_version < OLD.key_version "
        "OR (NEW.key_version = OLD.key_version AND NEW.sealed <> OLD.sealed)",
        delete="OLD.held OR OLD.destroy_after IS NULL OR OLD.destroy_after > CURRENT_DATE",
    )
    keyed = "EXISTS (SELECT 1 FROM wagtail_harassment_sealedkey WHERE unit = OLD.id)"
    triggers.protect(
        StoredFile,
        update="OLD.id <> NEW.id OR OLD.size <> NEW.size OR OLD.digest <> NEW.digest OR OLD.day <> NEW.day "
        "OR (OLD.record IS NOT NULL AND (NEW.record IS NULL OR NEW.record <> OLD.record)) "
        "OR (NEW.state = 'arriving' AND OLD.state <> 'arriving') "
        "OR (OLD.state = 'going' AND NEW.state <> 'going') "
        f"OR (NEW.state = 'going' AND {keyed})",
        delete="OLD.state <> 'going'",
    )
    ledger.protect(StoredFile, chain_field="record", columns=["size", "digest", "day"])
    post_migrate.connect(install_triggers, sender=app, dispatch_uid="harassment_triggers")


def install_triggers(using: str, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``."""
    triggers.install(using)

"""What this room asks Django for when it starts: receivers and registrations, nothing else."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.db import router
from django.db.models.signals import post_migrate


def connect(app: AppConfig) -> None:
    """Connect this room's receivers. Called once by the app."""
    post_migrate.connect(load_default_terms, sender=app, dispatch_uid="harassment_default_terms")


def load_default_terms(using: str, apps: Any = installed_apps, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``. Does nothing on another database, or while the table is not there."""
    from wagtail_harassment.institution import defaults
    from wagtail_harassment.institution.models import Term

    try:
        apps.get_model("wagtail_harassment", "Term")
    except LookupError:
        return
    if using == router.db_for_write(Term):
        defaults.load()

"""What this room asks Django for when it starts: receivers and registrations, nothing else."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, post_save, pre_save


def connect(app: AppConfig) -> None:
    """Connect this room's receivers. Called once by the app."""
    from wagtail_harassment.casework import credentials, policy, roles
    from wagtail_harassment.reporting import readers

    readers.register(policy.readers)
    post_migrate.connect(roles.make_groups, sender=app, dispatch_uid="harassment_groups")
    pre_save.connect(credentials.note_own_change, sender=settings.AUTH_USER_MODEL)
    post_save.connect(credentials.carry_grants, sender=settings.AUTH_USER_MODEL)

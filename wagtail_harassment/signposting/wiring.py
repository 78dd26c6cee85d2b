"""What this room asks Django for when it starts: receivers and registrations, nothing else."""

from django.apps import AppConfig

from wagtail_harassment.signposting import freshness


def connect(app: AppConfig) -> None:
    """Connect this room's receivers. Called once by the app."""
    freshness.connect(app)

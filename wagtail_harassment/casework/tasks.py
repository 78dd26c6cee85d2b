"""Background tasks of casework: they call a verb. Without arguments, because arguments are stored."""

from django_tasks import task

from wagtail_harassment.casework import notifications

__all__ = ["deliver_alerts"]


@task()
def deliver_alerts() -> None:
    """Tell people of what is waiting to be told."""
    notifications.deliver()
    notifications.prune()

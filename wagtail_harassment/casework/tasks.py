"""Background tasks of casework: they call a verb. Arguments are stored, so they are ids and nothing else."""

import uuid

from django_tasks import task

from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.alerting import beats
from wagtail_harassment.casework.evidence import preparing
from wagtail_harassment.casework.sending import delivering as sendings
from wagtail_harassment.casework.writing import delivering

__all__ = [
    "beat",
    "check_evidence",
    "deliver_alerts",
    "deliver_notices",
    "deliver_sendings",
    "prepare_evidence",
]


@task()
def deliver_alerts() -> None:
    """Tell people of what is waiting to be told."""
    notifications.deliver()
    notifications.prune()


@task()
def deliver_notices() -> None:
    """Tell people outside that a message waits for them."""
    delivering.deliver()


@task()
def deliver_sendings() -> None:
    """Send the letters that wait."""
    sendings.deliver()


@task()
def beat() -> None:
    """Show that somebody works here."""
    beats.well(beats.WORKER)
    notifications.prune()


@task()
def prepare_evidence(record: str) -> None:
    """Scan what was not scanned on a record, and make the copies that wait."""
    preparing.prepare(uuid.UUID(record))


@task()
def check_evidence(record: str) -> None:
    """Look whether a record's files are those that were stored; scan and copy what was not."""
    preparing.check(uuid.UUID(record))

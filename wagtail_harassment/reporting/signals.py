"""What the rooms above are told. Sent inside the transaction of what happened, in a savepoint."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.views.decorators.debug import sensitive_variables

__all__ = ["evidence_received", "message_received", "report_sent", "tell_message"]

logger = logging.getLogger("wagtail_harassment.reporting")

#: A report was sent. Arguments: ``report`` (the :class:`Report`), ``answers`` (``{code: answer}``, in memory
#: only: a receiver that stores one seals it), ``is_test``, and ``signs`` (codes: why it may come from a machine).
report_sent = Signal()

#: The person of a thread wrote or asked for something. Arguments: ``message``, ``thread`` (with its report)
#: and ``body`` (in memory only).
message_received = Signal()

#: Files came to a record, or were added to it. Argument: ``record``. Receivers do what they do after the commit.
evidence_received = Signal()


@sensitive_variables()
def tell_message(message: Any, thread: Any, body: dict[str, Any]) -> None:
    """Tell of a message, in a savepoint: if the rooms above fail, it stands, and an alarm is raised."""
    try:
        with transaction.atomic():
            message_received.send(sender=type(message), message=message, thread=thread, body=body)
    except Exception as error:
        # The kind of error only: its text could quote what was written.
        logger.critical(
            "A message on report %s was received, and nobody could be told of it (%s).",
            thread.report.reference,
            type(error).__name__,
        )

"""Writing a message, and having its reader told that it is there."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.writing import telling
from wagtail_harassment.reporting.models import Message, Thread

__all__ = ["write"]


@transaction.atomic
@sensitive_variables()
def write(
    *,
    case: Case,
    thread: Thread,
    text: str,
    by: AbstractBaseUser,
    once: uuid.UUID | None = None,
    tell: bool = False,
) -> Message:
    """Write to the person of a thread, as :func:`~..actions.write_to_reporter` does; with ``tell``, also have them
    told by e-mail that there is a message. Either both or nothing.

    Raises what that raises, and ``ValidationError`` where they cannot be told.
    """
    message = actions.write_to_reporter(case=case, thread=thread, text=text, by=by, once=once)
    if tell:
        telling.put(
            case=Case.objects.select_related("report").get(pk=case.pk), thread=thread, message=message
        )
    return message

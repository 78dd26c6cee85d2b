"""Giving services to people on a case, and writing down what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Case, GivenHow, GivenState, Part, ServiceGiven
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.vault import envelope, ledger
from wagtail_harassment.vault.fields import seal_fields

__all__ = ["READ", "WORDS_MAX_BYTES", "follow", "give", "said_of"]

WORDS_MAX_BYTES = 10_000
#: What is kept of a service as it read that day.
READ = ("name", "for_what", "phone", "text_or_chat", "url", "email", "hours", "region")


def said_of(service: SupportService) -> dict[str, str]:
    """What a service says now, by the names of :data:`READ`."""
    return {name: str(getattr(service, name)) for name in READ}


@transaction.atomic
@sensitive_variables()
def give(
    *,
    case: Case,
    services: Iterable[SupportService],
    to: str,
    how: str,
    by: AbstractBaseUser,
    note: str = "",
    once: uuid.UUID | None = None,
) -> list[ServiceGiven]:
    """Write down that somebody was given services, each with what it says today. Event "service.given", one for all.

    ``to`` is a part of the case (:class:`Part`), ``note`` up to :data:`WORDS_MAX_BYTES`. Nothing is sent. ``once`` as
    in :func:`actions.add_note`. Raises ``NotAllowed`` and ``ValidationError``.
    """
    row, services = actions.locked(case, by, "signpost"), list(services)
    if not services:
        raise ValidationError(_("Tick at least one service."))
    if to not in Part.values or how not in GivenHow.values:
        raise ValidationError(_("Choose to whom, and how."))
    note = _cleaned(note)
    given, day = [], timezone.localdate()
    ids = {
        actions.once_id(row.pk, by, once, f"service {service.pk} {to} {how} {note}"): service
        for service in services
    }
    there = ServiceGiven.objects.in_bulk(ids) if once else {}
    for pk, service in ids.items():
        if pk in there:
            continue
        one = ServiceGiven(id=pk, case=row, service=service, to=to, how=how, given_by=by, given_on=day)
        words = said_of(service) | {"note": note}
        seal_fields(one, envelope.new_key(record=row.pk, unit=one.pk), words=words)
        one.save(force_insert=True)
        given.append(one)
    if given:
        body = {"services": len(given)}
        ledger.append(chain=row.pk, kind="service.given", actor=by, rows=given, body=body)
    return [*there.values(), *given]


@transaction.atomic
@sensitive_variables()
def follow(
    *,
    case: Case,
    given: ServiceGiven,
    state: str,
    by: AbstractBaseUser,
    expected_version: int,
    words: str = "",
) -> ServiceGiven:
    """Write down what became of a service that was given. Event "service.followed".

    What changes nothing leaves nothing. Raises ``NotAllowed``, also for a row of another case, :class:`actions.Stale`
    and ``ValidationError``.
    """
    row = actions.locked(case, by, "signpost")
    one = ServiceGiven.objects.select_for_update().filter(pk=given.pk, case=row.pk).first()
    if one is None:
        raise actions.NotAllowed
    if state not in GivenState.values:
        raise ValidationError(_("Choose what became of it."))
    if one.version != expected_version:
        raise actions.Stale(one.version)
    words = _cleaned(words)
    if state == one.state and not words:
        return one
    fields: dict[str, Any] = {"from": one.state, "to": str(state)}
    if words:
        seal_fields(one, envelope.open_key(record=row.pk, unit=one.pk), outcome=words)
    one.state = state
    one.version += 1
    one.save(update_fields=["state", "version", "outcome"])
    ledger.append(chain=row.pk, kind="service.followed", actor=by, rows=[one], body=fields)
    return one


def _cleaned(words: str) -> str:
    if not words.strip():
        return ""
    too_long = _("This is too long. Write it shorter, and the rest as a note.")
    return actions.cleaned(words, WORDS_MAX_BYTES, empty="", too_long=too_long)

"""Whoever works cases here and is a person of one: for them it does not exist, from that moment on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import actions, mentions, notifications, opening, policy
from wagtail_harassment.casework.models import Block, Case
from wagtail_harassment.casework.parties import index
from wagtail_harassment.vault import ledger

__all__ = ["NEW", "holders_named", "shut_out", "shut_out_of_their_cases"]

logger = logging.getLogger(__name__)

#: The kind of alert that tells of a case nobody works.
NEW = "case.new"


@sensitive_variables()
def holders_named(details: Mapping[str, str]) -> list[AbstractBaseUser]:
    """Those in a case role, also one that doesn't hold at the moment, whose full name or address this is. One query."""
    text = mentions.Text(details.get(box, "") for box in ("name", "email"))
    return [user for user in opening.role_people() if mentions.is_named(user, text)]


def shut_out(case: Case, users: Iterable[AbstractBaseUser], *, by: AbstractBaseUser | None) -> list[Any]:
    """Block users from a case whose row is locked; returns those who were not blocked before.

    Event "block.found" for each, with the user's id. Whoever worked the case has it no longer: it is nobody's, and is
    told of again. Where nobody may see it now, the deputy is called. Call this before any other event of the same
    verb: alerts are locked before chains.
    """
    known = set(Block.objects.filter(case=case.pk).values_list("user", flat=True))
    new = [user for user in users if user.pk not in known]
    if not new:
        return []
    for user in new:
        Block.objects.create(case=case, user=user, source=Block.Source.PARTY)
    leaves = [user for user in new if user.pk == case.assignee_id]
    alone = not policy.people_who("view", case)
    if alone:
        opening.call_deputy(case)
    if (leaves or alone) and not case.is_test:
        notifications.raise_again(case, NEW)
    for user in new:
        body = {"user": str(user.pk), "source": str(Block.Source.PARTY)}
        if user in leaves:
            case.assignee = None
            actions.save(case, by, "block.found", ["assignee"], body)
        else:
            ledger.append(chain=case.pk, kind="block.found", actor=by, body=body)
    return new


@transaction.atomic
def shut_out_of_their_cases(user: AbstractBaseUser) -> None:
    """Block somebody from every case of which they are a person, by their full name or address.

    For when they are confirmed in a role. Nothing tells whoever confirms whether there was any.
    """
    if not index.usable():
        logger.error(
            "This server does not hold the key of the index: who was confirmed was compared with no case."
        )
        return
    while index.index_waiting():
        pass
    for case in index.cases_naming(user).select_for_update(of=("self",)):
        shut_out(case, [user], by=None)

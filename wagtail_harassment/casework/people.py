"""People who have worked here can't be deleted, only switched off: their name stays on what they did.

Nor can the groups that are roles: whoever is in one would silently lose what it opens.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_harassment.casework.credentials import current_request
from wagtail_harassment.casework.models import Block, Case, CaseMember, Grant, Note, Role
from wagtail_harassment.casework.roles import group_name
from wagtail_harassment.vault.models import LedgerEvent

__all__ = ["has_worked", "keep", "keep_groups", "keep_in_admin", "keep_in_bulk"]


def has_worked(user: AbstractBaseUser) -> bool:
    """Whether a case, a note, a grant, its history or the ledger speaks of somebody, or any row of ours needs them."""
    return _needed(user) or any(
        rows.exists()
        for rows in (
            Grant.history.filter(user=user.pk),
            Grant.objects.filter(user=user.pk),
            Block.objects.filter(user=user.pk),
            CaseMember.objects.filter(user=user.pk),
            Case.objects.filter(assignee=user.pk),
            Case.history.filter(assignee=user.pk),
            Case.history.filter(history_user=user.pk),
            Grant.history.filter(history_user=user.pk),
            Note.objects.filter(author=user.pk),
            LedgerEvent.objects.filter(actor=str(user.pk)),
        )
    )


def _needed(user: AbstractBaseUser) -> bool:
    try:
        Collector(using=user._state.db or "default").collect([user])
    except ProtectedError as error:
        return any(row._meta.app_label == Case._meta.app_label for row in error.protected_objects)
    return False


def keep(sender: type, instance: AbstractBaseUser, **kwargs: Any) -> None:
    """Receiver of ``pre_delete`` on the user model: refuses, by any route, with ``ProtectedError``."""
    if has_worked(instance):
        raise ProtectedError("This person has worked on cases: switch the account off instead.", {instance})


def keep_in_admin(request: HttpRequest, user: AbstractBaseUser) -> HttpResponse | None:
    """Hook ``before_delete_user``: says so in words, and what to do instead."""
    if not has_worked(user):
        return None
    messages.error(
        request,
        _("This account cannot be deleted: the record names it. To shut it out, clear “Active” and save."),
    )
    return redirect(reverse("wagtailusers_users:edit", args=[user.pk]))


def keep_in_bulk(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponse | None:
    """Hook ``before_bulk_action``: the same for deleting several users at once. None of them goes."""
    if action_type != "delete" or not issubclass(action.model, get_user_model()):
        return None
    if not any(has_worked(user) for user in objects):
        return None
    messages.error(
        request,
        _("Nobody was deleted: the record names one of these accounts. Switch it off instead."),
    )
    return redirect(reverse("wagtailusers_users:index"))


def keep_groups(sender: type, instance: Group, **kwargs: Any) -> None:
    """Receiver of ``pre_delete`` on groups: refuses those that are roles; in the admin, in words.

    Wagtail has no hook for a group, and turns "permission denied" into its own page with what was said.
    """
    if instance.name not in {group_name(role) for role in Role}:
        return
    request = current_request()
    if request is None:
        raise ProtectedError("This group is a role: take people out of it instead.", {instance})
    messages.error(
        request,
        _("This group cannot be deleted: it is a role. To take the role from somebody, take them out of it."),
    )
    raise PermissionDenied

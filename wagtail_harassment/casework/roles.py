"""Roles as groups: made by ``post_migrate``, because permissions do not exist yet while migrations run."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.utils.module_loading import import_string

from wagtail_harassment.casework.models import Role

__all__ = ["CASE_ROLES", "PERMISSIONS", "group_name", "make_groups"]

#: The roles that open cases. Each needs a confirmed grant beside the group.
CASE_ROLES = (Role.CASE_MANAGER, Role.CASE_LEAD)

#: Roles whose people sign in to the Wagtail admin. A department answers through a link and has no account.
SIGN_IN = frozenset(Role) - {Role.DEPARTMENT}


def group_name(role: str) -> str:
    """Name of a role's group. Constant and untranslated: the rule finds the group by it.

    Prefixed, so that a site's own group of a common name is never taken for a role. A group that somebody
    renames opens nothing.
    """
    return f"Report and support: {Role(role).value.replace('_', ' ')}"


#: Where a role's permissions in a lower room come from: paths of ``(using) -> iterable of Permission``.
#: None of them opens a case: the policy does.
PERMISSIONS: dict[str, str] = {}


def make_groups(app_config: AppConfig | None = None, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: a group for each role, with what its people need to sign in.

    Adds and never takes away: what an administrator gave a group stays.
    """
    for label in ("wagtailadmin", "wagtail_harassment"):
        create_permissions(apps.get_app_config(label), using=using, verbosity=0)
    sign_in = Permission.objects.using(using).filter(
        content_type__app_label="wagtailadmin", codename="access_admin"
    )
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=group_name(role))
        if role in SIGN_IN:
            group.permissions.add(*sign_in)
        if role in PERMISSIONS:
            group.permissions.add(*import_string(PERMISSIONS[role])(using))

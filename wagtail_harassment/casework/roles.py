"""Roles as groups: made by ``post_migrate``, because permissions do not exist yet while migrations run."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import router
from django.utils.module_loading import import_string

from wagtail_harassment.casework.models import Role

__all__ = ["CASE_ROLES", "PERMISSIONS", "group_name", "make_groups"]

#: The roles that open cases. Each needs a confirmed grant beside the group.
CASE_ROLES = (Role.CASE_MANAGER, Role.CASE_LEAD)

#: Roles whose people sign in to the Wagtail admin. A department answers through a link and has no account.
SIGN_IN = frozenset(Role) - {Role.DEPARTMENT}

#: What a role may do in a lower room: paths of ``() -> [(app label, codename), ...]``. Nothing here opens a
#: case: there is no permission that does.
PERMISSIONS = {
    Role.CASE_LEAD: "wagtail_harassment.institution.roles.register_permissions",
    Role.MARKETING_EDITOR: "wagtail_harassment.signposting.roles.editor_permissions",
}


def group_name(role: str) -> str:
    """Name of a role's group. Constant and untranslated: the rule finds the group by it.

    Prefixed, so that a site's own group of a common name is never taken for a role. A group that somebody
    renames opens nothing.
    """
    return f"Report and support: {Role(role).value.replace('_', ' ')}"


def permissions_of(role: Role) -> list[tuple[str, str]]:
    """``(app label, codename)`` of each permission that a role's group gets."""
    wanted = [("wagtailadmin", "access_admin")] if role in SIGN_IN else []
    return wanted + (import_string(PERMISSIONS[role])() if role in PERMISSIONS else [])


def make_groups(app_config: AppConfig | None = None, using: str = "default", **kwargs: Any) -> None:
    """Receiver of ``post_migrate``: a group for each role, with what its people need.

    Adds and never takes away: what an administrator gave a group stays. Runs before Django's own receiver
    has made the permissions of a fresh database, so it has them made first.
    """
    if not router.allow_migrate_model(using, Group):
        return
    for config in apps.get_app_configs():
        if config.label in {"wagtailadmin", "wagtail_harassment"}:
            create_permissions(config, using=using, verbosity=0)
    known = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.using(using)
        .filter(content_type__app_label__in=["wagtailadmin", "wagtail_harassment"])
        .select_related("content_type")
    }
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=group_name(role))
        group.permissions.add(*(known[wanted] for wanted in permissions_of(role) if wanted in known))

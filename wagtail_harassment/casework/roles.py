"""Roles as groups: made by ``post_migrate``, because permissions do not exist yet while migrations run."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import router
from django.utils.module_loading import import_string
from wagtail.snippets.models import create_extra_permissions

from wagtail_harassment.casework.models import (
    Checklist,
    ChecklistStep,
    MessageTemplate,
    Role,
    TemplateParagraph,
)
from wagtail_harassment.institution.roles import register_permissions

__all__ = ["CASE_ROLES", "CONFIRMED_ROLES", "PERMISSIONS", "group_name", "lead_permissions", "make_groups"]

#: The roles that open cases. Each needs a confirmed grant beside the group.
CASE_ROLES = (Role.CASE_MANAGER, Role.CASE_LEAD)

#: The roles that a case lead confirms: those, the one that sees what happened on every case and no word of it, and
#: that of departments, which read what is referred to them.
CONFIRMED_ROLES = (*CASE_ROLES, Role.AUDITOR, Role.DEPARTMENT)

#: Roles whose people sign in to the Wagtail admin. A department has pages of its own, outside it.
SIGN_IN = frozenset(Role) - {Role.DEPARTMENT}

#: What a role may set up: paths of ``() -> [(app label, codename), ...]``. Nothing here opens a case: there is no
#: permission that does.
PERMISSIONS = {
    Role.CASE_LEAD: ("wagtail_harassment.casework.roles.lead_permissions",),
    Role.MARKETING_EDITOR: ("wagtail_harassment.signposting.roles.editor_permissions",),
}


#: What case leads edit in the registers of this room.
REGISTERED = (Checklist, ChecklistStep, MessageTemplate, TemplateParagraph)


def lead_permissions() -> list[tuple[str, str]]:
    """What a case lead sets up: the registers of the institution, and those of this room. Never one to delete."""
    own = [
        (model._meta.app_label, f"{action}_{model._meta.model_name}")
        for model in REGISTERED
        for action in ("add", "change", "view")
    ]
    return register_permissions() + own


def group_name(role: str) -> str:
    """Name of a role's group. Constant and untranslated: the rule finds the group by it.

    Prefixed, so that a site's own group of a common name is never taken for a role. A group that somebody
    renames opens nothing.
    """
    return f"Report and support: {Role(role).value.replace('_', ' ')}"


def permissions_of(role: Role) -> list[tuple[str, str]]:
    """``(app label, codename)`` of each permission that a role's group gets."""
    wanted = [("wagtailadmin", "access_admin")] if role in SIGN_IN else []
    return wanted + [each for path in PERMISSIONS.get(role, ()) for each in import_string(path)()]


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
    # "Publish" is a permission that Wagtail adds to snippets, in a receiver that may run after this one.
    create_extra_permissions(apps.get_app_config("wagtailsnippets"), using=using)
    known = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.using(using)
        .filter(content_type__app_label__in=["wagtailadmin", "wagtail_harassment"])
        .select_related("content_type")
    }
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=group_name(role))
        group.permissions.add(*(known[wanted] for wanted in permissions_of(role)))

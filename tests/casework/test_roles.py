from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from wagtail_harassment.casework.models import Role
from wagtail_harassment.casework.roles import group_name, make_groups

pytestmark = pytest.mark.django_db


def held(role):
    group = Group.objects.get(name=group_name(role))
    return {
        f"{permission.content_type.app_label}.{permission.codename}" for permission in group.permissions.all()
    }


def test_each_role_is_a_group_and_whoever_works_here_can_sign_in():
    assert {role: "wagtailadmin.access_admin" in held(role) for role in Role} == {
        role: role != Role.DEPARTMENT for role in Role
    }


def test_no_role_has_a_permission_on_cases_or_users():
    for role in Role:
        assert not {
            name
            for name in held(role)
            if "case" in name or "note" in name or "grant" in name or "user" in name
        }


def test_a_lead_may_set_up_the_registers():
    assert "wagtail_harassment.change_term" in held(Role.CASE_LEAD)
    assert "wagtail_harassment.change_term" not in held(Role.CASE_MANAGER)


def test_migrating_again_keeps_what_an_administrator_added_and_puts_back_what_is_missing():
    group = Group.objects.get(name=group_name(Role.CASE_MANAGER))
    extra = Permission.objects.get(codename="add_image")
    group.permissions.set([extra])
    call_command("migrate", verbosity=0)
    make_groups()
    assert held(Role.CASE_MANAGER) == {"wagtailadmin.access_admin", "wagtailimages.add_image"}
    assert Group.objects.filter(name__startswith="Report and support").count() == len(Role)

"""People who may do more and less in the set-up registers, signed in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from wagtail_harassment.institution.models import Building, Campus
from wagtail_harassment.institution.roles import register_permissions


def person(name: str, permissions: list[tuple[str, str]]) -> User:
    user = User.objects.create_user(
        name, f"{name}@university.test", "a long passphrase", first_name=name.title()
    )
    user.user_permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    )
    for app_label, codename in permissions:
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app_label, codename=codename)
        )
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(model: type, action: str, *args: object) -> str:
    return reverse(f"wagtail_harassment_{model._meta.model_name}_modeladmin_{action}", args=args)


@pytest.fixture
def lead(db) -> Client:
    """Holds what a case lead holds."""
    client = signed_in(person("lead", register_permissions()))
    client.user = User.objects.get(username="lead")
    return client


@pytest.fixture
def onlooker(db) -> Client:
    """May view, and no more."""
    return signed_in(person("onlooker", [one for one in register_permissions() if one[1].startswith("view")]))


@pytest.fixture
def editor(db) -> Client:
    """May enter the admin, and holds nothing of ours."""
    return signed_in(person("editor", []))


@pytest.fixture
def superuser(db) -> Client:
    return signed_in(User.objects.create_superuser("root", "root@university.test", "a long passphrase"))


@pytest.fixture
def campus(db) -> Campus:
    return Campus.objects.create(code="city", name="City campus", sort_order=10)


@pytest.fixture
def building(campus) -> Building:
    return Building.objects.create(campus=campus, code="library", name="Library", sort_order=10)

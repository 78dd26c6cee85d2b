from __future__ import annotations

import re
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory, make_case, make_person, put_in_group
from wagtail_harassment.casework import credentials, grants, policy
from wagtail_harassment.casework.models import Grant, Role
from wagtail_harassment.casework.roles import group_name
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db
NEW = "another long password 7"


@pytest.fixture
def lead(db):
    return make_person(Role.CASE_LEAD, username="lead")


@pytest.fixture
def manager(db):
    return make_person(Role.CASE_MANAGER, username="manager", first_name="Maria", last_name="Keller")


@pytest.fixture
def admin(db):
    return UserFactory(username="admin", is_superuser=True, is_staff=True)


def edit_in_admin(client, user, **changes):
    form = {
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name or "First",
        "last_name": user.last_name or "Last",
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        "password1": "",
        "password2": "",
    }
    if user.is_superuser:
        form["is_superuser"] = "on"
    response = client.post(reverse("wagtailusers_users:edit", args=[user.pk]), form | changes)
    assert response.status_code == 302, response.context["form"].errors


def account_form(user, **changes):
    return {
        "name_email-first_name": user.first_name or "First",
        "name_email-last_name": user.last_name or "Last",
        "name_email-email": user.email,
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "theme-keyboard_shortcuts": "on",
        "notifications-submitted_notifications": "on",
        **changes,
    }


def sees(user, case):
    return case in policy.visible_cases(get_user_model().objects.get(pk=user.pk))


def test_a_lead_confirms_somebody_in_the_group(lead):
    user = UserFactory()
    put_in_group(user, Role.CASE_MANAGER)
    assert [(entry.user, entry.role, entry.state) for entry in grants.to_confirm()] == [
        (user, Role.CASE_MANAGER, grants.State.MISSING)
    ]
    grant = grants.confirm(user=user, role=Role.CASE_MANAGER, by=lead)
    assert policy.roles_of(user) == {Role.CASE_MANAGER}
    assert grants.to_confirm() == []
    assert (grant.confirmed_by, grant.history.get().history_user) == (lead, lead)
    event = LedgerEvent.objects.filter(chain=credentials.GRANTS_CHAIN).last()
    assert (event.kind, event.actor, event.body) == (
        "grant.confirmed",
        str(lead.pk),
        {"user": str(user.pk), "role": "case_manager"},
    )


@pytest.mark.parametrize(
    "who", ["manager", "superuser", "the lead for themself", "a suspended lead", "a blocked account"]
)
def test_nobody_else_confirms(who, lead, manager, admin):
    user = UserFactory()
    put_in_group(user, Role.CASE_MANAGER)
    by = {"manager": manager, "superuser": admin}.get(who, lead)
    if who == "the lead for themself":
        put_in_group(lead, Role.CASE_MANAGER)
        user = lead
    if who == "a suspended lead":
        type(lead).objects.filter(pk=lead.pk).update(password="x")
    if who == "a blocked account":
        type(lead).objects.filter(pk=lead.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        grants.confirm(user=user, role=Role.CASE_MANAGER, by=by)
    assert Grant.objects.count() == 2


def test_only_a_lead_withdraws(manager, admin):
    for by in (manager, admin):
        with pytest.raises(PermissionDenied):
            grants.withdraw(user=manager, role=Role.CASE_MANAGER, by=by)
    assert policy.roles_of(manager) == {Role.CASE_MANAGER}


@pytest.mark.parametrize("how", ["not in the group", "switched off"])
def test_somebody_outside_the_group_or_switched_off_is_not_confirmed(how, lead):
    user = UserFactory(is_active=how != "switched off")
    if how == "switched off":
        put_in_group(user, Role.CASE_MANAGER)
    with pytest.raises(ValidationError, match="Ask a web administrator"):
        grants.confirm(user=user, role=Role.CASE_MANAGER, by=lead)


def test_what_a_lead_withdraws_is_gone_and_stays_in_the_history(lead, manager):
    case = make_case()
    grants.withdraw(user=manager, role=Role.CASE_MANAGER, by=lead)
    assert not sees(manager, case)
    assert not manager.groups.exists()
    assert grants.to_confirm() == []
    assert list(Grant.history.filter(user=manager.pk).values_list("history_type", "history_user")) == [
        ("-", lead.pk),
        ("+", None),
    ]


def test_a_grant_taken_from_the_group_opens_nothing(manager):
    case = make_case()
    manager.groups.clear()
    assert not sees(manager, case)


@pytest.mark.parametrize("field", ["password", "email", "username"])
@pytest.mark.parametrize("route", ["QuerySet.update", "SQL", "save in a shell"])
def test_a_change_by_any_route_suspends_at_once(field, route, manager):
    case = make_case()
    in_memory = get_user_model().objects.get(pk=manager.pk)
    value = make_password(NEW) if field == "password" else "changed@northbridge.example"
    if route == "QuerySet.update":
        get_user_model().objects.filter(pk=manager.pk).update(**{field: value})
    elif route == "SQL":
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE auth_user SET {field} = %s WHERE id = %s", [value, manager.pk])
    else:
        setattr(manager, field, value)
        manager.save(update_fields=[field])
    assert list(policy.visible_cases(in_memory)) == []
    assert not policy.may(in_memory, "view", case)
    assert policy.people_who("view", case) == []
    assert grants.state(user=manager, role=Role.CASE_MANAGER) == grants.State.CHANGED
    assert [entry.state for entry in grants.to_confirm()] == [grants.State.CHANGED]


def test_a_superuser_who_resets_the_managers_password_and_signs_in_sees_no_case(client, admin, manager, lead):
    case = make_case()
    assert sees(manager, case)
    client.force_login(admin)
    edit_in_admin(client, manager, password1=NEW, password2=NEW)
    client.logout()
    assert client.login(username="manager", password=NEW)
    assert client.get("/admin/").status_code == 200
    assert not sees(manager, case)
    # Signed in as the manager, they change the password once more, as the manager's own change.
    manager.refresh_from_db()
    response = client.post(
        reverse("wagtailadmin_account"),
        account_form(
            manager,
            **{
                "password-old_password": NEW,
                "password-new_password1": NEW + "8",
                "password-new_password2": NEW + "8",
            },
        ),
    )
    assert response.status_code == 302
    manager.refresh_from_db()
    assert manager.check_password(NEW + "8")
    assert not sees(manager, case)
    grants.confirm(user=manager, role=Role.CASE_MANAGER, by=lead)
    assert sees(manager, case)


def test_a_superuser_who_changes_the_managers_address_suspends_too(client, admin, manager):
    case = make_case()
    client.force_login(admin)
    edit_in_admin(client, manager, email="admins.own@northbridge.example")
    assert not sees(manager, case)


def test_a_superuser_who_changes_nothing_that_counts_suspends_nobody(client, admin, manager):
    case = make_case()
    client.force_login(admin)
    edit_in_admin(client, manager, first_name="Another")
    assert sees(manager, case)


def test_a_manager_who_changes_their_own_password_keeps_access(client, manager):
    case = make_case()
    client.force_login(manager)
    response = client.post(
        reverse("wagtailadmin_account"),
        account_form(
            manager,
            **{
                "name_email-email": "maria.new@northbridge.example",
                "password-old_password": PASSWORD,
                "password-new_password1": NEW,
                "password-new_password2": NEW,
            },
        ),
    )
    assert response.status_code == 302
    manager.refresh_from_db()
    assert (manager.email, manager.check_password(NEW)) == ("maria.new@northbridge.example", True)
    assert sees(manager, case)
    carried = LedgerEvent.objects.filter(chain=credentials.GRANTS_CHAIN, kind="grant.carried")
    assert {event.actor for event in carried} == {str(manager.pk)}
    assert list(ledger.verify([credentials.GRANTS_CHAIN])) == []


def test_a_new_password_by_an_e_mailed_link_suspends(client, manager):
    case = make_case()
    client.post(reverse("wagtailadmin_password_reset"), {"email": manager.email})
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    response = client.post(form.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    assert response.status_code == 302
    manager.refresh_from_db()
    assert manager.check_password(NEW)
    assert not sees(manager, case)


def test_a_newer_hasher_at_sign_in_suspends_nobody(client, settings, manager):
    case = make_case()
    before = manager.password
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert client.login(username="manager", password=PASSWORD)
    manager.refresh_from_db()
    assert manager.password != before
    assert sees(manager, case)


def test_a_newer_hasher_mends_no_suspended_grant(client, settings, manager):
    case = make_case()
    get_user_model().objects.filter(pk=manager.pk).update(password=make_password(NEW, hasher="md5"))
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    assert client.login(username="manager", password=NEW)
    assert not sees(manager, case)


def test_a_hash_put_in_by_hand_is_not_taken_for_a_newer_hasher(settings, manager):
    case = make_case()
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    user = get_user_model().objects.get(pk=manager.pk)
    user.password = make_password(NEW)
    user.save(update_fields=["password"])
    assert not sees(manager, case)


def test_another_second_factor_suspends(manager):
    case = make_case()
    device = {manager.pk: "device 1"}

    def factor(ids):
        return device

    credentials.register_factor(factor)
    try:
        assert not sees(manager, case)
        grants.confirm_by_command(user=manager, role=Role.CASE_MANAGER)
        assert sees(manager, case)
        device[manager.pk] = "device 2"
        assert not sees(manager, case)
    finally:
        credentials._factors.remove(factor)


def test_a_grant_moved_to_another_person_or_role_does_not_fit(manager):
    case = make_case()
    thief = UserFactory()
    put_in_group(thief, Role.CASE_MANAGER)
    Grant.objects.update(user=thief)
    assert not sees(thief, case)
    Grant.objects.update(user=manager, role=Role.CASE_LEAD)
    put_in_group(manager, Role.CASE_LEAD)
    assert not sees(manager, case)


def grant(*args):
    out = StringIO()
    call_command("harassment_grant", *args, stdout=out)
    return out.getvalue()


def test_the_first_lead_is_confirmed_by_command():
    user = UserFactory(username="first")
    assert grant("first") == "first is confirmed as case lead.\n"
    assert policy.roles_of(user) == {Role.CASE_LEAD}
    assert Grant.objects.get().confirmed_by is None


def test_the_command_refuses_while_there_is_a_lead_unless_forced(lead):
    user = UserFactory(username="second")
    with pytest.raises(CommandError, match="There is a case lead already"):
        grant("second", "--role", "case_manager")
    assert policy.roles_of(user) == frozenset()
    grant("second", "--role", "case_manager", "--force")
    assert policy.roles_of(user) == {Role.CASE_MANAGER}


def test_the_command_is_there_when_the_only_lead_is_suspended(lead):
    get_user_model().objects.filter(pk=lead.pk).update(password="x")
    grant("lead")
    assert policy.roles_of(lead) == {Role.CASE_LEAD}


def test_the_command_says_who_is_not_there():
    UserFactory(username="off", is_active=False)
    with pytest.raises(CommandError, match="There is nobody called nobody"):
        grant("nobody")
    with pytest.raises(CommandError, match="switched off"):
        grant("off")


def test_the_group_names_stay_as_they_are():
    assert [group_name(role) for role in Role] == [
        "Report and support: marketing editor",
        "Report and support: case manager",
        "Report and support: case lead",
        "Report and support: department",
        "Report and support: steering",
        "Report and support: auditor",
    ]

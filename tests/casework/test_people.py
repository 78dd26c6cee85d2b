from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.deletion import Collector
from django.urls import reverse
from django.utils import timezone

from tests.casework.evidence.making import added, sent
from tests.factories import UserFactory, make_case, make_person
from wagtail_harassment.casework import actions, grants
from wagtail_harassment.casework.assigning import giving
from wagtail_harassment.casework.evidence import handling
from wagtail_harassment.casework.models import Case, Grant, Handover, Note, Role, Task, Team
from wagtail_harassment.casework.roles import group_name
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import ledger

pytestmark = pytest.mark.django_db
Users = get_user_model().objects


@pytest.fixture
def admin(client):
    admin = UserFactory(is_superuser=True)
    client.force_login(admin)
    return admin


@pytest.fixture(
    params=["grant", "note", "a file added", "a file handed over", "only the history", "only a view"]
)
def worker(request):
    lead, worker = make_person(Role.CASE_LEAD), make_person(Role.CASE_MANAGER)
    case = make_case()
    if request.param == "note":
        actions.add_note(case=case, text="Called back.", by=worker)
    if request.param == "a file added":
        added(case, "statement.txt", b"I saw it.", worker)
    if request.param == "a file handed over":
        file = sent(case, "wall.txt", b"What it says.")
        handling.hand_over(case=case, file=file, to="PC Okafor", why="For the police", by=worker)
    if request.param == "only the history":
        actions.take(case=case, by=worker)
        giving.assign(case=case, to=lead, by=lead)
    if request.param == "only a view":
        actions.view(case=case, by=worker)
    if request.param != "grant":
        grants.withdraw(user=worker, role=Role.CASE_MANAGER, by=lead)
    return worker


def everything():
    kept = (Case, Note, Evidence, Handover, Grant, get_user_model())
    return [list(model.objects.order_by("pk").values()) for model in kept]


def test_deleting_somebody_who_worked_here_says_why_not_and_loses_nothing(client, admin, worker):
    client.get(reverse("wagtailusers_users:delete", args=[worker.pk]))
    before = everything()
    response = client.post(reverse("wagtailusers_users:delete", args=[worker.pk]), follow=True)
    assert response.status_code == 200
    assert "This account cannot be deleted: the record names it." in response.content.decode()
    assert everything() == before


def test_deleting_several_says_why_not_and_loses_nobody(client, admin, worker):
    bystander = UserFactory()
    address = reverse("wagtail_bulk_action", args=["auth", "user", "delete"])
    before = everything()
    response = client.post(f"{address}?id={worker.pk}&id={bystander.pk}&next=/admin/users/", follow=True)
    assert response.status_code == 200
    assert "Nobody was deleted" in response.content.decode()
    assert everything() == before


def test_somebody_who_never_worked_here_can_be_deleted(client, admin):
    bystander = UserFactory()
    client.post(reverse("wagtailusers_users:delete", args=[bystander.pk]))
    assert not Users.filter(pk=bystander.pk).exists()


def test_no_route_deletes_them(worker):
    with pytest.raises(ProtectedError), transaction.atomic():
        worker.delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        Users.filter(pk=worker.pk).delete()
    assert Users.filter(pk=worker.pk).exists()
    assert list(ledger.verify()) == []


def test_whoever_added_a_file_or_handed_one_over_is_kept_by_those_rows_themselves():
    worker, case = make_person(Role.CASE_MANAGER), make_case()
    file = added(case, "statement.txt", b"I saw it.", worker)
    handover = handling.hand_over(case=case, file=file, to="PC Okafor", why="For the police", by=worker)
    with pytest.raises(ProtectedError) as kept:
        Collector("default").collect([worker])
    assert {one for one in kept.value.protected_objects if type(one) in (Evidence, Handover)} == {
        file,
        handover,
    }


def test_whoever_only_has_a_task_is_kept_in_words_too(client, admin):
    person = UserFactory()
    Task.objects.create(case=make_case(), assignee=person, created_on=timezone.localdate())
    response = client.post(reverse("wagtailusers_users:delete", args=[person.pk]), follow=True)
    assert "This account cannot be deleted: the record names it." in response.content.decode()
    assert Users.filter(pk=person.pk).exists()


def test_whoever_was_only_ever_in_a_team_can_be_deleted(client, admin):
    person, team = UserFactory(), Team.objects.create(code="north", name="North")
    team.members.add(person)
    client.post(reverse("wagtailusers_users:delete", args=[person.pk]))
    assert not Users.filter(pk=person.pk).exists()


def test_a_group_that_is_a_role_is_not_deleted_and_it_is_said_why(client, admin):
    role, other = Group.objects.get(name=group_name(Role.CASE_MANAGER)), Group.objects.create(name="Chess")
    delete = "wagtailusers_groups:delete"
    response = client.post(reverse(delete, args=[role.pk]), follow=True)
    assert response.status_code == 200
    assert "This group cannot be deleted: it is a role." in response.content.decode()
    client.post(reverse(delete, args=[other.pk]))
    assert list(Group.objects.filter(pk__in=[role.pk, other.pk])) == [role]
    with pytest.raises(ProtectedError), transaction.atomic():
        role.delete()

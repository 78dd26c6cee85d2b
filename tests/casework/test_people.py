from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse

from tests.factories import UserFactory, make_case, make_person
from wagtail_harassment.casework import actions, grants
from wagtail_harassment.casework.models import Case, Grant, Note, Role

pytestmark = pytest.mark.django_db
Users = get_user_model().objects


@pytest.fixture
def admin(client):
    admin = UserFactory(is_superuser=True)
    client.force_login(admin)
    return admin


@pytest.fixture(params=["grant", "note", "only the history", "only a view"])
def worker(request):
    lead, worker = make_person(Role.CASE_LEAD), make_person(Role.CASE_MANAGER)
    case = make_case()
    if request.param == "note":
        actions.add_note(case=case, text="Called back.", by=worker)
    if request.param == "only the history":
        actions.take(case=case, by=worker)
        actions.assign(case=case, to=lead, by=lead)
    if request.param == "only a view":
        actions.view(case=case, by=worker)
    if request.param != "grant":
        grants.withdraw(user=worker, role=Role.CASE_MANAGER, by=lead)
    return worker


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Case, Note, Grant, get_user_model())]


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

"""What a stolen, planted or borrowed session opens, and what a reporter's words do on our pages."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.casework import making
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.admin import PARTS

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(client, manager):
    case = making.case()
    planted = import_module(settings.SESSION_ENGINE).SessionStore()
    planted["planted"] = "yes"
    planted.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    sent = {"username": manager.username, "password": "correct horse"}
    assert client.post(LOGIN, sent).status_code == 302
    assert client.get(f"/admin/cases/{case.pk}/").status_code == 200
    now = client.cookies[settings.SESSION_COOKIE_NAME]
    assert now.value != planted.session_key
    assert now["httponly"]
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    answer = thief.get(f"/admin/cases/{case.pk}/")
    assert answer["Location"].startswith(LOGIN)


def test_a_session_that_was_made_up_opens_nothing(manager):
    case, thief = making.case(), Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert thief.get(f"/admin/cases/{case.pk}/")["Location"].startswith(LOGIN)


def test_once_the_password_is_changed_by_somebody_else_the_old_session_opens_nothing(client, manager):
    case = making.case()
    client.force_login(manager)
    assert client.get(f"/admin/cases/{case.pk}/").status_code == 200
    manager.set_password("set by an administrator")
    manager.save()
    assert client.get(f"/admin/cases/{case.pk}/")["Location"].startswith(LOGIN)
    assert client.post(LOGIN, {"username": manager.username, "password": "set by an administrator"})
    assert client.get(f"/admin/cases/{case.pk}/").status_code == 404


def test_every_verb_of_every_part_refuses_a_post_without_a_token():
    lead = making.person("Lena Lindqvist", "case_lead", "auditor")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(lead)
    case, addresses = making.case(), [address for part in PARTS for address in part.ADDRESSES]
    accepted = []
    for address in addresses:
        kwargs = {
            name: case.pk if kind == "uuid" else 1
            for kind, name in (
                piece.split(">")[0].split(":") for piece in address.route.split("<")[1:] if ":" in piece
            )
        }
        where = reverse(f"harassment_case:{address.name}", kwargs=kwargs)
        if browser.post(where, {"x": "y"}).status_code != 403:
            accepted.append(address.name)
    assert accepted == []


def test_nothing_a_reporter_writes_becomes_markup_on_any_page_about_the_case(client):
    lead = making.person("Lena Lindqvist", "case_lead", "auditor")
    client.force_login(lead)
    texts = [code for _title, questions in making.QUESTIONS for code, _label in questions]
    answers = making.ANSWERS | {
        code: f"{code} {making.SCRIPT}" for code in texts if code not in ("route", "contact")
    }
    answers["contact"] = {part: f"{part} {making.SCRIPT}" for part in making.ANSWERS["contact"]}
    case = making.case(answers=answers, route="anonymous")
    actions.add_note(case=case, text=making.SCRIPT, by=lead)
    own = f"/admin/cases/{case.pk}/"
    pages = [own, f"{own}?notes=all", f"{own}history/", f"{own}access/", "/admin/", "/admin/cases/"]
    pages += [f"/admin/cases/?q={making.SCRIPT}", "/admin/cases/trail/", f"/admin/cases/trail/{case.pk}/"]
    for page in pages:
        answer = client.get(page)
        assert (answer.status_code, making.SCRIPT in answer.content.decode()) == (200, False), page
    assert "account &lt;script&gt;" in client.get(own).content.decode()

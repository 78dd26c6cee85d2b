"""What somebody who works cases sees first."""

from __future__ import annotations

import re

import pytest

from tests.casework.evidence.making import sent, spoil
from tests.factories import UserFactory, make_case, make_person
from wagtail_harassment.casework import watch
from wagtail_harassment.casework.models import Block, Role
from wagtail_harassment.vault import files, integrity
from wagtail_harassment.vault.models import StoredFile

pytestmark = pytest.mark.django_db

BAD = "A case has files that are not what was received. Tell whoever looks after this site today."


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    harassment = settings.STORAGES["harassment"] | {"OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}


def panel(client, user):
    """The panel of cases, tags taken out; empty where there is none."""
    client.force_login(user)
    page = client.get("/admin/").content.decode()
    found = re.search(r'id="harassment-cases-content"[^>]*>(.*?)</section>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def spoilt():
    """A case of which a file was changed, and that was found."""
    case = make_case()
    spoil(sent(case, "SECRET.txt", b"SECRET"))
    list(integrity.check())
    return case


def test_it_counts_what_waits_and_says_nothing_of_files_where_there_are_none(client):
    manager = make_person(Role.CASE_MANAGER)
    make_case()
    watch.run()
    assert re.sub(r"\d\d:\d\d", "10:31", panel(client, manager)) == (
        "Alerts are getting through: the mail server was last reached today 10:31. "
        "To do 0 with a reply from the reporter 0 with something due today 0 with something overdue "
        "0 waiting on others New 1 opened by nobody 1 taken by nobody All cases · How I am told"
    )


def test_it_says_when_the_files_were_last_compared(client):
    manager = make_person(Role.CASE_MANAGER)
    sent(make_case(), "a.txt", b"a")
    list(integrity.check())
    assert "The files of your cases are as they were received: last compared today." in panel(client, manager)


def test_it_names_the_case_whose_files_were_changed_and_leads_to_it(client):
    manager, case = make_person(Role.CASE_MANAGER), spoilt()
    assert f"{BAD} {case.reference}" in panel(client, manager)
    page = client.get("/admin/").content.decode()
    assert f'<a class="wh-reference" href="/admin/cases/{case.pk}/">{case.reference}</a>' in page
    assert "SECRET" not in page


def test_who_may_not_see_the_case_is_told_nothing_of_it(client):
    blocked, case = make_person(Role.CASE_MANAGER), spoilt()
    Block.objects.create(case=case, user=blocked, source="reporter")
    words = panel(client, blocked)
    assert case.reference not in words
    assert BAD not in words
    assert panel(client, UserFactory(is_superuser=True)) == ""


def test_once_the_file_is_put_back_from_a_backup_all_is_well_again(client):
    manager, case = make_person(Role.CASE_MANAGER), make_case()
    row = sent(case, "a.txt", b"a")
    path = files.local_path(row.pk)
    backup = path.read_bytes()
    path.unlink()
    list(integrity.check())
    assert case.reference in panel(client, manager)
    path.write_bytes(backup)
    integrity.check_record(case.pk)
    assert case.reference not in panel(client, manager)
    assert StoredFile.objects.get().trouble == ""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from tests.casework import making
from tests.casework.evidence.making import facts_of, picture, sent, spoil
from tests.factories import make_case, make_person, make_report
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.evidence import preparing
from wagtail_harassment.casework.models import Alert, AlertState, Case, Role
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, integrity, triggers
from wagtail_harassment.vault.models import FileCheck, FileState, StoredFile

pytestmark = pytest.mark.django_db
WELL = [
    "0 cases opened late.",
    "0 alerts sent, 0 waiting for another try.",
    "0 drafts and 0 finished tasks deleted.",
    "0 kept records and 0 invitations deleted, because their time was over.",
    "0 files deleted.",
]
LOOK = "Type: python manage.py harassment_verify --files"


def watch():
    out, code = StringIO(), 0
    try:
        call_command("harassment_watch", stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue().splitlines()


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    """A place for files of this test's own."""
    harassment = settings.STORAGES["harassment"] | {"OPTIONS": {"location": tmp_path / "evidence"}}
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    return tmp_path / "evidence"


def test_all_well_is_five_lines_and_code_0():
    make_person(Role.CASE_LEAD)
    assert watch() == (0, WELL)


def test_a_report_whose_case_failed_is_opened_and_told_of_in_one_round():
    make_person(Role.CASE_LEAD)
    report = make_report(account="SECRET")
    assert watch() == (0, ["1 case opened late.", "1 alerts sent, 0 waiting for another try.", *WELL[2:]])
    assert Case.objects.get().pk == report.pk
    assert [message.subject for message in mail.outbox] == [report.reference]


def test_a_case_that_nobody_may_see_needs_a_person():
    case = make_case(account="SECRET")
    code, lines = watch()
    assert code == 1
    assert (
        f"! Nobody may see case {case.reference}. Confirm a case lead, or name a deputy in the settings."
        in lines
    )
    assert "SECRET" not in "\n".join(lines)


def test_mail_that_keeps_failing_needs_a_person(settings):
    make_person(Role.CASE_LEAD)
    case = make_case()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    said = f"! Nobody, or not everybody, could be told of case {case.reference}. Is the mail server well?"
    for lines in (0, 0, 1):
        code, found = watch()
        assert (code, found.count(said), found.count("! The mail server does not take mail.")) == (
            1,
            lines,
            1,
        )
        Alert.objects.update(not_before=None)


def test_an_alert_given_up_needs_a_person_until_the_case_is_taken_up():
    make_person(Role.CASE_LEAD)
    case = make_case()
    Alert.objects.update(state=AlertState.FAILED)
    assert watch()[0] == 1
    Case.objects.filter(pk=case.pk).update(status="in_progress")
    assert watch() == (0, WELL)


def test_a_doubtful_report_that_nobody_opened_needs_a_person_after_a_day():
    lead = make_person(Role.CASE_LEAD)
    lying = [making.case(days_ago=2, signs=("fast",)) for _each in range(2)]
    making.case(days_ago=1, signs=("fast",))
    making.case(days_ago=2, signs=("fast",), status="closed")
    said = "! 2 reports that may be from a machine have lain for a day, and nobody has opened them."
    assert watch() == (1, [*WELL[:2], said, *WELL[2:]])
    for case in lying:
        actions.view(case=case, by=lead)
    actions.clear_doubt(case=lying[1], by=lead)
    actions.take(case=lying[1], by=lead)
    assert watch() == (0, WELL)


def test_a_report_that_cannot_be_opened_needs_a_person():
    from wagtail_harassment.vault.models import SealedKey

    make_person(Role.CASE_LEAD)
    make_report()
    SealedKey.objects.update(destroy_after="2001-01-01")
    SealedKey.objects.all().delete()
    code, lines = watch()
    assert (code, lines[1]) == (1, "! 1 report has no case.")


# Files


@pytest.fixture
def lead():
    return make_person(Role.CASE_LEAD)


def test_what_the_worker_did_not_do_with_files_is_done(lead):
    row = sent(make_case(), "a.jpg", picture())
    Alert.objects.all().delete()
    assert watch() == (0, WELL)
    row.refresh_from_db()
    assert row.copy == "made"
    assert Evidence.objects.filter(original=row).count() == 1


def test_files_that_are_not_what_was_stored_need_a_person_until_they_are_put_back(lead):
    rows = [sent(make_case(), f"SECRET{number}.txt", b"SECRET") for number in range(2)]
    Alert.objects.all().delete()
    for row in rows:
        spoil(row)
    assert watch() == (0, WELL)  # it does not look by itself: that is once a week
    list(integrity.check())
    assert watch() == (1, [*WELL[:2], f"! 2 files are not what was stored. {LOOK}", *WELL[2:]])
    spoil(rows[0])  # back
    list(integrity.check())
    assert watch() == (1, [*WELL[:2], f"! 1 file is not what was stored. {LOOK}", *WELL[2:]])
    spoil(rows[1])
    list(integrity.check())
    assert watch() == (0, WELL)


def test_files_that_belong_to_nothing_need_a_person(lead, storage):
    storage.mkdir()
    for number in range(2):
        (storage / f"SECRET{number}").write_bytes(b"SECRET")
    list(integrity.check())
    said = f"! The storage holds 2 files that no row tells of. {LOOK}"
    assert watch() == (1, [*WELL[:2], said, *WELL[2:]])
    (storage / "SECRET0").unlink()
    list(integrity.check())
    said = f"! The storage holds 1 file that no row tells of. {LOOK}"
    assert watch() == (1, [*WELL[:2], said, *WELL[2:]])


def test_files_that_nobody_compared_for_more_than_a_week_need_a_person(lead):
    sent(make_case(), "a.txt", b"a")
    Alert.objects.all().delete()
    list(integrity.check())
    FileCheck.objects.update(day=timezone.localdate() - timedelta(days=8))
    assert watch() == (0, WELL)
    FileCheck.objects.update(day=timezone.localdate() - timedelta(days=9))
    said = "! Nobody has compared the files with what was stored for 7 days. Type: harassment_verify --files"
    assert watch() == (1, [*WELL[:2], said, *WELL[2:]])


def test_files_that_are_to_go_and_those_that_never_finished_arriving_go(lead, storage):
    gone, given_up, arriving = (facts_of(f"{number}.txt", b"SECRET")["id"] for number in range(3))
    files.discard([gone])
    with triggers.lifted():
        long_ago = timezone.localdate() - timedelta(days=files.GIVEN_UP_AFTER)
        StoredFile.objects.filter(pk=given_up).update(day=long_ago)
    assert watch() == (0, [*WELL[:-1], "2 files deleted."])
    assert [(str(row.pk), row.state) for row in StoredFile.objects.all()] == [(arriving, FileState.ARRIVING)]
    assert len([path for path in storage.rglob("*") if path.is_file()]) == 1


def test_pictures_that_take_long_keep_the_rest_of_the_watch_from_nothing(lead, monkeypatch):
    """A thousand of them take hours: the watch gives them their turn and goes on."""
    monkeypatch.setattr(preparing, "TURN", -1)
    case = make_case()
    for number in range(3):
        sent(case, f"{number}.jpg", picture())
    code, lines = watch()
    assert (code, lines[1], lines[2:]) == (0, "1 alerts sent, 0 waiting for another try.", WELL[2:])
    assert Evidence.objects.filter(copy="made").count() == 1

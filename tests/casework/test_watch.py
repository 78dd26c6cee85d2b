from __future__ import annotations

from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from tests.casework import making
from tests.factories import make_case, make_person, make_report
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Alert, AlertState, Case, Role

pytestmark = pytest.mark.django_db
WELL = [
    "0 cases opened late.",
    "0 alerts sent, 0 waiting for another try.",
    "0 drafts and 0 finished tasks deleted.",
    "0 kept records and 0 invitations deleted, because their time was over.",
]


def watch():
    out, code = StringIO(), 0
    try:
        call_command("harassment_watch", stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue().splitlines()


def test_all_well_is_four_lines_and_code_0():
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
    for code, lines in ((0, 0), (0, 0), (1, 1)):
        found = watch()
        assert (found[0], found[1].count(said)) == (code, lines)
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
    making.case(days_ago=2)
    said = "! 2 reports that may be from a machine have lain for a day, and nobody has opened them."
    assert watch() == (1, [*WELL[:2], said, *WELL[2:]])
    actions.view(case=lying[0], by=lead)
    actions.clear_doubt(case=lying[1], by=lead)
    assert watch() == (0, WELL)


def test_a_report_that_cannot_be_opened_needs_a_person():
    from wagtail_harassment.vault.models import SealedKey

    make_person(Role.CASE_LEAD)
    make_report()
    SealedKey.objects.update(destroy_after="2001-01-01")
    SealedKey.objects.all().delete()
    code, lines = watch()
    assert (code, lines[1]) == (1, "! 1 report has no case.")

"""The one screen of a case."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests.casework import making
from wagtail_harassment.casework import actions
from wagtail_harassment.casework.models import Block, CaseStatus
from wagtail_harassment.vault import keyring, triggers
from wagtail_harassment.vault.fields import SealedValue
from wagtail_harassment.vault.models import LedgerEvent, SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = making.person("Amara Okafor", "case_manager")
    client.force_login(user)
    return user


@pytest.fixture
def lead():
    return making.person("Lena Lindqvist", "case_lead")


def url(case, name: str = "") -> str:
    return f"/admin/cases/{case.pk}/{name}"


def text(answer) -> str:
    return answer.content.decode()


def test_the_screen_shows_the_account_as_it_was_asked_and_answered(client, manager):
    page = text(client.get(url(making.case())))
    assert "They shouted at me.\nThen they laughed &amp; said &lt;script&gt;" in page
    assert "2 questions were skipped" in page
    for words in (
        "What happened",
        "Might you have to see them?",
        "on version 3 of the form",
        "Nobody can change it",
    ):
        assert words in page


def test_the_language_of_a_report_is_said_where_it_is_not_the_sites_own(client, manager):
    assert "Language of the report: Welsh" in text(client.get(url(making.case(language="cy"))))
    assert "Language of the report" not in text(client.get(url(making.case())))


def test_nothing_anybody_wrote_becomes_markup(client, manager):
    case = making.case()
    actions.add_note(case=case, text=f"note {making.SCRIPT} </textarea>", by=manager)
    manager.first_name = making.SCRIPT
    manager.save()
    for answer in (
        client.get(url(case)),
        client.get(url(case, "history/")),
        client.get("/admin/cases/"),
        client.post(url(case, "note/"), {"note-text": "x" * 1_000_001 + making.SCRIPT}),
    ):
        assert making.SCRIPT not in text(answer)


def test_contact_stands_beside_whether_a_message_may_be_left(client, manager):
    page = text(client.get(url(making.case())))
    order = [
        "May we leave a message?",
        "No. Do not leave a message.",
        "Safe way and time",
        "Text first",
        "07700 900123",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    silent = making.case(answers={"contact": {"phone": "07700 900123"}})
    page = text(client.get(url(silent)))
    assert "They did not say. Do not leave a message." in page
    assert "They left no way to reach them." in text(client.get(url(making.case(answers={}))))


def test_what_is_urgent_comes_first(client, manager):
    page = text(client.get(url(making.case(answers={"danger_now": "yes", "account": "the account"}))))
    assert page.index("Someone may be in danger now.") < page.index("the account")


def test_the_title_says_the_reference_and_no_more(client, manager):
    case = making.case()
    title = re.search(r"<title>(.*?)</title>", text(client.get(url(case))), re.S)[1]
    assert title.split("-")[0].strip() + "-" + title.split("-")[1].strip() == case.reference
    for word in ("Racism", "City", "Amina"):
        assert word not in title


def test_who_can_see_it_is_said_by_name(client, manager, lead):
    gone = making.person("Bo Blocked", "case_manager")
    case = making.case()
    Block.objects.create(case=case, user=gone, source="reporter")
    assert "Case leads and who works cases of City campus can see this." in text(client.get(url(case)))
    page = text(client.get(url(case) + "?do=names"))
    readers = re.search(r'wh-readers">(.*?)</ul>', page, re.S)[1]
    assert re.findall(r"<li>([^<]+) <span class=\"wh-when\">([^<]+)</span></li>", readers) == [
        ("Amara Okafor", "works all cases"),
        ("Lena Lindqvist", "case lead"),
    ]
    assert "Bo Blocked" not in page


def test_a_case_is_taken_with_one_press(client, manager):
    case = making.case()
    assert "Nobody has taken it." in text(client.get(url(case)))
    answer = client.post(url(case, "take/"), {"seen": ""}, follow=True)
    assert answer.redirect_chain == [(url(case), 302)]
    assert "You work it." in text(answer)
    case.refresh_from_db()
    assert case.assignee == manager


def test_a_case_that_somebody_else_took_meanwhile_is_not_taken_from_them_unawares(client, manager, lead):
    case = making.case()
    actions.take(case=case, by=lead)
    answer = client.post(url(case, "take/"), {"seen": ""})
    assert answer.status_code == 409
    assert "Lena Lindqvist got this case while you had it open." in text(answer)
    case.refresh_from_db()
    assert case.assignee == lead
    client.post(url(case, "take/"), {"seen": str(lead.pk)})
    case.refresh_from_db()
    assert case.assignee == manager


def test_a_case_is_given_to_somebody_who_may_work_it_and_to_nobody_else(client, manager, lead):
    case, blocked = making.case(), making.person("Bo Blocked", "case_manager")
    Block.objects.create(case=case, user=blocked, source="named")
    outsider = making.person("Otto Outsider")
    for wrong in ("", str(blocked.pk), str(outsider.pk), "x", "9" * 400):
        answer = client.post(url(case, "assign/"), {"assign-to": wrong})
        assert answer.status_code == 422
        assert "The case was not given to anybody." in text(answer)
    client.post(url(case, "assign/"), {"assign-to": str(lead.pk)})
    case.refresh_from_db()
    assert case.assignee == lead


def test_a_note_is_added_and_stays(client, manager, lead):
    case = making.case()
    actions.add_note(case=case, text="first", by=lead)
    answer = client.post(url(case, "note/"), {"note-text": "second\r\nline"}, follow=True)
    page = text(answer)
    assert page.index("first") < page.index("second\nline")
    assert [str(message).strip() for message in answer.context["messages"]] == ["Note added."]
    assert "second" not in str(dict(client.session.items()))
    assert "second" not in str(answer.client.cookies)


@pytest.mark.parametrize("words", ["", "   \r\n ", "\x00"])
def test_an_empty_note_is_refused_in_words(client, manager, words):
    case = making.case()
    answer = client.post(url(case, "note/"), {"note-text": words})
    assert answer.status_code == 422
    assert "Your note was not added." in text(answer)
    assert case.notes.count() == 0


def test_a_note_of_a_megabyte_is_kept_and_a_longer_one_comes_back(client, manager):
    case = making.case()
    assert client.post(url(case, "note/"), {"note-text": "é" * 500_000}).status_code == 302
    assert case.notes.count() == 1
    answer = client.post(url(case, "note/"), {"note-text": "é" * 500_000 + "tail"})
    assert answer.status_code == 422
    assert "too long" in text(answer)
    assert "étail</textarea>" in text(answer)
    assert case.notes.count() == 1


def test_the_status_is_changed_and_the_history_says_so_readably(client, manager):
    case = making.case()
    client.post(url(case, "status/"), {"status-status": "in_progress", "status-version": "1"})
    case.refresh_from_db()
    assert case.status == CaseStatus.IN_PROGRESS
    assert "Amara Okafor changed status from “New” to “In progress”" in text(client.get(url(case)))


def test_when_somebody_else_was_quicker_both_are_told_and_the_choice_is_kept(client, manager, lead):
    case = making.case()
    actions.set_status(case=case, status="waiting", by=lead, expected_version=1)
    answer = client.post(url(case, "status/"), {"status-status": "in_progress", "status-version": "1"})
    page = text(answer)
    assert answer.status_code == 409
    assert "Lena Lindqvist changed status from “New” to “Waiting for others”, today" in page
    assert "Your choice, “In progress”, was not saved." in page
    assert re.search(r'value="in_progress"[^>]*checked', page)
    assert 'name="status-version" value="2"' in page
    case.refresh_from_db()
    assert case.status == "waiting"
    client.post(url(case, "status/"), {"status-status": "in_progress", "status-version": "2"})
    case.refresh_from_db()
    assert case.status == "in_progress"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 400, "\x00"])
def test_a_forged_version_changes_nothing(client, manager, version):
    case = making.case()
    answer = client.post(url(case, "status/"), {"status-status": "waiting", "status-version": version})
    assert answer.status_code == 409
    case.refresh_from_db()
    assert case.status == "new"


@pytest.mark.parametrize("status", ["", "nonsense", "new", "closed"])
def test_a_status_that_is_none_is_refused_in_words(client, manager, status):
    case = making.case()
    answer = client.post(url(case, "status/"), {"status-status": status, "status-version": "1"})
    assert answer.status_code == 422
    assert "The status was not changed." in text(answer)


@pytest.mark.parametrize("name", ["take/", "assign/", "note/", "status/"])
def test_a_verb_asked_for_by_a_link_does_nothing_and_leads_to_the_case(client, manager, name):
    case = making.case()
    answer = client.get(url(case, name))
    assert (answer.status_code, answer["Location"]) == (302, url(case))


def test_a_form_from_another_site_does_nothing(manager):
    from django.test import Client

    case, strict = making.case(), Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    for name in ("take/", "assign/", "note/", "status/"):
        assert strict.post(url(case, name), {"note-text": "x"}).status_code == 403
    assert case.notes.count() == 0


def test_a_manager_may_not_give_away_a_restricted_case_and_is_told_so(client, manager, lead):
    case = making.case(restricted=True, assignee=manager)
    assert 'id="assign"' not in text(client.get(url(case)))
    answer = client.post(url(case, "assign/"), {"assign-to": str(lead.pk)})
    assert answer.status_code == 403
    assert "Ask a case lead." in text(answer)


def test_a_note_for_a_case_that_went_out_of_reach_comes_back(client, manager):
    case = making.case()
    Block.objects.create(case=case, user=manager, source="reporter")
    answer = client.post(url(case, "note/"), {"note-text": f"long work {making.SCRIPT}"})
    assert answer.status_code == 404
    assert "Your note was not added" in text(answer)
    assert "long work &lt;script&gt;" in text(answer)
    assert case.notes.count() == 0


def test_an_erased_account_is_said_so_and_the_rest_works(client, manager):
    case = making.case()
    actions.add_note(case=case, text="still here", by=manager)
    with triggers.lifted():
        SealedKey.objects.filter(unit=case.pk).delete()
    page = text(client.get(url(case)))
    assert "This account was erased for good." in page
    assert "still here" in page
    assert client.post(url(case, "note/"), {"note-text": "and more"}).status_code == 302


def test_a_changed_account_is_not_shown_and_says_so(client, manager):
    case = making.case()
    with triggers.lifted():
        report = case.report
        sealed = report.account.ciphertext
        report.account = SealedValue(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        report.save()
    page = text(client.get(url(case)))
    assert "This account does not open" in page
    assert "They shouted" not in page


def test_on_a_public_tier_the_words_stay_shut_and_the_screen_says_why(client, manager, tmp_path):
    case = making.case()
    actions.add_note(case=case, text="sealed note", by=manager)
    public = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), public)
    with override_settings(WAGTAIL_HARASSMENT_KEYRING=public):
        answer = client.get(url(case))
    page = text(answer)
    assert answer.status_code == 200
    assert "This server does not hold the key" in page
    assert "sealed note" not in page
    assert "They shouted" not in page


def test_the_screen_asks_the_database_no_more_for_many_notes_and_events_than_for_few(client, manager, lead):
    case = making.case()

    def fill(notes: int) -> None:
        for number in range(notes):
            actions.add_note(case=case, text=f"note {number}", by=(manager, lead)[number % 2])
            actions.view(case=case, by=(manager, lead)[number % 2])
            status = ("waiting", "in_progress")[number % 2]
            case.refresh_from_db()
            actions.set_status(case=case, status=status, by=lead, expected_version=case.version)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    fill(3)
    few = queries(url(case)), queries(url(case, "history/"))
    fill(60)
    assert (queries(url(case)), queries(url(case, "history/"))) == few
    page = text(client.get(url(case)))
    assert page.count('class="wh-note"') == 20
    assert "Show all 63 notes" in page
    assert text(client.get(url(case) + "?notes=all")).count('class="wh-note"') == 63
    assert page.count("<li>Lena Lindqvist") + page.count("<li>Amara Okafor") <= 13


@pytest.mark.parametrize("query", ["p=-1", "p=x", "p=" + "9" * 5000, "p=2", "history__x=1", "notes=%00"])
def test_a_strange_page_of_the_history_is_no_error(client, manager, query):
    case = making.case()
    assert client.get(url(case, f"history/?{query}")).status_code == 200
    assert client.get(url(case) + f"?{query}").status_code == 200


def test_what_a_reporter_did_has_a_day_and_no_time(client, manager):
    case = making.case()
    assert LedgerEvent.objects.filter(chain=case.pk, at=None).count() == 2
    found = re.findall(
        r"<li>The report was received<span class=\"wh-when\">([^<]+)<", text(client.get(url(case)))
    )
    assert found == ["today"]


def test_at_most_three_things_are_proposed_and_one_is_the_main_one(client, manager):
    for answers in ({}, making.ANSWERS, {"danger_now": "yes"}):
        for fields in ({}, {"assignee": manager}, {"status": "closed"}):
            steps = re.search(
                r'wh-steps__list">(.*?)</ol>',
                text(client.get(url(making.case(answers=answers, **fields)))),
                re.S,
            )[1]
            assert 1 <= steps.count("<li>") <= 3
            assert len(re.findall(r'class="button"', steps)) == 1

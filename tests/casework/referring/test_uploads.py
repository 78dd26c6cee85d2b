"""Files that come with an answer: taken or refused one by one, evidence of the case, and shown to nobody else."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from tests.casework import making
from tests.casework.evidence.making import bytes_of, facts_of, facts_on, picture
from tests.casework.evidence.making import sent as sent_with_the_report
from tests.casework.referring.checking import problems
from tests.casework.referring.making import address, department, sent
from tests.clamd import EICAR
from tests.factories import UserFactory
from wagtail_harassment.casework.evidence.room import custody, exhibit
from wagtail_harassment.casework.models import Referral, ReferralLink, ReferralReply
from wagtail_harassment.casework.referring import answering, verbs
from wagtail_harassment.casework.timeline import happenings
from wagtail_harassment.reporting.evidence import handler
from wagtail_harassment.reporting.models import Evidence
from wagtail_harassment.vault import files, integrity
from wagtail_harassment.vault.models import LedgerEvent, StoredFile

pytestmark = pytest.mark.django_db

WORDS = "Patrols added"


@pytest.fixture
def manager():
    return making.person("Amara Okafor", "case_manager")


@pytest.fixture
def owen():
    return making.person("Owen Pryce", "department")


@pytest.fixture
def case(manager):
    return making.case(status="in_progress", assignee=manager)


@pytest.fixture
def referral(case, manager, owen):
    return sent(case, manager, verbs.To(department("Security", owen))).referral


@pytest.fixture
def desk(owen):
    client = Client()
    client.force_login(owen)
    return client


@pytest.fixture
def made(case, manager):
    return sent(case, manager)


def place(referral):
    return f"/referrals/{referral.pk}/"


def text(answer):
    return answer.content.decode().replace("&#x27;", "'")


def post(browser, where, *came, whole=True, **given):
    data = {"reply-kind": "answered", "reply-words": WORDS} | given
    data["files"] = [SimpleUploadedFile(name, content) for name, content in came]
    return browser.post(where, data | ({"whole": "1"} if whole else {}))


def nothing_kept(storage):
    files.sweep()
    left = [path for path in storage.rglob("*") if path.is_file()]
    return (Evidence.objects.count(), StoredFile.objects.count(), left) == (0, 0, [])


def opened(made):
    reader, link = Client(), address(made.referral)
    assert reader.post(link, {"code": made.code}).status_code == 302
    return reader, link


def test_a_department_adds_a_file_which_is_evidence_and_names_its_origin(case, manager, owen, referral, desk):
    answer = post(desk, place(referral), ("wall.jpg", picture()), ("log.txt", b"Nobody came."))
    assert (answer.status_code, answer["Location"]) == (302, f"{place(referral)}#answers")
    rows = {facts_on(row)["name"]: row for row in Evidence.objects.all()}
    assert set(rows) == {"wall.jpg", "log.txt"}
    assert {(row.source, row.author, row.report_id) for row in rows.values()} == {("referral", owen, case.pk)}
    assert bytes_of(rows["log.txt"]) == b"Nobody came."
    assert rows["wall.jpg"].copy == "waiting"
    today = date_format(timezone.localdate(), "j F Y")
    one = exhibit(case, rows["log.txt"].pk)
    assert one.source == f"Answer to the referral to Security, {today}"
    assert [line.words for line in custody(one)] == ["It arrived, and was sent with an answer to a referral"]
    assert (problems(case), list(integrity.check())) == ([], [])


def test_the_case_shows_the_answers_files_each_with_a_link_and_the_timeline_says_so(
    case, manager, referral, desk
):
    post(desk, place(referral), ("wall.jpg", picture()), ("log.txt", b"Nobody came."))
    browser = Client()
    browser.force_login(manager)
    page = text(browser.get(f"/admin/cases/{case.pk}/others/"))
    for row in Evidence.objects.all():
        assert f'href="/admin/cases/{case.pk}/evidence/{row.pk}/"' in page
        assert facts_on(row)["name"] in page
        assert browser.get(f"/admin/cases/{case.pk}/evidence/{row.pk}/").status_code == 200
    assert f"Answer to the referral to Security, {date_format(timezone.localdate(), 'j F Y')}" in text(
        browser.get(f"/admin/cases/{case.pk}/")
    )
    said = [one.words for one in happenings(case)]
    assert "A referral was answered, with 2 files" in said


def test_they_see_names_and_sizes_of_their_own_files_and_nothing_by_which_to_open_one(
    case, manager, referral, desk
):
    theirs = sent_with_the_report(case, "kept-from-them.txt", b"secret")
    post(desk, place(referral), ("log.txt", b"Nobody came."))
    page = text(desk.get(place(referral)))
    assert "log.txt" in page
    assert "12\xa0bytes" in page
    assert "kept-from-them.txt" not in page
    for row in Evidence.objects.all():
        assert str(row.pk) not in page
        for act in ("", "content/", "original/", "show/"):
            for ask in (desk.get, desk.post):
                assert ask(f"/admin/cases/{case.pk}/evidence/{row.pk}/{act}")["Location"].startswith(
                    "/admin/login/"
                )
    assert Evidence.objects.filter(pk=theirs.pk).exists()


def test_a_link_holder_with_the_code_adds_a_file(case, made):
    reader, link = opened(made)
    assert post(reader, link, ("log.txt", b"Nobody came.")).status_code == 302
    row = Evidence.objects.get()
    assert (row.source, row.author, bytes_of(row)) == ("referral", None, b"Nobody came.")
    assert exhibit(case, row.pk).source.startswith("Answer to the referral to The desk in the library, ")
    event = LedgerEvent.objects.get(kind="referral.answered")
    assert (event.actor, event.at) == ("", None)
    assert "log.txt" in text(reader.get(link))
    assert "log.txt" not in text(Client().get(link))
    assert problems(case) == []


def test_advice_is_named_as_what_it_is(case, manager):
    made = sent(case, manager, purpose="advice")
    reader, link = opened(made)
    post(reader, link, ("log.txt", b"x"))
    assert exhibit(case, Evidence.objects.get().pk).source.startswith(
        "Advice from The desk in the library, asked"
    )


def test_a_file_needs_no_words_beside_it_and_nothing_needs_something(referral, desk):
    assert post(desk, place(referral), ("log.txt", b"x"), **{"reply-words": ""}).status_code == 302
    assert ReferralReply.objects.get().words is None
    assert post(desk, place(referral), **{"reply-words": ""}).status_code == 422
    declined = {"reply-words": "", "reply-kind": "declined"}
    assert post(desk, place(referral), ("why.txt", b"x"), **declined).status_code == 422
    assert (ReferralReply.objects.count(), Evidence.objects.count()) == (1, 1)


def test_what_is_refused_is_said_one_by_one_and_the_answer_and_the_others_are_kept(
    case,
    referral,
    desk,
    scanned_by,
    settings,
):
    scanned_by()
    settings.WAGTAIL_HARASSMENT_FILE_MAX_BYTES = 1000
    answer = post(
        desk,
        place(referral),
        ("good.txt", b"good"),
        ("program.exe", b"MZ"),
        ("not.jpg", b"not a picture"),
        ("large.txt", b"x" * 1001),
        ("virus.txt", EICAR),
        ("empty.txt", b""),
    )
    page = text(answer)
    assert answer.status_code == 422
    for name in ("program.exe", "not.jpg", "large.txt", "virus.txt", "empty.txt"):
        assert page.count(f"“{name}”") == 2
    assert "Your answer is sent." in page
    assert "report" not in page.partition("There is a problem")[2].partition("</div>")[0]
    assert [facts_on(row)["name"] for row in Evidence.objects.all()] == ["good.txt"]
    assert (ReferralReply.objects.count(), Referral.objects.get().state) == (1, "answered")
    assert WORDS in page.partition("What you answered")[2].partition("<form")[0]
    assert f"{WORDS}</textarea>" not in page
    files.sweep()
    assert StoredFile.objects.count() == 1
    assert problems(case) == []


def test_too_many_and_too_much_are_told_to_answer_once_more(referral, desk, settings):
    settings.WAGTAIL_HARASSMENT_FILES_MAX = 1
    page = text(post(desk, place(referral), ("a.txt", b"a"), ("b.txt", b"b")))
    assert "“b.txt” was left out: there were too many files for one answer. Answer once more" in page
    settings.WAGTAIL_HARASSMENT_FILES_MAX = 9
    settings.WAGTAIL_HARASSMENT_FILES_MAX_BYTES = 3
    page = text(post(desk, place(referral), ("c.txt", b"ccc"), ("d.txt", b"d")))
    assert "“d.txt” was left out: together your files are too large for one answer. Answer once more" in page


def test_where_the_storage_fails_the_words_are_on_the_case_and_it_is_said(
    referral,
    desk,
    settings,
    storage,
):
    settings.WAGTAIL_HARASSMENT_FILE_RESERVE = 2**60
    answer = post(desk, place(referral), ("a.txt", b"a"))
    assert (answer.status_code, ReferralReply.objects.count()) == (422, 1)
    assert "our side failed, not you. Keep it, and add it again in a minute." in text(answer)
    assert nothing_kept(storage)


def test_files_that_went_before_the_answer_was_put_leave_the_answer_standing(
    referral,
    desk,
    storage,
    monkeypatch,
):
    real = answering.answer

    def later(*, files=(), **given):
        from wagtail_harassment.vault import files as stored

        stored.discard(each["id"] for each in files)
        return real(files=files, **given)

    monkeypatch.setattr(answering, "answer", later)
    answer = post(desk, place(referral), ("a.txt", b"a"))
    assert answer.status_code == 422
    assert "could not be stored" in text(answer)
    reply = ReferralReply.objects.get()
    assert (reply.kind, reply.files) == ("answered", None)
    assert nothing_kept(storage)


def test_what_did_not_come_whole_is_no_answer_and_the_words_come_back(referral, desk, storage):
    answer = post(desk, place(referral), ("a.txt", b"the first half"), whole=False)
    assert answer.status_code == 422
    assert "“a.txt” broke off on the way. Add it again." in text(answer)
    assert f"{WORDS}</textarea>" in text(answer)
    assert ReferralReply.objects.count() == 0
    assert nothing_kept(storage)


def test_words_that_are_too_long_come_back_and_no_file_is_kept(referral, desk, storage):
    answer = post(desk, place(referral), ("a.txt", b"a"), **{"reply-words": "x" * 20_001})
    assert answer.status_code == 422
    assert "Then choose your files again" in text(answer)
    assert "x" * 20_001 + "</textarea>" in text(answer)
    assert nothing_kept(storage)


def test_sent_twice_it_is_stored_once(case, referral, desk):
    once = uuid.uuid4()
    for _press in range(2):
        assert post(desk, place(referral), ("a.txt", b"a"), **{"reply-once": once}).status_code == 302
    files.sweep()
    assert (ReferralReply.objects.count(), Evidence.objects.count(), StoredFile.objects.count()) == (1, 1, 1)
    post(desk, place(referral), ("a.txt", b"other"), **{"reply-once": once})
    assert (ReferralReply.objects.count(), Evidence.objects.count()) == (2, 2)
    assert problems(case) == []


@pytest.mark.parametrize("how", ["withdraw", "end"])
def test_what_is_over_while_the_files_are_on_their_way_takes_none(
    case,
    manager,
    referral,
    desk,
    storage,
    monkeypatch,
    how,
):
    from wagtail_harassment.reporting.evidence import arriving

    real = arriving.receive_all

    def meanwhile(came):
        words = {"why": "words"} if how == "withdraw" else {"words": "words"}
        getattr(verbs, how)(case=case, referral=referral, by=manager, **words)
        return real(came)

    monkeypatch.setattr(arriving, "receive_all", meanwhile)
    answer = post(desk, place(referral), ("a.txt", b"a"))
    assert answer.status_code == 404
    assert WORDS in text(answer)
    assert "Your files were not taken either." in text(answer)
    assert ReferralReply.objects.filter(kind="answered").count() == 0
    assert nothing_kept(storage)


def test_a_referral_that_is_over_takes_no_files(case, manager, referral, desk, storage):
    verbs.withdraw(case=case, referral=referral, why="words", by=manager)
    assert post(desk, place(referral), ("a.txt", b"a")).status_code == 404
    assert nothing_kept(storage)


@pytest.mark.parametrize("how", ["guessed", "no code", "over its time", "dead"])
def test_whoever_has_no_link_or_gave_no_code_stores_nothing(made, storage, monkeypatch, how):
    reader, link = opened(made)
    if how == "guessed":
        link = "/shared/" + "A" * 43 + "/"
    elif how == "no code":
        reader = Client()
    elif how == "over its time":
        ReferralLink.objects.update(expires_at=timezone.now())
    else:
        ReferralLink.objects.update(dead=True)
    put = []
    monkeypatch.setattr(files, "put", lambda *args, **given: put.append(args))
    answer = post(reader, link, ("a.txt", b"a"))
    assert answer.status_code == (200 if how == "no code" else 404)
    assert (put, ReferralReply.objects.count()) == ([], 0)
    assert nothing_kept(storage)


def test_a_pass_that_ran_out_while_it_was_typed_keeps_the_words_and_asks_for_the_files_again(
    made,
    storage,
):
    reader, link = opened(made)
    ReferralLink.objects.update(pass_until=timezone.now())
    asked = text(post(reader, link, ("a.txt", b"a")))
    assert "Your files were not taken: add them again afterwards." in asked
    assert f'name="reply-words" value="{WORDS}"' in asked
    wrong = text(reader.post(link, {"code": "AAAA-AAA3", "reply-words": WORDS, "lost-files": "1"}))
    assert "Your files were not taken: add them again afterwards." in wrong
    assert nothing_kept(storage)


def test_a_person_without_the_role_and_one_of_another_department_store_nothing(referral, storage):
    root = UserFactory(username="root", is_superuser=True)
    for user in (making.person("Olga Other", "department"), root):
        client = Client()
        client.force_login(user)
        assert post(client, place(referral), ("a.txt", b"a")).status_code == 404
    assert post(Client(), place(referral), ("a.txt", b"a"))["Location"].startswith("/admin/login/")
    assert nothing_kept(storage)


def test_nothing_is_taken_in_where_cases_are_not_worked(referral, desk, storage, settings):
    settings.WAGTAIL_HARASSMENT_CASEWORK_HOSTS = ["cases.northbridge.example"]
    settings.ALLOWED_HOSTS = ["*"]
    assert post(desk, place(referral), ("a.txt", b"a")).status_code == 404
    assert nothing_kept(storage)


def test_a_forged_upload_is_refused_and_files_are_sealed_before_that_is_looked_at(
    referral,
    owen,
    storage,
    monkeypatch,
):
    client, seen = Client(enforce_csrf_checks=True), []
    client.force_login(owen)
    complete = handler.SealingHandler.file_complete

    def spied(self, size):
        seen.append(type(self).__name__)
        return complete(self, size)

    monkeypatch.setattr(handler.SealingHandler, "file_complete", spied)
    assert post(client, place(referral), ("a.txt", b"a")).status_code == 403
    assert (seen, ReferralReply.objects.count()) == (["SealingHandler"], 0)
    assert nothing_kept(storage)


def test_what_came_with_an_answer_stays_as_it_is(case, referral, owen):
    reply = answering.answer(
        referral=referral, kind="answered", words="", by=owen, files=[facts_of("a.txt", b"a")]
    )
    for change in ({"files": None}, {"kind": "done"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ReferralReply.objects.filter(pk=reply.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Evidence.objects.all().delete()

"""Writing a report down for somebody, from the call to the case."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.casework.entering.desk import CAME, ENTER, SHORT, Desk, code_on, recorded, text
from tests.factories import make_person
from tests.reporting.browser import Form
from tests.reporting.test_submission import together
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.models import AssignmentRule, Block, Case, Grant, Role, Team
from wagtail_harassment.reporting import drafts, versions
from wagtail_harassment.reporting.accounts import commitment, read_account
from wagtail_harassment.reporting.models import Draft, DraftStep, Report, ReturnCode, Thread
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db


def events() -> list[tuple[str, str]]:
    """What the record's chain tells: kind and actor."""
    chain = Report.objects.get().pk
    return list(LedgerEvent.objects.filter(chain=chain).order_by("sequence").values_list("kind", "actor"))


def test_a_call_becomes_a_case_of_whoever_took_it_with_a_name_on_it(desk, manager):
    response = desk.record()
    assert (response.status_code, response["Location"]) == (302, ENTER)
    case = recorded()
    assert (case.assignee, case.route, case.status) == (manager, "anonymous", "new")
    assert [term.code for term in case.incident_types.all()] == ["racism"]
    me = str(manager.pk)
    assert events() == [("report.received", me), ("case.opened", ""), ("case.taken", me)]
    account = read_account(case.report)
    assert account.answers["account"] == "They shouted at me in the foyer."
    assert account.recorded == {
        "by": "Priya Nair",
        "how": "telephone",
        "day": timezone.localdate().isoformat(),
        "words": "own",
        "told": "yes",
        "code": "not_wanted",
    }
    assert LedgerEvent.objects.get(kind="report.received").body["commitment"] == commitment(case.report)
    assert list(ledger.verify()) == []


@pytest.mark.parametrize("to", ["a person", "a team"])
def test_whoever_recorded_it_has_it_whatever_the_rules_say_and_nobody_else_is_told_that_they_have(
    desk, manager, to
):
    other = make_person(Role.CASE_MANAGER)
    team = Team.objects.create(code="night", name="Night")
    team.members.add(other)
    taker = {"person": other} if to == "a person" else {"team": team}
    AssignmentRule.objects.create(name="All", active=True, **taker)
    desk.record()
    case = recorded()
    assert case.assignee == manager
    assert set(case.alerts.values_list("kind", flat=True)) == {"case.new"}
    kinds = [kind for kind, _actor in events()]
    assert kinds == ["report.received", "case.opened", "case.given", "case.taken"]
    taken = LedgerEvent.objects.get(kind="case.taken")
    assert taken.body["from"] == (str(other.pk) if to == "a person" else None)
    assert list(ledger.verify()) == []


def test_the_case_says_who_recorded_it_and_how_it_came(desk):
    yesterday = timezone.localdate() - timedelta(days=1)
    desk.record(**{"_came-day": yesterday.isoformat(), "_came-words": "summary", "_came-told": "no"})
    page = text(desk.client.get(f"/admin/cases/{recorded().pk}/"))
    assert f"Recorded by Priya Nair from a telephone call on {yesterday.day} {yesterday:%b}." in page
    assert "This is a summary, not the reporter's own words." in page
    assert "The reporter was not told yet who reads this, and what happens next." in page
    assert "They did not want a return code: you cannot write to them here." in page
    assert "Priya Nair recorded the report" in page
    assert "The report was received" not in page


def test_a_report_that_its_reporter_sent_says_nothing_of_recording(desk, form_page):
    from tests.reporting import making

    making.sent(form_page)
    page = text(desk.client.get(f"/admin/cases/{recorded().pk}/"))
    assert "Recorded by" not in page
    assert "The report was received" in page


def test_it_is_the_same_form_less_what_is_the_reporters_alone(desk, form_page):
    names = set(desk.form().values) | set(desk.form().ids)
    for step in versions.frozen(versions.current(form_page.pk).pk)["steps"]:
        for item in step["items"]:
            if "code" in item:
                shown = f"id_{item['code']}" in names or any(
                    n.startswith(f"id_{item['code']}-") for n in names
                )
                assert shown == (item["kind"] not in ("device", "files")), item["code"]
    page = desk.get().content.decode()
    assert 'value="anonymous"' in page
    assert 'value="keep"' not in page.partition('id="part-how"')[2].partition("</section>")[0]


def test_the_report_is_pinned_to_the_version_that_was_asked(desk, form_page):
    page = desk.filled(**SHORT) | {"_do": "record"}
    before = versions.current(form_page.pk)
    form_page.steps[5].value["title"] = "Other words"
    form_page.save_revision().publish()
    assert versions.current(form_page.pk).pk != before.pk
    assert desk.client.post(ENTER, page).status_code == 302
    assert Report.objects.get().form_version_id == before.pk


# The code


def test_a_code_is_shown_until_it_is_passed_on_and_opens_the_return_page(desk, guest, manager):
    desk.record(**{"_came-code": "on"})
    page = desk.get()
    code = code_on(page)
    assert len(code.split()) == 6
    assert guest.url in text(page)
    reading = desk.press("compare", _typed=code.upper().replace(" ", "-"))
    assert "Yes, that is their code." in text(desk.client.get(reading["Location"]))
    wrong = desk.press("compare", _typed="yodel yodel yodel yodel yodel yodel")
    assert "That is not their code." in text(desk.client.get(wrong["Location"]))
    assert read_account(recorded().report).recorded["code"] == "given"
    going = desk.press("done")
    assert going["Location"] == f"/admin/cases/{recorded().pk}/"
    assert code_on(desk.get()) == ""
    assert code_on(desk.client.get(going["Location"])) == ""
    thread = guest.follow(guest.enter(code))
    assert recorded().reference in thread.content.decode()
    case, account = recorded(), "They shouted at me in the foyer."
    assert account not in thread.content.decode()
    said = {"thread": str(case.report.threads.get().pk), "write-text": "Thank you for calling."}
    assert desk.client.post(f"/admin/cases/{case.pk}/write/", said).status_code == 302
    assert "Thank you for calling." in guest.get(case.reference).content.decode()


def test_without_a_code_nobody_can_write_to_them_and_nothing_is_left_that_could_be_opened(desk):
    desk.record()
    assert code_on(desk.get()) == ""
    assert (Thread.objects.count(), ReturnCode.objects.count()) == (0, 0)


def test_who_passes_on_for_somebody_keeps_their_words_apart_and_can_let_them_join(desk, guest):
    desk.record(
        reporter_role="on_behalf",
        consent="yes",
        account="He said he felt sick.",
        observations="He was shaking.",
        **{"_came-code": "on"},
    )
    case = recorded()
    page = text(desk.client.get(f"/admin/cases/{case.pk}/"))
    assert read_account(case.report).answers["observations"] == "He was shaking."
    assert "What they were told" in page
    assert "What they saw themselves" in page
    guest.enter(code_on(desk.get()))
    assert guest.get(f"{case.reference}/join-code").status_code == 200


# Who must not see it


def ticked(person) -> str:
    return policy.reader_code(person)


@pytest.mark.parametrize(
    "typed",
    [
        lambda me: {"must_not_see": [ticked(me)]},
        lambda me: {"account": "Priya Nair laughed at me."},
        lambda me: {"must_not_see-other": "My head of department"},
    ],
    ids=["ticked", "named", "somebody else in words"],
)
def test_who_must_not_see_what_they_wrote_down_is_told_that_it_is_recorded_and_nothing_more(
    desk, manager, typed
):
    desk.record(**typed(manager), **{"_came-code": "on"})
    case = recorded()
    assert case.assignee is None
    assert not policy.may(manager, "view", case)
    page = desk.get()
    assert "It was recorded" in text(page)
    assert "You cannot see it any more." in text(page)
    for word in (case.reference, str(case.pk), "foyer", "laughed", "Nair laughed"):
        assert word not in page.content.decode()
    assert code_on(page) == ""
    assert (Thread.objects.count(), ReturnCode.objects.count()) == (0, 0)
    assert read_account(case.report).recorded["code"] == "withheld"
    assert desk.press("done")["Location"] == "/admin/cases/"
    assert desk.client.get(f"/admin/cases/{case.pk}/").status_code == 404
    assert [kind for kind, _actor in events()] == ["report.received", "case.opened"]
    assert list(ledger.verify()) == []


def test_a_lead_reads_why_no_code_was_given(desk, lead):
    desk.record(account="Priya Nair laughed at me.", **{"_came-code": "on"})
    page = text(Desk(lead).client.get(f"/admin/cases/{recorded().pk}/"))
    assert "They wanted a return code and got none" in page


def test_a_superuser_and_who_works_no_cases_find_no_such_page(desk, django_user_model):
    admin = django_user_model.objects.create_superuser("root", "root@example.org", "correct horse")
    assert Desk(admin).get().status_code == 404
    assert Desk(admin).client.post(ENTER, SHORT).status_code == 404
    Grant.objects.all().delete()
    assert desk.get().status_code == 404
    assert Report.objects.count() == 0


# What is wrong, and what is typed


def test_what_is_missing_is_said_and_everything_typed_stays(desk):
    typed = {
        "account": "First line.\nSecond line, with “quotes” & <b>marks</b>.",
        "witnesses": "The porter",
        "reported_people-0-name": "A tall man",
        "place-detail": "By the lift",
        "route": "meeting",
        "contact-email": "not an address",
        "_came-day": "2999-01-01",
    }
    response = desk.press(**typed)
    assert response.status_code == 422
    page = Form(response.content.decode())
    for name, value in typed.items():
        if name != "route":
            assert page.values[name] == [value], name
    assert 'value="meeting" checked' in response.content.decode()
    for words in (
        "Say how it came to you.",
        "This day is still to come.",
        "Check the e-mail address",
        "Choose at least one answer to go on.",
    ):
        assert words in page.text
    assert Report.objects.count() == 0
    assert desk.form().values["account"] == [typed["account"]]
    for name in page.references:
        assert name in page.ids, name


def test_what_does_not_apply_is_not_dropped_but_asked_about(desk):
    response = desk.record(**{"contact-phone": "07700 900123"})
    assert response.status_code == 422
    assert "was answered. Asked only if “How would you like to report?”" in text(response)
    assert Report.objects.count() == 0
    assert desk.record(route="record").status_code == 302
    assert read_account(Report.objects.get()).answers["contact"]["phone"] == "07700 900123"


def test_one_more_person_is_asked_for_and_nothing_is_lost_by_it(desk):
    response = desk.client.post(ENTER, desk.filled(**{"reported_people-0-name": "One"}) | {"again": "1"})
    assert response["Location"].endswith("#id_reported_people")
    page = desk.form()
    assert page.values["reported_people-0-name"] == ["One"]
    assert page.values["reported_people-1-name"] == [""]
    assert "id_reported_people" in page.ids


# Drafts


def test_what_is_kept_is_there_again_for_them_and_for_nobody_else_at_this_browser(desk, lead):
    assert desk.press("keep", account="Half a sent").status_code == 302
    kept = desk.form(kept="1")
    assert kept.values["account"] == ["Half a sent"]
    assert "nothing is recorded yet" in kept.text
    assert "another look" not in kept.text
    other = Desk(lead)
    other.client.cookies.update({n: c for n, c in desk.client.cookies.items() if n.startswith("visit")})
    assert other.form().values["account"] == [""]
    assert desk.form().values["account"] == ["Half a sent"]
    assert (Draft.objects.count(), Report.objects.count()) == (2, 0)


def test_signed_out_while_typing_the_words_are_there_after_signing_in(desk, manager):
    page = desk.filled(account="A long call")
    desk.client.session.flush()
    assert Session.objects.count() == 0
    response = desk.client.post(ENTER, page | {"_do": "record"})
    assert response["Location"].startswith("/admin/login/")
    assert Report.objects.count() == 0
    desk.client.force_login(manager)
    assert desk.form().values["account"] == ["A long call"]


def test_a_token_from_before_signing_in_anew_keeps_the_words_and_records_nothing(form_page, lead, manager):
    strict = Desk(manager, enforce_csrf_checks=True)
    page = strict.filled(**SHORT) | {"csrfmiddlewaretoken": "a" * 64, "_do": "record"}
    response = strict.client.post(ENTER, page)
    assert response["Location"] == f"{ENTER}?kept=1"
    assert Report.objects.count() == 0
    assert strict.form().values["account"] == [SHORT["account"]]
    assert strict.client.post(ENTER, page | {"_draft": "other"}).status_code == 403


def test_a_stranger_keeps_nothing_in_somebody_elses_draft(desk):
    page = desk.filled(account="Theirs")
    stranger = Client()
    assert stranger.post(ENTER, page).status_code == 302
    assert desk.form().values["account"] == [""]


def test_a_day_later_the_draft_is_gone_and_a_page_that_is_still_open_loses_no_word(desk):
    desk.press("keep", account="Half")
    page = desk.filled(**SHORT)
    Draft.objects.all().delete()
    response = desk.client.post(ENTER, page | {"_do": "record"})
    assert response.status_code == 409
    assert Form(response.content.decode()).values["account"] == [SHORT["account"]]
    assert Report.objects.count() == 0
    assert desk.press("record").status_code == 302
    assert Report.objects.count() == 1


def test_a_draft_is_kept_for_a_day_and_then_purged(desk):
    desk.press("keep", account="Half")
    draft = Draft.objects.get()
    assert timedelta(hours=24) <= draft.expires_at - timezone.now() <= timedelta(hours=24, minutes=15)
    Draft.objects.update(expires_at=timezone.now())
    assert drafts.purge() == 1
    assert DraftStep.objects.count() == 0


def test_throwing_it_away_takes_the_open_draft_and_no_other(desk):
    desk.press("keep", account="Half")
    desk.client.post(ENTER, {"_do": "discard", "_draft": "another"})
    assert desk.form().values["account"] == ["Half"]
    assert desk.press("discard")["Location"] == "/admin/cases/"
    assert desk.form().values["account"] == [""]


# Twice


def test_the_same_page_sent_again_is_recorded_once(desk):
    page = desk.filled(**SHORT) | {"_do": "record"}
    assert [desk.client.post(ENTER, page)["Location"] for _time in range(3)] == [ENTER] * 3
    assert Report.objects.count() == 1
    desk.press("done")
    again = desk.client.post(ENTER, page)
    assert (again.status_code, Report.objects.count()) == (409, 1)
    assert "If you have recorded it already" in text(again)


def test_other_words_from_an_old_page_are_kept_and_not_taken_for_recorded(desk):
    page = desk.filled(**SHORT) | {"_do": "record"}
    desk.client.post(ENTER, page)
    other = desk.client.post(ENTER, page | {"account": "Another call"})
    assert other.status_code == 409
    assert desk.form().values["account"] == ["Another call"]
    assert desk.press("record").status_code == 302
    assert sorted(read_account(report).answers["account"] for report in Report.objects.all()) == [
        "Another call",
        SHORT["account"],
    ]


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_four_times_at_once_records_one_report(desk):
    page = desk.filled(**SHORT, **{"_came-code": "on"}) | {"_do": "record"}

    def press():
        browser = Desk(desk.person)
        browser.client.cookies.update(
            {name: each for name, each in desk.client.cookies.items() if name.startswith("visit")}
        )
        response = browser.client.post(ENTER, page)
        return response.status_code, code_on(browser.get())

    answers = together([press] * 4)
    code = code_on(desk.get())
    assert len(code.split()) == 6
    assert answers == [(302, code)] * 4
    assert (Report.objects.count(), Case.objects.count(), Thread.objects.count()) == (1, 1, 1)
    assert [kind for kind, _actor in events()].count("report.received") == 1
    assert list(ledger.verify()) == []


# Forms


def test_with_several_forms_one_is_chosen_first_and_what_was_typed_is_not_thrown_away_by_choosing(
    desk, landing
):
    from wagtail_harassment.reporting.pages import ReportFormPage

    other = landing.add_child(instance=ReportFormPage(title="Visitors", slug="visitors"))
    other.save_revision().publish()
    page = desk.get().content.decode()
    assert f'href="?form={other.pk}"' in page
    assert 'name="account"' not in page
    data = dict(desk.form(form=str(other.pk)).values.items()) | SHORT
    data.pop("csrfmiddlewaretoken")
    assert desk.client.post(ENTER, data | {"_do": "keep"}).status_code == 302
    first = ReportFormPage.objects.exclude(pk=other.pk).get()
    assert desk.form(form=str(first.pk)).values["account"] == [SHORT["account"]]
    desk.press("record")
    assert versions.page_of(Report.objects.get().form_version_id) == other.pk


def test_without_a_form_the_page_says_what_to_do(lead, manager, home):
    assert "Ask whoever edits the website to publish one." in text(Desk(manager).get())


# Discretion


def test_no_word_is_in_a_session_a_message_a_cookie_or_an_address(desk):
    word = "kestrelmoth"
    desk.press("keep", account=word)
    response = desk.record(account=word)
    sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert word not in sessions
    assert word not in str(desk.client.cookies) + response["Location"]
    assert [str(message) for message in get_messages(response.wsgi_request)] == []
    assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
    cookie = next(each for name, each in response.client.cookies.items() if name.startswith("visit-"))
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (ENTER, True, "Lax")


def test_the_list_leads_to_it(desk):
    assert f'href="{ENTER}"' in desk.client.get("/admin/cases/").content.decode()


def test_somebody_who_is_blocked_afterwards_sees_no_code_any_more(desk, manager):
    desk.record(**{"_came-code": "on"})
    Block.objects.create(case=recorded(), user=manager, source="lead")
    page = desk.get()
    assert code_on(page) == ""
    assert recorded().reference not in page.content.decode()


def test_two_who_share_a_computer_have_two_drafts(desk):
    other = make_person(Role.CASE_MANAGER, username="otto", first_name="Otto", last_name="Quill")
    desk.press("keep", account="Priya's")
    desk.client.force_login(other)
    assert desk.form().values["account"] == [""]
    desk.press("keep", account="Otto's")
    desk.client.force_login(desk.person)
    assert desk.form().values["account"] == ["Priya's"]


def test_how_it_came_must_be_said(desk):
    for name in CAME:
        assert desk.record(**{name: ""}).status_code == 422, name
    assert Report.objects.count() == 0

"""The way through the form, as a browser without JavaScript goes it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from wagtail.models import Page

from tests.reporting.browser import ANONYMOUS, Form, Reporter, place
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import Draft, FormVersion, Report
from wagtail_harassment.reporting.pages import ReportFormPage

STEPS = [where for where in ANONYMOUS if where]


def sent() -> dict:
    return read_account(Report.objects.get()).answers


def test_the_first_page_is_the_forms_own_address_and_says_where_one_is(reporter):
    page = reporter.form()
    assert "Step 1 of 10" in page.text
    assert page.values["device"] == ["shared"]
    assert reporter.cookie() is None


def test_a_whole_report_leads_from_step_to_step_to_check_to_receipt(reporter):
    way = []
    for where, data in ANONYMOUS.items():
        way.append(place(reporter.post(where, data), reporter))
    assert way == [*STEPS, "check"]
    assert place(reporter.send(), reporter) == "receipt"
    assert sent() == {
        "device": "shared",
        "route": "anonymous",
        "reporter_role": "self",
        "account": "They shouted at me in the foyer.",
        "incident_type": ["racism"],
        "motivation": ["race"],
        "reported_relation": "student",
    }


def test_what_was_typed_stands_in_the_page_again_after_back_and_refresh(reporter):
    reporter.go_through(until="when")
    for _again in range(2):
        assert reporter.form("what").values["account"] == ["They shouted at me in the foyer."]
        assert reporter.form("what").values["incident_type"] == ["racism"]


def test_sending_a_page_again_changes_nothing(reporter):
    for where, data in ANONYMOUS.items():
        assert place(reporter.post(where, data), reporter) == place(reporter.post(where, data), reporter)
    assert Draft.objects.count() == 1


def test_without_a_draft_every_later_address_leads_to_the_beginning(reporter):
    for where in [*STEPS, "check", "receipt"]:
        assert place(reporter.get(where), reporter) == ""
    assert place(reporter.post("check"), reporter) == ""
    assert Report.objects.count() == 0


def test_an_address_that_is_no_step_is_not_found(reporter):
    assert reporter.get("nowhere").status_code == 404
    assert reporter.post("nowhere").status_code == 404
    assert reporter.get("how/more").status_code == 404


def test_a_step_cannot_be_looked_at_before_a_required_one_is_answered(reporter):
    reporter.post("", {"device": "own"})
    assert place(reporter.get("you"), reporter) == "how"
    assert place(reporter.get("check"), reporter) == "how"
    reporter.post("how", {"route": "anonymous"})
    assert reporter.get("you").status_code == 200
    assert place(reporter.get("check"), reporter) == "what"
    assert place(reporter.send(), reporter) == "what"
    assert Report.objects.count() == 0


def test_words_posted_out_of_turn_are_kept_and_lead_to_what_is_missing(reporter):
    reporter.post("", {"device": "own"})
    response = reporter.post("what", {"account": "Out of turn", "incident_type": ["racism"]})
    assert place(response, reporter) == "how"
    reporter.post("how", {"route": "anonymous"})
    assert reporter.form("what").values["account"] == ["Out of turn"]


def test_words_posted_after_the_draft_was_cleared_begin_a_new_one(reporter):
    reporter.go_through(until="what")
    Draft.objects.all().delete()
    response = reporter.post("what", {"account": "Took me an hour to write", "incident_type": ["racism"]})
    assert place(response, reporter) == "?kept=1"
    assert "What you last wrote is kept." in reporter.form("", kept="1").text
    reporter.go_through(until="what")
    assert reporter.form("what").values["account"] == ["Took me an hour to write"]


def test_a_mistake_after_the_draft_was_cleared_gives_the_words_back(reporter):
    response = reporter.post("what", {"account": "Took me an hour to write"})
    assert response.status_code == 200
    assert Form(response.content.decode()).values["account"] == ["Took me an hour to write"]


def test_a_cleared_draft_is_told_of_at_the_beginning(reporter):
    reporter.go_through(until="what")
    Draft.objects.all().delete()
    assert "Your answers are not here any more." in reporter.form().text
    assert "Your answers are not here any more." not in Reporter(reporter.url).form().text


def test_a_draft_is_offered_again_at_the_beginning_where_it_was_left(reporter):
    reporter.go_through(until="when")
    page = reporter.get().content.decode()
    assert "You have begun a report in this browser." in page
    assert f'<a href="{reporter.address("when")}">Go on where you were</a>' in page


def test_each_answer_can_be_changed_from_the_check_and_leads_back_to_it(reporter):
    reporter.go_through()
    page = reporter.get("check").content.decode()
    assert f'href="{reporter.address("evidence")}?return=check#id_witnesses"' in page
    form = reporter.form("evidence", **{"return": "check"})
    assert form.values["return"] == ["check"]
    response = reporter.post("evidence", {"witnesses": "Two friends", "return": "check"})
    assert place(response, reporter) == "check"
    assert "Two friends" in reporter.form("check").text


def test_a_change_that_brings_up_a_step_leads_there_and_then_back_to_the_check(reporter):
    wellbeing = {"what": {"incident_type": ["wellbeing"]}}
    steps = {where: data for where, data in ANONYMOUS.items() if where != "why"}
    reporter.go_through(steps, **wellbeing)
    assert "Do you think it was about any of these?" not in reporter.form("check").text
    response = reporter.post("what", {"account": "x", "incident_type": ["racism"], "return": "check"})
    assert place(response, reporter) == "why?return=check"
    assert place(reporter.post("why", {"return": "check"}), reporter) == "check"


def test_a_change_that_brings_up_a_question_on_a_step_gone_through_before_leads_there(reporter):
    reporter.go_through()
    changed = {"reporter_role": "on_behalf", "consent": "yes", "return": "check"}
    assert place(reporter.post("you", changed), reporter) == "you?more=1&return=check"
    assert place(reporter.post("you", changed), reporter) == "check"


def test_a_question_brought_up_on_the_same_step_is_asked_before_going_on(reporter):
    reporter.go_through(until="you")
    response = reporter.post("you", {"reporter_role": "on_behalf"})
    assert place(response, reporter) == "you?more=1"
    page = reporter.form("you", more="1")
    assert "there is something more to ask on this page" in page.text
    assert "Does the person know and agree that you pass this on?" in page.text
    assert place(reporter.post("you", {"reporter_role": "on_behalf"}), reporter) == "what"


def test_an_answer_hidden_by_a_later_change_is_not_sent(reporter):
    reporter.go_through(you={"reporter_role": "self"}, since={"impact": ["safety"]})
    assert "impact" in str(reporter.get("check").content)
    reporter.post("you", {"reporter_role": "witness"})
    reporter.send()
    assert "impact" not in sent()


def test_a_forged_answer_to_a_question_that_is_not_asked_is_ignored(reporter):
    reporter.go_through(
        how={"route": "anonymous", "contact-email": "forged@northbridge.example", "account": "forged"},
        what={"observations": "forged", "account": "mine", "incident_type": ["racism"]},
        about={
            "contact-name": "forged",
            "contact-email": "forged@northbridge.example",
            "unheard_of": "forged",
        },
    )
    reporter.send()
    assert "forged" not in str(sent())


def test_a_forged_choice_or_reader_is_refused_and_the_rest_comes_back(reporter):
    reporter.go_through(until="how")
    response = reporter.post(
        "how", {"route": "pigeon", "must_not_see": ["person-x"], "must_not_see-other": "Pat"}
    )
    page = Form(response.content.decode())
    assert response.status_code == 200
    assert page.text.count("Choose one of the answers in the list.") == 2
    assert page.values["must_not_see-other"] == ["Pat"]
    assert place(reporter.get("you"), reporter) == "how"


def test_the_form_of_a_step_with_a_mistake_says_so_in_its_title_and_links_to_the_input(reporter):
    reporter.go_through(until="what")
    response = reporter.post("what", {"account": "Words", "incident_type": []})
    html = response.content.decode()
    assert "<title>Northbridge services: Error: What happened</title>" in html
    assert '<a href="#id_incident_type">Choose at least one answer to go on.' in html
    assert 'id="id_incident_type-error"' in html
    assert Form(html).values["account"] == ["Words"]


def test_everything_a_page_refers_to_is_on_it_once(reporter):
    reporter.go_through(how={"route": "meeting"}, until="about")
    for where in ["", *STEPS]:
        for response in (
            reporter.get(where),
            reporter.post(where, {"contact-email": "x", "occurred-date": "x"}),
        ):
            if response.status_code == 200:
                page = Form(response.content.decode())
                assert set(page.references) <= set(page.ids), where
                assert len(page.ids) == len(set(page.ids)), where


def test_a_megabyte_of_text_comes_back_with_what_to_do_and_is_not_saved(reporter):
    reporter.go_through(until="what")
    text = "wort " * 209_715
    response = reporter.post("what", {"account": text, "incident_type": ["racism"]})
    page = Form(response.content.decode())
    assert "there is room for 100,000" in page.text
    assert page.values["account"] == [text]
    assert reporter.form("what").values["account"] == [""]


def test_one_more_person_is_asked_for_where_the_empty_fields_are(reporter):
    reporter.go_through(until="who")
    response = reporter.post("who", {"reported_people-0-name": "Alex", "again": "1"})
    assert place(response, reporter) == "who#id_reported_people-1-name"
    assert reporter.form("who").values["reported_people-0-name"] == ["Alex"]


def test_two_tabs_on_different_steps_keep_both(reporter):
    reporter.go_through(until="what")
    other = Reporter(reporter.url)
    other.client.cookies["visit"] = reporter.cookie().value
    reporter.post("what", {"account": "From one tab", "incident_type": ["racism"]})
    other.post("evidence", {"witnesses": "From the other"})
    page = reporter.form("check").text
    assert ("From one tab" in page, "From the other" in page) == (True, True)


def test_of_two_tabs_on_one_step_the_later_stands(reporter):
    reporter.go_through(until="evidence")
    other = Reporter(reporter.url)
    other.client.cookies["visit"] = reporter.cookie().value
    for browser, words in ((reporter, "first"), (other, "second"), (reporter, "third")):
        browser.post("evidence", {"witnesses": words})
    assert other.form("evidence").values["witnesses"] == ["third"]


def test_danger_shows_the_emergency_numbers_on_the_next_pages(reporter, danger_line):
    reporter.go_through(until="what")
    assert "999" not in reporter.form("what").text
    reporter.post("you", {"danger_now": "yes"})
    assert "999" in reporter.form("what").text
    assert reporter.form("").text.count("999") == 1


@pytest.fixture
def danger_line(db):
    from wagtail_harassment.signposting.models import SupportService

    SupportService.objects.create(name="Police", for_what="Danger", phone="999", in_emergency=True, live=True)


def test_the_form_changed_meanwhile_is_finished_as_it_was_begun(reporter, form_page):
    reporter.go_through(until="what")
    begun = FormVersion.objects.get()
    form_page.steps[3].value["items"][0].value["label"] = "What went on?"
    form_page.save_revision().publish()
    assert FormVersion.objects.count() == 2
    assert "What went on?" not in reporter.form("what").text
    reporter.go_through()
    reporter.send()
    assert Report.objects.get().form_version_id == begun.pk
    account = read_account(Report.objects.get())
    assert "What happened?" in [entry.label for step in account.steps for entry in step.entries]
    fresh = Reporter(reporter.url)
    fresh.go_through(until="what")
    assert "What went on?" in fresh.form("what").text


def test_a_form_unpublished_meanwhile_can_be_finished_and_is_gone_for_newcomers(reporter, form_page):
    reporter.go_through(until="what")
    form_page.unpublish()
    assert Reporter(reporter.url).get().status_code == 404
    assert Reporter(reporter.url).post("", {"device": "shared"}).status_code == 404
    reporter.go_through()
    assert place(reporter.send(), reporter) == "receipt"
    assert reporter.form("receipt").text.count("Your report was sent") == 1
    assert Report.objects.count() == 1


def test_a_made_up_cookie_opens_nothing_on_an_unpublished_form(reporter, form_page):
    form_page.unpublish()
    reporter.client.cookies["visit"] = "x" * 43
    assert reporter.get().status_code == 404


def test_a_form_moved_meanwhile_takes_the_reporter_and_their_words_along(reporter, form_page):
    reporter.go_through(until="what")
    form_page.slug = "tell-us"
    form_page.save_revision().publish()
    moved = ReportFormPage.objects.get(pk=form_page.pk).url
    response = reporter.post("what", {"account": "On the way", "incident_type": ["racism"]})
    assert (response.status_code, response["Location"]) == (307, f"{moved}what/")
    assert response.cookies["visit"]["path"] == moved
    followed = Reporter(moved)
    followed.client.cookies["visit"] = response.cookies["visit"].value
    assert (
        place(followed.post("what", {"account": "On the way", "incident_type": ["racism"]}), followed)
        == "when"
    )


def test_a_form_deleted_meanwhile_says_so_and_gives_the_words_back(reporter, form_page):
    reporter.go_through(until="what")
    form_page.delete()
    response = reporter.post("what", {"account": "Words <b>of mine</b>", "incident_type": ["racism"]})
    page = Form(response.content.decode())
    assert response.status_code == 410
    assert "Nothing was sent." in page.text
    assert page.values["account"] == ["Words <b>of mine</b>"]
    assert reporter.get("what").status_code == 410


def test_deleting_the_page_deletes_no_report_and_no_version(reporter, form_page):
    reporter.go_through()
    reporter.send()
    form_page.delete()
    assert (Report.objects.count(), FormVersion.objects.count()) == (1, 1)
    assert sent()["account"] == "They shouted at me in the foyer."


def test_a_draft_of_another_form_is_not_opened(reporter, landing):
    other = landing.add_child(instance=ReportFormPage(title="Other", slug="other"))
    other.save_revision().publish()
    reporter.go_through(until="what")
    stranger = Reporter(other.url)
    stranger.client.cookies["visit"] = reporter.cookie().value
    assert place(stranger.get("what"), stranger) == ""
    assert place(stranger.send(), stranger) == ""


@pytest.mark.parametrize("method", ["put", "delete", "patch", "trace"])
def test_other_methods_are_refused(reporter, method):
    assert getattr(reporter.client, method)(reporter.address("how")).status_code == 405


def test_options_changes_nothing(reporter):
    reporter.go_through(until="you")
    assert reporter.client.options(reporter.address("leave")).status_code in (200, 405)
    assert Draft.objects.count() == 1


def test_head_answers_like_get_without_a_body(reporter):
    response = reporter.client.head(reporter.address(""))
    assert (response.status_code, response.content) == (200, b"")


def test_every_answer_is_kept_in_no_cache_and_posts_are_not_sent_with_a_null_origin(reporter, form_page):
    reporter.go_through(until="when")
    answers = [reporter.get(where) for where in ("", "how", "check", "receipt")]
    answers += [reporter.post("how", {}), reporter.post("how", {"route": "anonymous"})]
    for response in answers:
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Robots-Tag"] == "noindex"
        assert 'name="referrer"' not in response.content.decode()


def test_a_form_without_its_token_is_refused_and_with_it_is_taken(form_page):
    browser = Reporter(form_page.url, enforce_csrf_checks=True)
    token = browser.form().values["csrfmiddlewaretoken"][0]
    assert browser.post("", {"device": "own"}).status_code == 403
    response = browser.post(
        "", {"device": "own", "csrfmiddlewaretoken": token}, headers={"origin": "http://testserver"}
    )
    assert place(response, browser) == "how"


# Leaving


def test_leaving_a_shared_device_leaves_nothing(reporter):
    reporter.go_through(until="when")
    response = reporter.get("leave")
    assert response["Location"] == "https://www.bbc.co.uk/weather"
    assert response.cookies["visit"]["max-age"] == 0
    assert response.cookies["visit"]["path"] == reporter.url
    assert Draft.objects.count() == 0


def test_leaving_ones_own_device_keeps_the_draft(reporter):
    reporter.go_through(until="when", start={"device": "own"})
    assert reporter.get("leave").cookies["visit"]["max-age"] == ""
    assert place(reporter.post("", {"journey": "resume"}), reporter) == "when"
    assert reporter.form("what").values["account"] == ["They shouted at me in the foyer."]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
    ],
)
def test_a_browser_that_looks_ahead_destroys_nothing(reporter, headers):
    reporter.go_through(until="when")
    assert reporter.client.get(reporter.address("leave"), headers=headers).status_code == 204
    assert reporter.client.head(reporter.address("leave")).status_code == 204
    assert Draft.objects.count() == 1


def test_leaving_works_without_a_draft(reporter):
    assert reporter.get("leave")["Location"] == "https://www.bbc.co.uk/weather"


# The receipt


def test_the_receipt_is_shown_again_until_it_is_taken(reporter):
    reporter.go_through()
    reporter.send()
    reference = Report.objects.get().reference
    for where in ("receipt", "receipt"):
        assert f'data-reference="{reference}"' in reporter.get(where).content.decode()
    for where in ("", "how", "check"):
        assert place(reporter.get(where), reporter) == "receipt"
    assert place(reporter.send(), reporter) == "receipt"
    response = reporter.post("receipt")
    assert response["Location"] == "/report-support/"
    assert response.cookies["visit"]["max-age"] == 0
    assert Draft.objects.count() == 0
    assert place(reporter.get("receipt"), reporter) == ""
    assert Report.objects.count() == 1


def test_the_browsers_history_does_not_tell_that_a_report_was_sent(reporter):
    reporter.go_through()
    reporter.send()
    assert "<title>Northbridge services: Thank you</title>" in reporter.get("receipt").content.decode()


def test_the_receipt_offers_services_for_what_was_reported(reporter):
    from wagtail_harassment.institution.models import Term
    from wagtail_harassment.signposting.models import SupportService

    for name, topic in (("Race Equality Line", "racism"), ("Stalking Line", "stalking")):
        service = SupportService(name=name, for_what="Talk", phone="01632 960000", live=True)
        service.save()
        service.topics.add(Term.objects.get(vocabulary="incident_type", code=topic))
        service.save()
    reporter.go_through()
    reporter.send()
    page = reporter.form("receipt").text
    assert ("Race Equality Line" in page, "Stalking Line" in page) == (True, False)


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("anonymous", "You gave no name"),
        ("record", "keeps it on record"),
        ("meeting", "to find a time to talk"),
    ],
)
def test_the_receipt_says_what_happens_next_on_each_route(reporter, route, expected):
    reporter.go_through(how={"route": route}, about={"contact-email": "maya@northbridge.example"})
    reporter.send()
    assert expected in reporter.form("receipt").text


# People who are signed in


def test_a_member_of_staff_can_mark_a_test(reporter, staff):
    reporter.client.force_login(staff)
    reporter.go_through()
    assert "This is a test" in reporter.form("check").text
    reporter.post("check", {"is_test": "1"})
    assert read_account(Report.objects.get()).is_test is True
    assert "Your test report was sent" in reporter.form("receipt").text


def test_a_student_cannot_mark_a_test(reporter):
    student = get_user_model().objects.create_user("student", "student@northbridge.example", "x")
    reporter.client.force_login(student)
    reporter.go_through()
    assert "This is a test" not in reporter.form("check").text
    reporter.post("check", {"is_test": "1"})
    assert read_account(Report.objects.get()).is_test is False


def test_who_is_signed_in_stands_nowhere_in_a_report(reporter):
    student = get_user_model().objects.create_user(
        "u7731995",
        "quillfeather@northbridge.example",
        "x",
        first_name="Zebediah",
        last_name="Quillfeather",
        pk=7731995,
    )
    reporter.client.force_login(student)
    reporter.go_through()
    reporter.send()
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("auth_user", "django_session")):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str(cursor.fetchall())
            found += [table for word in ("7731995", "uillfeather", "Zebediah") if word in text]
    assert found == []
    account = read_account(Report.objects.get())
    assert "uillfeather" not in str(account.answers) + str(account.steps)


# Hostile words

HOSTILE = (
    "</textarea><script>alert(1)</script>{{ settings.SECRET_KEY }}"
    '{% now "Y" %}"><img src=x onerror=alert(1)>=cmd|1'
)


def test_words_that_look_like_code_are_shown_as_words(reporter):
    reporter.go_through(
        how={"route": "meeting", "must_not_see-other": HOSTILE},
        what={"account": HOSTILE, "incident_type": ["racism"]},
        when={"occurred-detail": HOSTILE, "place-detail": HOSTILE},
        who={"reported_people-0-name": HOSTILE, "reported_people-0-description": HOSTILE},
        evidence={"witnesses": HOSTILE},
        about={"contact-safe": HOSTILE, "contact-name": HOSTILE},
    )
    pages = [reporter.get(where) for where in ("how", "what", "when", "who", "evidence", "about", "check")]
    pages.append(reporter.post("about", {"contact-email": HOSTILE, "contact-name": HOSTILE}))
    for response in pages:
        html = re.sub(r'<script src="/static/wagtail_harassment/\w+\.js"', "", response.content.decode())
        assert response.status_code == 200
        assert ("<script" in html, "<img src=x" in html) == (False, False)
        assert "{{ settings.SECRET_KEY }}" in html
    assert reporter.form("what").values["account"] == [HOSTILE]
    assert reporter.form("who").values["reported_people-0-name"] == [HOSTILE]
    reporter.send()
    assert sent()["account"] == HOSTILE


def test_a_page_made_live_without_publishing_is_asked_as_it_stands(landing):
    landing.add_child(instance=ReportFormPage(title="Quiet", slug="quiet"))
    assert FormVersion.objects.count() == 0
    browser = Reporter(Page.objects.get(slug="quiet").url)
    assert "Step 1 of 10" in browser.form().text
    assert FormVersion.objects.count() == 1


def test_the_cookie_is_for_this_session_and_this_form_only(form_page):
    browser = Reporter(form_page.url)
    response = browser.client.post(form_page.url, {"journey": "start", "device": "shared"}, secure=True)
    cookie = response.cookies["visit"]
    assert {
        name: cookie[name]
        for name in ("httponly", "samesite", "path", "secure", "max-age", "expires", "domain")
    } == {
        "httponly": True,
        "samesite": "Lax",
        "path": form_page.url,
        "secure": True,
        "max-age": "",
        "expires": "",
        "domain": "",
    }


def test_no_session_is_made_for_a_reporter(reporter):
    reporter.go_through()
    reporter.send()
    reporter.get("receipt")
    assert sorted(reporter.client.cookies) == ["csrftoken", "visit"]


def test_a_client_that_keeps_no_cookies_gets_nowhere_and_nowhere_else(form_page):
    assert place(Client().get(form_page.url + "check/"), Reporter(form_page.url)) == ""

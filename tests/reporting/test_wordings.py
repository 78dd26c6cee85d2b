"""Whom it happened to chooses the words of what is asked afterwards: on the page, before sending, for good."""

from __future__ import annotations

import pytest

from tests.reporting.browser import ANONYMOUS, Reporter, place
from wagtail_harassment.reporting import flow, versions
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.models import FormVersion, Report

ROLES = ("self", "other_knows", "other_unaware", "witness", "group", "on_behalf")
ASKED = {
    "self": "What happened?",
    "other_knows": "What happened to them?",
    "other_unaware": "What happened to them?",
    "witness": "What did you see or hear?",
    "group": "What happened to you, or to others in the group?",
    "on_behalf": "What did they tell you?",
}


@pytest.mark.parametrize("role", ROLES)
def test_what_is_asked_summed_up_and_kept_is_in_the_same_words(reporter, role):
    reporter.go_through(you={"reporter_role": role})
    assert ASKED[role] in reporter.form("what").text
    assert ASKED[role] in reporter.form("check").text
    reporter.send()
    account = read_account(Report.objects.get())
    labels = {entry.code: entry.label for step in account.steps for entry in step.entries}
    assert labels["account"] == ASKED[role]


def test_whoever_skips_whom_it_happened_to_is_asked_in_plain_words(reporter):
    reporter.go_through(you={"reporter_role": ""})
    assert "What happened?" in reporter.form("what").text


@pytest.mark.parametrize("role", ["other_knows", "other_unaware", "on_behalf"])
def test_nobody_who_speaks_for_another_is_asked_about_themselves_as_if_it_were_them(form_page, role):
    definition = versions.frozen(FormVersion.objects.get().pk)
    asked = flow.applicable(definition, {"route": "record", "reporter_role": role})
    words = {code: question["label"] for code, question in asked.items()}
    assert "impact" not in words
    assert words["still_contact"] == "Might the person it happened to have to see them?"
    assert words["wanted"] == "What would help them?"
    assert "not those of the person" in asked["contact"]["help"]


def test_the_two_boxes_of_a_member_of_staff_are_apart_and_what_is_theirs_to_give_is_asked(reporter):
    you = {"reporter_role": "on_behalf", "consent": "yes"}
    contact = {"contact-name": "Dr Okafor", "contact-email": "okafor@northbridge.example"}
    reporter.go_through(how={"route": "record"}, you={"reporter_role": "on_behalf"}, about=contact)
    reporter.post("you", you)
    reporter.post(
        "what",
        {"account": "“He reads my messages.”", "observations": "Tired.", "incident_type": ["not_sure"]},
    )
    assert "How can we reach you, the member of staff?" in reporter.form("about").text
    reporter.send()
    answers = read_account(Report.objects.get()).answers
    assert (answers["account"], answers["observations"], answers["consent"]) == (
        "“He reads my messages.”",
        "Tired.",
        "yes",
    )


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"reporter_role": "on_behalf", "consent": "unaware"}, "They do not know that you pass this on."),
        (
            {"reporter_role": "other_knows", "consent": "knows_disagrees"},
            "They do not agree that you pass this on.",
        ),
        ({"reporter_role": "other_unaware"}, "They do not know that you report this."),
    ],
)
def test_without_consent_one_reads_what_to_leave_out_before_one_writes(reporter, answers, said):
    reporter.go_through(until="you")
    reporter.post("you", {"reporter_role": answers["reporter_role"]})
    response = reporter.post("you", answers)
    if "consent" in answers:
        assert place(response, reporter) == "you?said=1"
    page = reporter.form("you").text
    assert said in page
    assert "Please leave out what would tell us who they are" in page
    assert place(reporter.post("you", answers), reporter) == "what"


@pytest.mark.parametrize("consent", ["yes", "prefer_not_to_say"])
def test_with_consent_nothing_more_is_said(reporter, consent):
    reporter.go_through(until="you")
    reporter.post("you", {"reporter_role": "on_behalf"})
    response = reporter.post("you", {"reporter_role": "on_behalf", "consent": consent})
    assert place(response, reporter) == "what"
    assert "Please leave out" not in reporter.form("you").text


def test_consent_given_before_is_there_again_when_it_is_asked_again(reporter):
    reporter.go_through(until="you")
    for answers in (
        {"reporter_role": "on_behalf"},
        {"reporter_role": "on_behalf", "consent": "yes"},
        {"reporter_role": "self"},
        {"reporter_role": "on_behalf"},
    ):
        reporter.post("you", answers)
    assert reporter.form("you").values["consent"] == ["yes"]


def test_the_words_on_a_page_that_is_refused_fit_what_was_answered_before(reporter):
    reporter.go_through(until="what", you={"reporter_role": "witness"})
    response = reporter.post("what", {"account": "Seen"})
    assert response.status_code == 200
    assert "What did you see or hear?" in response.content.decode()


def test_words_depend_on_answers_that_count_and_on_no_hidden_one():
    hidden = {"question": "q0", "operator": "is", "values": ["a"]}
    other = {"question": "q1", "values": ["b"], "label": "Other", "help": "Why"}
    definition = {
        "language": "en-gb",
        "steps": [
            {"code": "s", "title": "", "items": [plain("q0"), plain("q1", only_if=[hidden])]},
            {"code": "t", "title": "", "items": [plain("q2", wordings=[other])]},
        ],
    }
    words = [flow.applicable(definition, {"q0": first, "q1": "b"})["q2"]["label"] for first in ("a", "b")]
    assert words == ["Other", "q2"]


def plain(code, **more):
    return {
        "code": code,
        "kind": "one_choice",
        "label": code,
        "help": "",
        "required": False,
        "only_if": [],
        "choices": [{"code": each, "label": each, "hint": ""} for each in "ab"],
    } | more


def test_of_two_wordings_that_fit_the_first_is_used():
    wordings = [
        {"question": "q0", "values": ["a"], "label": "First", "help": ""},
        {"question": "q0", "values": ["a", "b"], "label": "Second", "help": ""},
    ]
    asked = {"q0": plain("q0")}
    question = plain("q1", wordings=wordings)
    assert [flow.worded(question, asked, {"q0": code})["label"] for code in "ab"] == ["First", "Second"]
    assert flow.worded(question, asked, {}) == question


def test_every_draft_in_flight_keeps_the_words_it_began_with(form_page):
    begun = Reporter(form_page.url)
    begun.go_through(until="what", you={"reporter_role": "witness"})
    account = next(item for item in form_page.steps[3].value["items"] if item.value["code"] == "account")
    account.value["wordings"][1]["label"] = "What did you witness?"
    form_page.save_revision().publish()
    fresh = Reporter(form_page.url)
    fresh.go_through(until="what", you={"reporter_role": "witness"})
    assert "What did you see or hear?" in begun.form("what").text
    assert "What did you witness?" in fresh.form("what").text
    begun.go_through({"what": ANONYMOUS["what"]})
    begun.send()
    entries = [entry for step in read_account(Report.objects.get()).steps for entry in step.entries]
    assert "What did you see or hear?" in [entry.label for entry in entries]

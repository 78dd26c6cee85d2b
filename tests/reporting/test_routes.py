"""The four ways to report: what is said of each before anything is asked, and changing one's mind."""

from __future__ import annotations

import pytest

from tests.reporting.browser import ANONYMOUS, Form, Reporter, place
from tests.reporting.test_editing import Desk
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.blocks import CORE_CHOICES, ROUTES
from wagtail_harassment.reporting.models import Draft, FormVersion, Report

LABELS = {code: str(label) for code, label, _hint in CORE_CHOICES["route"]}


def strip(reporter: Reporter, where: str) -> str:
    """What stands above a page's title about the route; empty where there is no such thing."""
    html = reporter.get(where).content.decode()
    _before, found, rest = html.partition('<div class="wh-route"')
    return " ".join(Form(found + rest.partition("</div>")[0]).text.split()) if found else ""


def test_every_way_says_who_reads_it_and_what_happens_next_before_it_is_chosen(reporter):
    reporter.go_through(until="how")
    page = reporter.form("how").text
    for code, (who, then) in ROUTES.items():
        assert f"{LABELS[code]}{who} {then}" in page, code
    assert "If you lose the code, nobody can recover it." in page


@pytest.mark.parametrize("route", ROUTES)
def test_every_later_page_says_it_again_above_its_title(reporter, route):
    reporter.go_through(until="you", how={"route": route})
    who, then = ROUTES[route]
    for where in ("you", "what", "when", "who", "evidence", "since"):
        if where == "when":
            reporter.post("what", ANONYMOUS["what"])
        html = reporter.get(where).content.decode()
        assert strip(reporter, where) == f"Continue {LABELS[route]}. {who} {then} Change how you report"
        assert html.index("wh-route") < html.index("<h1>")


def test_no_page_before_the_route_and_not_the_routes_own_speaks_of_one(reporter):
    reporter.go_through(until="what")
    assert (strip(reporter, ""), strip(reporter, "how")) == ("", "")


def test_going_to_change_the_route_takes_along_what_was_typed_and_comes_back_to_it(reporter):
    reporter.go_through(until="what")
    response = reporter.post("what", {"account": "Half a sentence", "change": "route"})
    assert place(response, reporter) == "how?return=what#id_route"
    form = reporter.form("how", **{"return": "what"})
    assert (form.values["route"], form.values["return"]) == (["anonymous"], ["what"])
    response = reporter.post("how", {"route": "record", "return": "what"})
    assert place(response, reporter) == "what"
    assert reporter.form("what").values["account"] == ["Half a sentence"]
    assert strip(reporter, "what").startswith(f"Continue {LABELS['record']}.")


def test_what_is_wrong_on_a_page_is_said_before_going_to_change_the_route(reporter):
    reporter.go_through(until="when")
    response = reporter.post("when", {"occurred-date": "last week", "change": "route"})
    assert response.status_code == 200
    assert Form(response.content.decode()).values["occurred-date"] == ["last week"]


def test_changing_the_route_on_the_way_back_to_the_check_goes_on_to_the_check(reporter):
    reporter.go_through()
    response = reporter.post("evidence", {"witnesses": "Two friends", "return": "check", "change": "route"})
    assert place(response, reporter) == "how?return=check#id_route"
    assert (
        place(reporter.post("how", {"route": "meeting", "return": "check"}), reporter) == "about?return=check"
    )
    contact = {"contact-email": "maya@northbridge.example", "return": "check"}
    assert place(reporter.post("about", contact), reporter) == "check"
    assert "Two friends" in reporter.form("check").text


@pytest.mark.parametrize(
    "made_up", ["https://elsewhere.example/", "//elsewhere.example", "receipt", "nowhere"]
)
def test_the_way_back_is_a_step_or_the_check_and_nothing_else(reporter, made_up):
    reporter.go_through(until="you")
    assert place(reporter.post("how", {"route": "record", "return": made_up}), reporter) == "you"


def test_from_one_route_to_another_and_back_nothing_is_lost(reporter):
    reporter.go_through(how={"route": "record"}, about={"contact-email": "maya@northbridge.example"})
    for route in ("anonymous", "meeting", "keep", "record"):
        reporter.post("how", {"route": route})
    assert reporter.form("about").values["contact-email"] == ["maya@northbridge.example"]
    assert reporter.form("what").values["account"] == ["They shouted at me in the foyer."]


@pytest.mark.parametrize(("route", "there"), [("anonymous", True), ("record", False), ("keep", False)])
def test_only_without_a_name_one_is_asked_whether_we_may_write_here(reporter, route, there):
    about = {"contact-email": "maya@northbridge.example"}
    reporter.go_through(how={"route": route}, about=about)
    response = reporter.get("about")
    assert (response.status_code == 200 and "May we write to you here?" in response.content.decode()) is there


def test_whether_we_may_write_is_in_the_first_account(reporter):
    reporter.go_through(about={"messages": "yes"})
    reporter.send()
    assert read_account(Report.objects.get()).answers["messages"] == "yes"


# Write now, decide later


def test_keeping_asks_for_no_more_than_the_route(reporter):
    reporter.go_through({"": {"device": "own"}, "how": {"route": "keep"}})
    for where in ("you", "what", "when", "why", "who", "evidence", "since"):
        assert reporter.post(where, {}).status_code == 302, where
    assert reporter.get("check").status_code == 200


def test_an_optional_question_says_that_it_is_one_on_the_route_that_makes_it_so(reporter):
    reporter.go_through(until="what")
    assert "What best describes it? (optional)" not in reporter.form("what").text
    reporter.post("how", {"route": "keep"})
    assert "What best describes it? (optional)" in reporter.form("what").text


def test_whoever_decides_to_send_is_asked_for_what_is_missing_and_comes_back_to_the_check(reporter):
    reporter.go_through({"": {"device": "own"}, "how": {"route": "keep"}, "what": {"account": "Kept words"}})
    for where in ("you", "when", "why", "who", "evidence", "since"):
        reporter.post(where, {})
    response = reporter.post("how", {"route": "record", "return": "check"})
    assert place(response, reporter) == "what?return=check"
    response = reporter.post(
        "what", {"account": "Kept words", "incident_type": ["racism"], "return": "check"}
    )
    assert place(response, reporter) == "about?return=check"
    contact = {"contact-phone": "01632 960111", "return": "check"}
    assert place(reporter.post("about", contact), reporter) == "check"
    assert "Kept words" in reporter.form("check").text


def test_a_name_alone_given_while_keeping_is_not_enough_to_be_met(reporter, desk):
    desk.question("contact")["only_if"] = []
    assert desk.publish().status_code == 302
    reporter.go_through({"": {"device": "own"}, "how": {"route": "keep"}, "what": ANONYMOUS["what"]})
    assert place(reporter.post("about", {"contact-name": "Maya"}), reporter) == "check"
    reporter.post("how", {"route": "meeting"})
    assert place(reporter.get("check"), reporter) == "about"
    assert reporter.form("about").values["contact-name"] == ["Maya"]


# In the editor's words


@pytest.fixture
def desk(editor, form_page):
    return Desk(editor, form_page)


def test_an_editor_rewords_who_reads_it_and_what_happens_next(reporter, desk):
    ours = {"label": "Please call me", "hint": "", "who": "Two people read it.", "next": ""}
    desk.question("route")["choices"] = [{"code": "meeting", **ours}]
    assert desk.publish().status_code == 302
    reporter.go_through(until="you", how={"route": "meeting"})
    said = f"Please call me. Two people read it. {ROUTES['meeting'][1]}"
    assert strip(reporter, "you") == f"Continue {said} Change how you report"


def test_a_draft_begun_before_routes_said_more_goes_on(reporter, form_page):
    old = FormVersion.objects.get()
    definition = old.definition
    for step in definition["steps"]:
        for item in step["items"]:
            item.pop("wordings", None)
            for choice in item.get("choices", []):
                choice.pop("who", None)
                choice.pop("next", None)
    FormVersion.objects.create(
        page=form_page.pk, number=2, digest="old", definition=definition, day="2026-11-23"
    )
    reporter.go_through()
    said = "What you write can still tell us who you are, so leave out what would."
    assert strip(reporter, "you") == f"Continue {LABELS['anonymous']}. {said} Change how you report"
    assert place(reporter.send(), reporter) == "receipt"
    assert Report.objects.get().form_version.number == 2
    assert Draft.objects.count() == 1
